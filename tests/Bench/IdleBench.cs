using System.Diagnostics;
using System.Globalization;
using Images.Lab.Machines;

namespace Images.Bench;

/// <summary>What the agent uses of this host when nothing happens: the program itself beside a real control plane.</summary>
/// <remarks>Its tests know how to start both, so one of them measures.</remarks>
/// <param name="repository">Its tests are built.</param>
/// <param name="work">Folder for what they write.</param>
/// <param name="peers">What the agent is compared with.</param>
internal sealed class IdleBench(string repository, string work, AgentPeers peers)
{
    private const double ProcessorAim = 0.2, MemoryAim = 30, HostAim = 2;

    private static readonly TimeSpan _settling = TimeSpan.FromMinutes(1);

    public IEnumerable<Measured> Run()
    {
        string result = Path.Combine(work, "agent-at-rest");
        File.Delete(result);
        Timed.Seconds(
            "env", $"IMAGES_MEASURED={result}", $"IMAGES_AGENT={BakedImage.Artifacts}/bootstrapper/bootstrapper",
            "dotnet", "test", Path.Combine(repository, "tests/Bootstrapper.Tests/Bootstrapper.Tests.csproj"), "-c", "Release", "--no-build", "--nologo", "--filter", "FullyQualifiedName~AgentAtRest");
        double[] measured = [.. File.ReadAllLines(result).Select(line => double.Parse(line, CultureInfo.InvariantCulture))];
        const string Where = "the published bootstrapper as the agent of etcd and master, beside the etcd, API server, controller manager, scheduler and kube-proxy of the bake, in a network of their own; "
            + "systemctl is this host's, which finds no systemd there and says so at once, and in systemd-resolved's place something answers at once";
        (double percent, double agent) = (measured[0] * 100, measured[1]);
        yield return AtMost("idle processor of the agent", percent, ProcessorAim, "0.00", " %",
            $"of one of this host's cores, the programs that it starts included, over five minutes, two minutes after all services were ready: {Where}");
        yield return AtMost("resident memory of the agent", agent, MemoryAim, "0.0", " MiB",
            "VmRSS at the end of the row above, two minutes after it gave back what its start needed");
        double plain = ResidentMebibytes(peers.PlainHost), empty = ResidentMebibytes(peers.EmptyHost, "stay");
        yield return Measured.Ratio("resident memory of the agent / of an empty Hosting program, on this host", agent / plain, HostAim,
            string.Create(CultureInfo.InvariantCulture, $"VmRSS {agent:0.0} MiB as above and {plain:0.0} MiB of `Host.CreateApplicationBuilder(args).Build().RunAsync()` a minute after its start, both native programs by the same compiler and linker; the leanest empty one has {empty:0.0} MiB"));
    }

    private static Measured AtMost(string what, double value, double aim, string format, string unit, string how) => new(
        what, value.ToString(format, CultureInfo.InvariantCulture) + unit, $"≤ {aim.ToString(CultureInfo.InvariantCulture)}{unit}", value <= aim, how);

    private static double ResidentMebibytes(params string[] program)
    {
        using Process process = Process.Start(new ProcessStartInfo(program[0], program[1..]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        Thread.Sleep(_settling);
        process.Refresh();
        double resident = process.WorkingSet64 / (double)(1 << 20);
        process.Kill();
        process.WaitForExit();
        return resident;
    }
}
