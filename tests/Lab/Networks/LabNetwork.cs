using System.Globalization;
using Images.Lab.Machines;
using Images.TestSupport;

namespace Images.Lab.Networks;

/// <summary>
/// A bridge in a network namespace of its own, with dnsmasq as DHCP and DNS server: the shape of libvirt's default
/// network. Made in a user namespace, so it needs no root, reaches nothing outside and ends with this program.
/// </summary>
internal sealed class LabNetwork : IDisposable
{
    public const string Gateway = "10.240.0.1";
    public const string SecondServer = "10.240.0.2";
    public const string CloudMetadata = "169.254.169.254";

    private readonly Lock _lock = new();
    private readonly string _folder;
    private readonly TetheredProcess _holder;
    private readonly List<TetheredProcess> _nameServers = [];
    private readonly List<TetheredProcess> _fileServers = [];
    private readonly Dictionary<string, (string Tap, string Mac)> _plugs = new(StringComparer.Ordinal);
    private readonly HashSet<string> _onSecondServer = new(StringComparer.Ordinal);

    public LabNetwork(string folder)
    {
        // what an earlier network left here are reservations and leases of other machines with the same hardware addresses
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        _folder = Directory.CreateDirectory(folder).FullName;
        _holder = new TetheredProcess(
            [Judge.Find("unshare"), "--user", "--map-root-user", "--net", "--mount", "--"],
            [Judge.Find("sh"), "-c", "echo made; exec sleep infinity"],
            readsOutput: true);
        if (_holder.ReadLine() != "made")
        {
            _holder.Dispose();
            throw new MachineException("A network namespace could not be made (unshare --user --net); the kernel must allow user namespaces.");
        }

        string ip = Judge.Find("ip");
        Inside(ip, "link", "set", "lo", "up");
        Inside(ip, "link", "add", "br0", "type", "bridge");
        Inside(ip, "address", "add", $"{Gateway}/24", "dev", "br0");
        Inside(ip, "address", "add", $"{SecondServer}/24", "dev", "br0");
        Inside(ip, "link", "set", "br0", "up");
    }

    /// <summary>What comes before a command to run it inside the namespace.</summary>
    public string[] Entrance =>
        [Judge.Find("nsenter"), "--target", $"{_holder.Id}", "--user", "--net", "--mount", "--preserve-credentials", "--"];

    /// <summary>The command that runs <paramref name="command"/> inside the namespace.</summary>
    public string[] Enter(IEnumerable<string> command) => [.. Entrance, .. command];

    /// <summary>This machine's DHCP lease names the second DNS server, which may answer differently.</summary>
    public void UseSecondServer(string machine) => _onSecondServer.Add(machine);

    /// <summary>Starts both DNS servers and DHCP; to be called once every machine is known by <see cref="Plug"/>.</summary>
    public void Serve()
    {
        foreach (string server in new[] { Gateway, SecondServer })
        {
            File.WriteAllText(HostsFile(server), "");
            List<string> command =
            [
                Judge.Find("dnsmasq"), "--no-daemon", "--conf-file=/dev/null", "--pid-file=",
                $"--listen-address={server}", "--bind-interfaces", "--no-resolv", "--no-hosts", "--local=/k8s/", $"--addn-hosts={HostsFile(server)}",
                "--log-queries", $"--log-facility={LogFile(server)}",
            ];
            if (server == Gateway)
            {
                command.AddRange(["--dhcp-authoritative", "--dhcp-range=10.240.0.100,10.240.0.200,255.255.255.0,1h", "--dhcp-leasefile=" + Path.Combine(_folder, "leases"),
                    $"--dhcp-option=option:dns-server,{Gateway}", $"--dhcp-option=tag:second,option:dns-server,{SecondServer}", $"--dhcp-hostsfile={ReservationsFile}", "--log-dhcp"]);
                if (!File.Exists(ReservationsFile))
                {
                    File.WriteAllText(ReservationsFile, "");
                }
            }

            File.Delete(LogFile(server));
            TetheredProcess process = new(Entrance, command, readsOutput: true);
            _nameServers.Add(process);
            WaitUntilServing(process, server);
        }
    }

