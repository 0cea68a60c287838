using System.Globalization;
using Images.Lab.Machines;

namespace Images.Bench;

/// <summary>What the agent uses of this host's processor when nothing happens: the program itself beside a real control plane.</summary>
/// <remarks>Its tests know how to start both, so one of them measures.</remarks>
internal sealed class IdleBench(string repository, string work)
{
    private const double Aim = 0.2;

    public Measured Run()
    {
        string result = Path.Combine(work, "agent-at-rest");
        File.Delete(result);
        Timed.Seconds(
            "env", $"IMAGES_MEASURED={result}", $"IMAGES_AGENT={BakedImage.Artifacts}/bootstrapper/bootstrapper",
            "dotnet", "test", Path.Combine(repository, "tests/Bootstrapper.Tests/Bootstrapper.Tests.csproj"), "-c", "Release", "--no-build", "--nologo", "--filter", "FullyQualifiedName~AgentAtRest");
        double percent = double.Parse(File.ReadAllText(result), CultureInfo.InvariantCulture) * 100;
        return new Measured("idle processor of the agent", string.Create(CultureInfo.InvariantCulture, $"{percent:0.00} %"), $"< {Aim.ToString(CultureInfo.InvariantCulture)} %", percent < Aim,
            "of one of this host's cores, the programs that it starts included, over five minutes, two minutes after all services were ready: "
            + "the published bootstrapper as the agent of etcd and master, beside the etcd, API server, controller manager, scheduler and kube-proxy of the bake, in a network of their own; "
            + "systemctl is this host's, which finds no systemd there and says so at once, and in systemd-resolved's place something answers at once");
    }
}
