using System.Globalization;
using System.Text.RegularExpressions;
using Images.Lab.Machines;
using Images.NodeConfig;

namespace Images.Bench;

/// <summary>How much memory the agent of a whole cluster's machine has, against empty Hosting programs and one that only asks the API.</summary>
/// <param name="one">The machine, with nothing to do.</param>
/// <param name="peers">The other programs.</param>
internal sealed class AgentBench(LoneMachine one, AgentPeers peers)
{
    private const string Folder = "/tmp/bench";
    private const string Certificates = NodePaths.Pki + "/kubernetes";
    private const string Question = $"https://127.0.0.1:6443/api/v1/nodes {Certificates}/ca.crt {Certificates}/masters-agent.crt {Certificates}/masters-agent.key";

    public IEnumerable<Measured> Run()
    {
        one.Run($"mkdir -p {Folder}");
        foreach (string program in new[] { peers.EmptyHost, peers.PlainHost, peers.QuietClient })
        {
            one.Machine.Ssh(one.Seeds.SshKey, $"cat > {OnMachine(program)} && chmod +x {OnMachine(program)}", input: File.ReadAllBytes(program));
        }

        const string AgentSettings = "$(systemctl show --property Environment --value bootstrapper-agent.service)";
        double plain = ResidentMebibytes(OnMachine(peers.PlainHost));
        double empty = ResidentMebibytes($"{OnMachine(peers.EmptyHost)} stay");
        string question = $"{OnMachine(peers.QuietClient)} {Question}";
        double quiet = ResidentMebibytes(question);
        double saving = ResidentMebibytes($"env {AgentSettings} {question}");
        double agent = Mebibytes(one.Run("sudo cat /proc/$(systemctl show --property MainPID --value bootstrapper-agent.service)/status"));
        const string How = "on the machine above: the agent of etcd, master and worker after some minutes, the other after a minute", Lean = "both native programs, by the same compiler and linker";
        yield return new Measured("resident memory of the agent / of an empty Hosting program", string.Create(CultureInfo.InvariantCulture, $"{agent / plain:0.00}"), "", null,
            string.Create(CultureInfo.InvariantCulture, $"VmRSS {agent:0.0} MiB and {plain:0.0} MiB, {How}; the empty one is `Host.CreateApplicationBuilder(args).Build().RunAsync()`, published as a native program too and without any other setting"));
        yield return new Measured("resident memory of the agent / of the leanest empty Hosting program", string.Create(CultureInfo.InvariantCulture, $"{agent / empty:0.00}"), "", null,
            string.Create(CultureInfo.InvariantCulture, $"VmRSS {agent:0.0} MiB and {empty:0.0} MiB, {How}; {Lean}, the empty one without configuration and logging, with .NET's settings otherwise"));
        yield return new Measured("resident memory of the agent / of an otherwise empty Hosting program that asks the API", string.Create(CultureInfo.InvariantCulture, $"{agent / quiet:0.00}"), "", null,
            string.Create(CultureInfo.InvariantCulture, $"VmRSS {agent:0.0} MiB and {quiet:0.0} MiB, {How}; {Lean}. It keeps one TLS connection, shows a certificate and reads the JSON of one answer a second; with the agent's settings it has {saving:0.0} MiB, {saving / empty:0.00} times the leanest empty one"));
    }

    /// <summary>Of a program a minute after its start.</summary>
    private double ResidentMebibytes(string command) => Mebibytes(one.Run(
        $"sudo sh -c '{command} > /dev/null 2>&1 & sleep 60; cat /proc/$!/status; kill -9 $!'"));

    private static double Mebibytes(string status) =>
        double.Parse(Regex.Match(status, @"VmRSS:\s+(\d+) kB").Groups[1].Value, CultureInfo.InvariantCulture) / 1024;

    private static string OnMachine(string program) => $"{Folder}/{Path.GetFileName(program)}";
}