    /// <summary>Serves the files of a folder by HTTP on the gateway; returns the URL that they lie below.</summary>
    public string ServeFiles(string folder) => Serve(folder, string.Create(CultureInfo.InvariantCulture, $"http://{Gateway}:{8080 + _fileServers.Count}/"));

    /// <summary>Serves them likewise at the address where clouds serve metadata to a machine.</summary>
    public string ServeCloudMetadata(string folder)
    {
        Inside(Judge.Find("ip"), "address", "add", $"{CloudMetadata}/32", "dev", "br0");
        return Serve(folder, $"http://{CloudMetadata}/");
    }

    /// <summary>Replaces what one server answers for a name; an empty list means the name does not exist.</summary>
    public void SetRecords(string name, IReadOnlyCollection<string> addresses, string? server = null)
    {
        lock (_lock)
        {
            foreach (string each in server is null ? [Gateway, SecondServer] : new[] { server })
            {
                IEnumerable<string> others = File.ReadAllLines(HostsFile(each)).Where(line => !line.EndsWith(" " + name, StringComparison.Ordinal));
                File.WriteAllLines(HostsFile(each), [.. others, .. addresses.Select(address => $"{address} {name}")]);
            }

            LetServersReadAgain();
        }
    }

    /// <summary>The machine's tap device and MAC address; made at the first call.</summary>
    public (string Tap, string Mac) Plug(string machine, string? address)
    {
        lock (_lock)
        {
            if (!_plugs.TryGetValue(machine, out (string Tap, string Mac) plug))
            {
                int number = _plugs.Count + 1;
                plug = ($"tap{number}", string.Create(CultureInfo.InvariantCulture, $"52:54:00:4b:38:{number:x2}"));
                _plugs[machine] = plug;
                string ip = Judge.Find("ip");
                Inside(ip, "tuntap", "add", plug.Tap, "mode", "tap");
                Inside(ip, "link", "set", plug.Tap, "master", "br0", "up");
            }

            if (address is not null)
            {
                Reserve(plug.Mac, address, _onSecondServer.Contains(machine) ? ",set:second" : "");
            }

            return plug;
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
        foreach (TetheredProcess process in (TetheredProcess[])[.. _fileServers, .. _nameServers, _holder])
        {
            process.Dispose();
        }
    }

    private string Serve(string folder, string url)
    {
        TetheredProcess server = new(Entrance, [Judge.Find("dotnet"), Path.Combine(AppContext.BaseDirectory, "lab.dll"), "serve", folder, url], readsOutput: true);
        _fileServers.Add(server);
        return server.ReadLine() == "serving" ? url : throw new MachineException($"The files of {folder} cannot be served at {url}.");
    }

    private string ReservationsFile => Path.Combine(_folder, "reservations");

    private string HostsFile(string server) => Path.Combine(_folder, $"hosts-{server}");

    private string LogFile(string server) => Path.Combine(_folder, $"dnsmasq-{server}.log");

    // before it has set up its signals, the SIGHUP that makes it read again would end it
    private void WaitUntilServing(TetheredProcess process, string server)
    {
        DateTime end = DateTime.UtcNow.AddSeconds(20);
        while (!File.Exists(LogFile(server)) || !File.ReadAllText(LogFile(server)).Contains(HostsFile(server), StringComparison.Ordinal))
        {
            if (process.HasExited || DateTime.UtcNow > end)
            {
                throw new MachineException($"dnsmasq for {server} does not serve; its log is {LogFile(server)}.");
            }

            Thread.Sleep(50);
        }
    }

    private void Inside(params string[] command)
    {
        string[] entered = Enter(command);
        Judge.Run(entered[0], entered[1..]);
    }

    private void Reserve(string mac, string address, string tag)
    {
        string[] reservations = File.Exists(ReservationsFile) ? File.ReadAllLines(ReservationsFile) : [];
        File.WriteAllLines(ReservationsFile, [.. reservations.Where(line => !line.StartsWith(mac, StringComparison.Ordinal)), $"{mac}{tag},{address}"]);
        LetServersReadAgain();
    }

    private void LetServersReadAgain()
    {
        foreach (TetheredProcess process in _nameServers.Where(process => !process.HasExited))
        {
            Judge.Run("kill", "-HUP", $"{process.Id}");
        }
    }
}
