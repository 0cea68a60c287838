using System.Diagnostics;
using System.Globalization;
using Images.Launcher.Programs;

namespace Images.Launcher.Clusters;

/// <summary>
/// The cluster's network: a bridge with dnsmasq as DHCP and DNS server, the shape of libvirt's default network.
/// Machines of QEMU can be plugged into it as well as nodes.
/// </summary>
internal sealed class BridgeNetwork
{
    public const string Gateway = "10.240.0.1";
    public const string SecondServer = "10.240.0.2";
    public const string Prefix = "10.240.0.";

    private readonly Lock _lock = new();
    private readonly ClusterNamespaces _namespaces;
    private readonly string _folder;
    private readonly string _domain;
    private readonly Dictionary<string, Process> _servers = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Server, string Name), string[]> _records = [];
    private readonly SortedDictionary<string, string> _reservations = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Tap, string Mac)> _plugs = new(StringComparer.Ordinal);

    /// <param name="namespaces">Hold the bridge.</param>
    /// <param name="folder">Of the network's files, as this machine calls it.</param>
    /// <param name="domain">Of the cluster's names; a name below it that has no record does not exist.</param>
    public BridgeNetwork(ClusterNamespaces namespaces, string folder, string domain)
    {
        _namespaces = namespaces;
        _folder = folder;
        _domain = domain;
    }

    /// <summary>Starts DHCP and the first DNS server.</summary>
    /// <exception cref="LauncherException">They do not serve.</exception>
    public void Serve()
    {
        lock (_lock)
        {
            WriteReservations();
            StartServer(Gateway);
        }
    }

    /// <summary>
    /// Starts the second DNS server, which may answer differently, for whoever is told of it by <see cref="Reserve"/>.
    /// </summary>
    public void ServeSecond()
    {
        lock (_lock)
        {
            if (!_servers.ContainsKey(SecondServer))
            {
                StartServer(SecondServer);
            }
        }
    }

    /// <summary>Who answers names that are none of the cluster's; null: nobody.</summary>
    public void SetUpstream(string? resolver)
    {
        lock (_lock)
        {
            WriteWhole(Upstream, resolver is null ? [] : [$"server={resolver}"]);
            LetServersReadAgain();
        }
    }

    /// <summary>Answers of a server for one name, as they are now.</summary>
    public IReadOnlyDictionary<string, string[]> RecordsOf(string server)
    {
        lock (_lock)
        {
            return _records.Where(record => record.Key.Server == server)
                .ToDictionary(record => record.Key.Name, record => record.Value, StringComparer.Ordinal);
        }
    }

    /// <summary>
    /// Replaces what a server (null: both) answers for a name; an empty list means that the name does not exist.
    /// </summary>
    public void SetRecords(string name, IReadOnlyCollection<string> addresses, string? server = null)
    {
        lock (_lock)
        {
            foreach (string each in server is null ? [Gateway, SecondServer] : new[] { server })
            {
                _records.Remove((each, name));
                if (addresses.Count > 0)
                {
                    _records[(each, name)] = [.. addresses];
                }

                WriteHosts(each);
            }

            LetServersReadAgain();
        }
    }

    /// <summary>The address that DHCP gives to a machine, and which of the DNS servers it is told of.</summary>
    public void Reserve(string mac, string address, bool onSecondServer = false)
    {
        lock (_lock)
        {
            _reservations[mac] = $"{mac}{(onSecondServer ? ",set:second" : "")},{address}";
            WriteReservations();
            LetServersReadAgain();
        }
    }

    /// <summary>
    /// A tap device on the bridge for a machine of QEMU, and the MAC address it should have; made at the first call.
    /// </summary>
    public (string Tap, string Mac) Plug(string machine, string? address, bool onSecondServer = false)
    {
        (string Tap, string Mac) plug;
        lock (_lock)
        {
            if (!_plugs.TryGetValue(machine, out plug))
            {
                int number = _plugs.Count + 1;
                plug = ($"tap{number}", string.Create(CultureInfo.InvariantCulture, $"52:54:00:4b:38:{number:x2}"));
                _plugs[machine] = plug;
                _namespaces.Run("ip", "tuntap", "add", plug.Tap, "mode", "tap");
                _namespaces.Run("ip", "link", "set", plug.Tap, "master", "br0", "up");
            }
        }

        if (address is not null)
        {
            Reserve(plug.Mac, address, onSecondServer);
        }

        return plug;
    }

    private void StartServer(string server)
    {
        WriteHosts(server);
        File.Delete(Log(server));
        if (!File.Exists(Upstream))
        {
            WriteWhole(Upstream, []);
        }

        List<string> command =
        [
            "dnsmasq",
            "--no-daemon",
            "--conf-file=/dev/null",
            "--pid-file=",
            "--user=root",
            $"--listen-address={server}",
            "--bind-interfaces",
            "--no-resolv",
            "--no-hosts",
            $"--servers-file={AsSeen(Upstream)}",
            $"--local=/{_domain}/",
            $"--addn-hosts={AsSeen(Hosts(server))}",
            "--log-queries",
            $"--log-facility={AsSeen(Log(server))}",
        ];
        if (server == Gateway)
        {
            command.AddRange(
            [
                "--dhcp-authoritative",
                "--log-dhcp",
                $"--dhcp-range={Prefix}200,{Prefix}250,255.255.255.0,1h",
                $"--dhcp-leasefile={AsSeen(Path.Combine(_folder, "leases"))}",
                $"--dhcp-option=option:dns-server,{Gateway}",
                $"--dhcp-option=tag:second,option:dns-server,{SecondServer}",
                $"--dhcp-hostsfile={AsSeen(Reservations)}",
            ]);
        }

        Process process = HostProgram.Start(_namespaces.Enter(command));
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        WaitUntilServing(process, server);
        _servers[server] = process;
    }

    // before it has set up its signals, the one that makes it read again would end it
    private void WaitUntilServing(Process process, string server)
    {
        Stopwatch clock = Stopwatch.StartNew();
        while (!File.Exists(Log(server))
            || !ReadShared(Log(server)).Contains(AsSeen(Hosts(server)), StringComparison.Ordinal))
        {
            if (process.HasExited || clock.Elapsed > TimeSpan.FromSeconds(20))
            {
                throw new LauncherException(
                    "BAKE0905", Log(server), $"the DNS server {server} does not serve.", "See its log.");
            }

            Thread.Sleep(10);
        }
    }

    private void LetServersReadAgain()
    {
        foreach (int process in _servers.Values.SelectMany(server => ProcessView.ChildrenOf(server.Id)))
        {
            LinuxCalls.Signal(process, LinuxCalls.SignalHangUp);
        }
    }

    private void WriteHosts(string server) => WriteWhole(
        Hosts(server),
        _records.Where(record => record.Key.Server == server)
            .SelectMany(record => record.Value.Select(address => $"{address} {record.Key.Name}"))
            .Order(StringComparer.Ordinal));

    private void WriteReservations() => WriteWhole(Reservations, _reservations.Values);

    private static void WriteWhole(string path, IEnumerable<string> lines)
    {
        File.WriteAllLines(path + ".new", lines);
        File.Move(path + ".new", path, overwrite: true);
    }

    private static string ReadShared(string path)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }

    private string Upstream => Path.Combine(_folder, "upstream");

    private string Reservations => Path.Combine(_folder, "reservations");

    private string Hosts(string server) => Path.Combine(_folder, $"hosts-{server}");

    private string Log(string server) => Path.Combine(_folder, $"dnsmasq-{server}.log");

    private static string AsSeen(string path) => $"{ClusterPaths.InsideAsSeen}/network/{Path.GetFileName(path)}";
}
