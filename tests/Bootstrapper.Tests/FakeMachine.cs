using System.Net;
using System.Text;
using Images.Bootstrapper.Boot;
using Images.Bootstrapper.Datasources;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Systemd;
using Images.NodeConfig;
using Images.NodeConfig.Roles;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests;

/// <summary>A folder that looks like the root of a node: roles, machine-id, and disks as the test puts them there.</summary>
internal sealed class FakeMachine : IDisposable
{
    private static readonly AuthorityPem _authority = AuthorityPem.Create("demo");

    /// <summary>The middle of the key that metadata holds, which must show nowhere.</summary>
    public static string KeyText => _authority.Key.Split('\n')[1];

    public static string Authority => _authority.ToYaml();

    private readonly TemporaryFolder _folder = new();
    private readonly StringWriter _journal = new();

    public FakeMachine()
    {
        Root = new NodeRoot(_folder.FullPath);
        Roles = CompiledRoles.Of([
            RoleFile.Parse("role: etcd\ndns: etcd\nsecrets: {signs: [etcd-peer, etcd-client]}\ndata: [/var/lib/etcd]\nservices: [{unit: etcd.service}]\n", "etcd.yaml"),
            RoleFile.Parse("role: cache\ndns: caches\nservices: [{unit: kubelet.service}, {unit: containerd.service}]\n", "worker.yaml"),
            RoleFile.Parse("role: worker\ndns: workers\ncomponents: [kubernetes]\nsecrets: {trusts: [kubernetes], token: true}\nservices: [{unit: kubelet.service}]\n", "worker.yaml"),
        ], new Dictionary<string, ComponentVersion>(StringComparer.Ordinal) { ["kubernetes"] = new(1, 36, 0) });
        Put(NodePaths.CompiledRoles, Roles.ToJson());
        Put("/etc/machine-id", "0123456789abcdef0123456789abcdef\n");
        Put("/proc/cmdline", "quiet ro\n");
        Put("/sys/class/block/vda/size", "2048\n");
        Put("/dev/vda", new byte[65536]);
    }

    public NodeRoot Root { get; }

    public CompiledRoles Roles { get; }

    public VirtualTime Time { get; } = new();

    /// <summary>The host name that the kernel was told.</summary>
    public string? KernelName { get; private set; }

    public IPAddress? DefaultRoute { get; set; } = IPAddress.Parse("10.0.0.11");

    public IReadOnlyList<InterfaceAddress> Carried { get; set; } = [new("eth0", IPAddress.Parse("10.0.0.11")), new("lo", IPAddress.Loopback)];

    /// <summary>Called whenever a seed volume is opened.</summary>
    public Action<int> OnVolumeRead { get; set; } = _ => { };

    public string ConsoleText => _journal.ToString();

    public string[] ConsoleLines => ConsoleText.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public NodeConsole Console => new(Root, _journal);

    public static string EtcdUserData(string more = "", string cluster = "demo") => $"""
        #cloud-config
        ssh_authorized_keys: [ssh-ed25519 AAAA me]
        node:
          cluster: {cluster}
          roles: [etcd]
          etcd: {"{ size: 3 }"}
          pki:
            etcd-peer: {Authority}
            etcd-client: {Authority}
        {more}
        """;

    public void Put(string path, string text) => Put(path, Encoding.UTF8.GetBytes(text));

    public void Put(string path, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Root[path])!);
        File.WriteAllBytes(Root[path], content);
    }

    public string Get(string path) => File.ReadAllText(Root[path]);

    public bool Has(string path) => File.Exists(Root[path]);

    /// <summary>Puts in a disc labelled cidata, whose files lie in a folder of the fake root.</summary>
    public void InsertSeed(string userData, string metaData = "instance-id: i-1\n", string device = "sr0")
    {
        byte[] disc = new byte[40960];
        disc[32768] = 1;
        "CD001"u8.CopyTo(disc.AsSpan(32769));
        "cidata                          "u8.CopyTo(disc.AsSpan(32808));
        Put($"/sys/class/block/{device}/size", "80\n");
        Put($"/dev/{device}", disc);
        Put($"/seeds/{device}/user-data", userData);
        Put($"/seeds/{device}/meta-data", metaData);
    }

    /// <summary>As <see cref="InsertSeed"/>, where the kernel shows the drive at a place of its buses.</summary>
    public void InsertSeedAt(string bus, string userData, string metaData = "instance-id: i-1\n", string device = "sr0")
    {
        string folder = $"/sys/devices/{bus}/block/{device}";
        Directory.CreateDirectory(Root[folder]);
        Directory.CreateDirectory(Root["/sys/class/block"]);
        Directory.CreateSymbolicLink(Root[$"/sys/class/block/{device}"], Root[folder]);
        InsertSeed(userData, metaData, device);
    }

    public void EjectSeed(string device = "sr0") => Directory.Delete(Root[$"/sys/class/block/{device}"], recursive: true);

    public IReadOnlyList<IDatasource> Datasources()
    {
        int reads = 0;
        return DatasourceList.For(Root, (volume, read, _) =>
        {
            OnVolumeRead(++reads);
            return Task.FromResult(read(Root["/seeds/" + Path.GetFileName(volume.Device)]));
        }, Time);
    }

    public BootSequence Sequence()
    {
        WhyTrace trace = new(Root);
        return new BootSequence(
            Root,
            Roles,
            new IdentityStore(Root),
            new MetadataSearch(Root, Datasources(), Roles, Console, trace, Time),
            new NodeAddress(Console, () => DefaultRoute, () => Carried, Time),
            new MachineSettings(Root, Console, trace, name => KernelName = name),
            Console,
            trace,
            new SystemdNotifier(socketPath: null),
            Time);
    }

    public Task<NodeIdentity> BootAsync(CancellationToken cancellationToken = default) => Sequence().DecideAsync(cancellationToken);

    /// <summary>What is on tmpfs or derived goes, what is on the state partition stays.</summary>
    public void Reboot()
    {
        Directory.Delete(Root["/run"], recursive: true);
        KernelName = null;
        _journal.GetStringBuilder().Clear();
    }

    public void Dispose()
    {
        _folder.Dispose();
        _journal.Dispose();
    }
}
