using System.Globalization;
using System.Text.RegularExpressions;
using Images.Lab.Machines;
using Images.NodeConfig;
using Images.TestSupport;

namespace Images.Bench;

/// <summary>What the agent of a whole cluster's machine costs, against an empty Hosting program and one that only asks the API.</summary>
/// <param name="one">The machine, with nothing to do.</param>
/// <param name="work">Folder for certificates.</param>
/// <param name="emptyHost">The published empty program.</param>
/// <param name="quietClient">The published program that asks the API.</param>
internal sealed class AgentBench(LoneMachine one, string work, string emptyHost, string quietClient)
{
    private const string Folder = "/tmp/bench";
    private const string Certificates = NodePaths.Pki + "/kubernetes";
    private const int Questions = 300;

    /// <param name="emulatedPercent">Of an emulated core, that the agent uses.</param>
    public IEnumerable<Measured> Run(double emulatedPercent)
    {
        one.Run($"mkdir -p {Folder}");
        foreach (string program in new[] { emptyHost, quietClient })
        {
            one.Machine.Ssh(one.Seeds.SshKey, $"cat > {OnMachine(program)} && chmod +x {OnMachine(program)}", input: File.ReadAllBytes(program));
        }

        yield return Idle(emulatedPercent);
        foreach (Measured row in Resident())
        {
            yield return row;
        }
    }

    /// <summary>One program that does the same on both sides tells how much slower the emulated processor is at what the agent does.</summary>
    private Measured Idle(double emulatedPercent)
    {
        double emulated = Seconds(one.Run($"sudo timeout -s KILL 600 {OnMachine(quietClient)} {Question("127.0.0.1", Certificates, Questions)}"));
        foreach (string file in new[] { "ca.crt", "masters-agent.crt", "masters-agent.key" })
        {
            File.WriteAllText(Path.Combine(work, file), one.Run($"sudo cat {Certificates}/{file}"));
        }

        double native = Seconds(one.Network.Try("sh", "-c", $"timeout -s KILL 600 {quietClient} {Question(LoneMachine.Address, work, Questions)} 2>&1").Output);
        double slower = emulated / native, percent = emulatedPercent / slower;
        return new Measured("idle processor of the agent, reckoned for a native core", string.Create(CultureInfo.InvariantCulture, $"{percent:0.00} %"), "< 0.2 %", percent < 0.2,
            string.Create(CultureInfo.InvariantCulture, $"{emulatedPercent:0.0} % of an emulated core on the machine above, its programs' shares included, divided by {slower:0.0}: so much more processor time an otherwise empty Hosting program takes there than here to ask that machine's API server ten times a second for its Nodes and read the JSON ({emulated / Questions * 1000:0.00} ms and {native / Questions * 1000:0.000} ms a time, mean of {Questions})"));
    }

    /// <summary>All on the same machine at the same time.</summary>
    private IEnumerable<Measured> Resident()
    {
        const string AgentSettings = "$(systemctl show --property Environment --value bootstrapper-agent.service)";
        double empty = ResidentMebibytes($"DOTNET_TieredPGO=0 {OnMachine(emptyHost)} stay");
        string question = $"{OnMachine(quietClient)} {Question("127.0.0.1", Certificates, 0)}";
        double quiet = ResidentMebibytes($"DOTNET_TieredPGO=0 {question}");
        double saving = ResidentMebibytes($"env DOTNET_TieredCompilation=0 {AgentSettings} {question}");
        double agent = Mebibytes(one.Run("sudo cat /proc/$(systemctl show --property MainPID --value bootstrapper-agent.service)/status"));
        const string How = "on the machine above: the agent of etcd, master and worker after some minutes, the other after a minute; both self-contained, trimmed, ReadyToRun, one file";
        yield return Measured.Ratio("resident memory of the agent / of an empty Hosting program", agent / empty, 1.5,
            string.Create(CultureInfo.InvariantCulture, $"VmRSS {agent:0.0} MiB and {empty:0.0} MiB, {How}, the empty one with .NET's settings otherwise"));
        yield return new Measured("resident memory of the agent / of an otherwise empty Hosting program that asks the API", string.Create(CultureInfo.InvariantCulture, $"{agent / quiet:0.00}"), "", null,
            string.Create(CultureInfo.InvariantCulture, $"VmRSS {agent:0.0} MiB and {quiet:0.0} MiB, {How}. It keeps one TLS connection, shows a certificate and reads the JSON of one answer a second; with the agent's settings it has {saving:0.0} MiB, {saving / empty:0.00} times the empty one: below that no agent that follows the API can be"));
    }

    /// <summary>Of a program a minute after its start.</summary>
    private double ResidentMebibytes(string command) => Mebibytes(one.Run(
        $"sudo sh -c '{command} > /dev/null 2>&1 & sleep 60; cat /proc/$!/status; kill -9 $!'"));

    private static double Mebibytes(string status) =>
        double.Parse(Regex.Match(status, @"VmRSS:\s+(\d+) kB").Groups[1].Value, CultureInfo.InvariantCulture) / 1024;

    private static string Question(string server, string certificates, int count) =>
        $"https://{server}:6443/api/v1/nodes {certificates}/ca.crt {certificates}/masters-agent.crt {certificates}/masters-agent.key {count}";

    private static double Seconds(string output) =>
        double.TryParse(output.Trim(), CultureInfo.InvariantCulture, out double seconds) ? seconds : throw new JudgeException($"quiet-client did not say how long it took: '{output}'");

    private static string OnMachine(string program) => $"{Folder}/{Path.GetFileName(program)}";
}
