using System.Diagnostics;
using System.Text;
using Images.Bootstrapper.Pki;
using Images.NodeConfig.Metadata;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Roles;

/// <summary>
/// etcd and the control plane as the roles etcd and master start them, from files and certificates that the bootstrapper makes, on the
/// loopback of a network of their own. Only the folders differ: what would be /etc and /var is below a temporary one.
/// </summary>
internal sealed class NativeControlPlane : IDisposable
{
    public const string Address = "10.99.0.1";

    private readonly TemporaryFolder _folder = new();
    private readonly List<Process> _processes = [];
    private readonly PreparedFolder _files;
    private readonly Process _network;

    public NativeControlPlane()
    {
        Machine = new SampleMachine(["etcd", "master"], KubernetesPrograms.Version, Address);
        _files = new PreparedFolder(
            Machine, _folder.FullPath,
            ("m1=https://10.0.0.21", $"m1=https://{Address}"),
            ("mode: iptables", "mode: iptables\nconntrack: { maxPerCore: 0 }")); // only the first network may set it
        _files.Certificates.Ensure(Administrator);
        _network = Start("network", "unshare", ["--map-root-user", "--net", "sh", "-c", $"ip link set lo up && ip addr add {Address}/32 dev lo && echo ready && exec sleep 3600"], []);
        WaitFor("the network", () => Log("network").Contains("ready", StringComparison.Ordinal), 30);
    }

    public SampleMachine Machine { get; }

    /// <summary>Only here: no machine has such a certificate.</summary>
    private static CertificatePlan Administrator => new()
    {
        Name = "administrator",
        Authority = ClusterSecrets.Kubernetes,
        Path = "/var/lib/bootstrapper/pki/administrator",
        CommonName = "administrator",
        Organization = "system:masters",
        DnsNames = [],
        Addresses = [],
        Usage = CertificateUsage.Client,
        KeyOwner = "root:root",
    };

    public void Dispose()
    {
        foreach (Process process in Enumerable.Reverse(_processes))
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            process.Dispose();
        }

        _folder.Dispose();
    }

    /// <summary>Where a path of the node lies.</summary>
    public string Moved(string path) => _files[path];

    public void StartEtcd() => StartInside("etcd", Judge.Find("etcd"), [], _files.EtcdEnvironment());

    /// <summary>Starts a program as its unit does.</summary>
    public void StartProgram(string program) => StartInside(program, Path.Combine(KubernetesPrograms.Folder, program), _files.ArgumentsOf(program), []);

    public void StartKubeProxy() => StartInside("kube-proxy", Path.Combine(KubernetesPrograms.Folder, "kube-proxy"), [$"--config={Moved("/etc/kubernetes/kube-proxy.yaml")}"], []);

    public void WaitFor(string what, Func<bool> condition, int seconds = 240)
    {
        for (Stopwatch watch = Stopwatch.StartNew(); !condition(); Thread.Sleep(500))
        {
            if (watch.Elapsed.TotalSeconds > seconds || _processes.Exists(process => process.HasExited))
            {
                string logs = string.Join('\n', Directory.EnumerateFiles(_folder.FullPath, "*.log").Select(file => $"--- {Path.GetFileName(file)}\n{string.Join('\n', File.ReadAllLines(file).TakeLast(12))}"));
                throw new JudgeException($"{what} did not come about.\n{logs}");
            }
        }
    }

    /// <summary>Starts a program in the network of the control plane, in mounts of its own that it may change.</summary>
    public Process StartWithMounts(string name, string program, params string[] arguments) =>
        Start(name, "nsenter", [.. Enter(), "unshare", "--mount", program, .. arguments], []);

    /// <summary>Runs a program in the network of the control plane.</summary>
    public JudgeResult Inside(string program, params string[] arguments) =>
        Judge.Try("nsenter", [.. Enter(), program, .. arguments], input: null);

    public JudgeResult Kubectl(params string[] arguments) => Inside(
        Path.Combine(KubernetesPrograms.Folder, "kubectl"),
        [$"--server=https://{Address}:6443", $"--certificate-authority={Pki}/kubernetes/ca.crt", "--request-timeout=20s", .. arguments]);

    public JudgeResult Admin(params string[] arguments) => Kubectl([$"--client-certificate={Pki}/administrator.crt", $"--client-key={Pki}/administrator.key", .. arguments]);

    public JudgeResult AdminApplies(string manifest)
    {
        string file = _folder[$"{Guid.NewGuid():N}.yaml"];
        File.WriteAllText(file, manifest);
        return Admin("apply", "-f", file);
    }

    public string Pki => Moved("/var/lib/bootstrapper/pki");

    private string[] Enter() => [$"--target={_network.Id}", "--user", "--preserve-credentials", "--net"];

    private void StartInside(string name, string program, string[] arguments, Dictionary<string, string> environment) =>
        Start(name, "nsenter", [.. Enter(), program, .. arguments], environment);

    private Process Start(string name, string program, string[] arguments, Dictionary<string, string> environment)
    {
        string log = _folder[$"{name}.log"];
        ProcessStartInfo start = new("sh", ["-c", "exec \"$0\" \"$@\" >" + log + " 2>&1", Judge.Find(program), .. arguments]);
        foreach ((string key, string value) in environment)
        {
            start.Environment[key] = value;
        }

        Process process = Process.Start(start)!;
        _processes.Add(process);
        return process;
    }

    /// <summary>What a program has said.</summary>
    public string Log(string name) => File.Exists(_folder[$"{name}.log"]) ? File.ReadAllText(_folder[$"{name}.log"], Encoding.UTF8) : "";
}
