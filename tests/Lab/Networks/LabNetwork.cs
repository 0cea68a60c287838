using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Images.Lab.Machines;
using Images.Launcher.Clusters;
using Images.Launcher.Hosts;
using Images.Launcher.Roots;
using Images.TestSupport;

namespace Images.Lab.Networks;

/// <summary>
/// The network of the product's own clusters, for machines of both kinds: containers are nodes of it, QEMU's have a tap device on its bridge. It
/// reaches nothing outside and ends with this program.
/// </summary>
internal sealed class LabNetwork : IDisposable
{
    public const string Gateway = BridgeNetwork.Gateway;
    public const string SecondServer = BridgeNetwork.SecondServer;
    public const string CloudMetadata = "169.254.169.254";

    /// <summary>Below which the names of the tests' clusters stand.</summary>
    private const string Cluster = "demo.k8s";

    /// <summary>Above those that tests give; a machine that gets none has one from here on.</summary>
    private const int FirstUnreserved = 150;

    private readonly Lock _lock = new();
    private readonly RootLease _root;
    private readonly ContainerCluster _cluster;
    private readonly List<TetheredProcess> _fileServers = [];
    private readonly HashSet<string> _onSecondServer = new(StringComparer.Ordinal);
    private int _unreserved = FirstUnreserved;
    private TetheredProcess? _failing;

    /// <param name="folder">Of its data; what an earlier network left there is removed.</param>
    /// <param name="image">Whose root serves the network and is that of its containers; null: the build's.</param>
    public LabNetwork(string folder, string? image = null)
    {
        IdRange ids = LabRange.Own;
        new ClusterPaths(folder).Delete(ids);
        RootStore store = LabRange.Roots();
        _root = store.Obtain(image ?? BakedImage.RawDisk, _ => { });
        try
        {
            _cluster = ContainerCluster.Start(new ContainerClusterOptions
            {
                Name = NameOf(folder),
                Folder = folder,
                Ids = ids,
                Roots = store,
                Root = _root,
            });
        }
        catch
        {
            _root.Dispose();
            throw;
        }

        _cluster.Network.ServeSecond();
    }

    /// <summary>What comes before a command to run it on the network.</summary>
    public string[] Entrance => _cluster.Namespaces.HostEntrance;

    /// <summary>The command that runs <paramref name="command"/> on the network.</summary>
    public string[] Enter(IEnumerable<string> command) => [.. Entrance, .. command];

    /// <summary>This machine's DHCP lease names the second DNS server, which may answer differently; to be said before it is started.</summary>
    public void UseSecondServer(string machine) => _onSecondServer.Add(machine);

    /// <summary>Serves the files of a folder by HTTP on the gateway; returns the URL that they lie below.</summary>
    public string ServeFiles(string folder) => Serve(folder, string.Create(CultureInfo.InvariantCulture, $"http://{Gateway}:{8080 + _fileServers.Count}/"));

    /// <summary>Serves them likewise at the address where clouds serve metadata to a machine.</summary>
    public string ServeCloudMetadata(string folder)
    {
        _cluster.Namespaces.Run("ip", "address", "add", $"{CloudMetadata}/32", "dev", "br0");
        return Serve(folder, $"http://{CloudMetadata}/");
    }

    /// <summary>Replaces what one server answers for a name; an empty list means the name does not exist.</summary>
    public void SetRecords(string name, IReadOnlyCollection<string> addresses, string? server = null) =>
        _cluster.Network.SetRecords(name, addresses, server);

    /// <summary>
    /// What both servers say of names of the cluster that have no record: that they fail (SERVFAIL), or, as from the beginning, that there is no
    /// such name.
    /// </summary>
    public void FailInsteadOfDenying(bool fails)
    {
        const string Port = "5354";
        if (fails && _failing is null)
        {
            _failing = new TetheredProcess(Entrance, [Judge.Find("dotnet"), Path.Combine(AppContext.BaseDirectory, "lab.dll"), FailingNameServer.Command, Gateway, Port], readsOutput: true);
            if (_failing.ReadLine() != "serving")
            {
                throw new MachineException($"Nobody fails at {Gateway}:{Port}.");
            }
        }

        // dnsmasq's own form for one domain; longer than the one that it answers alone
        _cluster.Network.SetUpstream(fails ? $"/{Cluster}/{Gateway}#{Port}" : null);
    }

    /// <summary>The tap device and MAC address of a machine of QEMU; made at the first call.</summary>
    public (string Tap, string Mac) Plug(string machine, string? address) =>
        _cluster.Network.Plug(machine, address, _onSecondServer.Contains(machine));

    /// <summary>A container on the network, not yet started.</summary>
    public ClusterNode AddNode(string machine, string? address)
    {
        lock (_lock)
        {
            return _cluster.Add(new NodeOptions
            {
                Name = machine,
                Number = address is null ? _unreserved++ : int.Parse(address[BridgeNetwork.Prefix.Length..], CultureInfo.InvariantCulture),
                OnSecondServer = _onSecondServer.Contains(machine),
            });
        }
    }

    public JudgeResult Try(string program, params string[] arguments) => Try(program, arguments, input: null);

    public JudgeResult Try(string program, string[] arguments, byte[]? input)
    {
        string[] command = Enter([Judge.Find(program), .. arguments]);
        return Judge.Try(command[0], command[1..], input);
    }

    public void Dispose()
    {
        foreach (TetheredProcess process in _fileServers)
        {
            process.Dispose();
        }

        _failing?.Dispose();
        _cluster.Dispose();
        _root.Dispose();
    }

    /// <summary>The same for the same folder, so that what a program which was killed left of control groups is taken over.</summary>
    private static string NameOf(string folder) => $"lab-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(folder))))[..12]}";

    private string Serve(string folder, string url)
    {
        TetheredProcess server = new(Entrance, [Judge.Find("dotnet"), Path.Combine(AppContext.BaseDirectory, "lab.dll"), "serve", folder, url], readsOutput: true);
        _fileServers.Add(server);
        return server.ReadLine() == "serving" ? url : throw new MachineException($"The files of {folder} cannot be served at {url}.");
    }
}
