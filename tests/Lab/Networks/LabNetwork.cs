using System.Diagnostics;
using System.Globalization;
using Images.Lab.Machines;
using Images.TestSupport;

namespace Images.Lab.Networks;

/// <summary>
/// A bridge in a network namespace of its own, with dnsmasq as DHCP and DNS server: the shape of libvirt's default
/// network. Made in a user namespace, so it needs no root, reaches nothing outside and ends with its holder process.
/// </summary>
internal sealed class LabNetwork : IDisposable
{
    public const string Gateway = "10.240.0.1";
    public const string SecondServer = "10.240.0.2";

    private readonly string _folder;
    private readonly Process _holder;
    private readonly List<Process> _servers = [];
    private readonly Dictionary<string, (string Tap, string Mac)> _plugs = new(StringComparer.Ordinal);
    private readonly HashSet<string> _onSecondServer = new(StringComparer.Ordinal);

    public LabNetwork(string folder)
    {
        _folder = Directory.CreateDirectory(folder).FullName;
        _holder = Process.Start(new ProcessStartInfo(Judge.Find("unshare"),
            ["--user", "--map-root-user", "--net", "--mount", "sh", "-c", "echo made; exec sleep infinity"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        })!;
        if (_holder.StandardOutput.ReadLine() != "made")
        {
            throw new MachineException("A network namespace could not be made (unshare --user --net); the kernel must allow user namespaces.");
        }

        string ip = Judge.Find("ip");
        Inside(ip, "link", "set", "lo", "up");
        Inside(ip, "link", "add", "br0", "type", "bridge");
        Inside(ip, "address", "add", $"{Gateway}/24", "dev", "br0");
        Inside(ip, "address", "add", $"{SecondServer}/24", "dev", "br0");
        Inside(ip, "link", "set", "br0", "up");
    }

    /// <summary>The command that runs <paramref name="command"/> inside the namespace.</summary>
    public string[] Enter(IEnumerable<string> command) =>
        [Judge.Find("nsenter"), "--target", $"{_holder.Id}", "--user", "--net", "--mount", "--preserve-credentials", "--", .. command];

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
            string[] entered = Enter(command);
            Process process = Process.Start(new ProcessStartInfo(entered[0], entered[1..]) { UseShellExecute = false, RedirectStandardError = true })!;
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            WaitUntilServing(process, server);
            _servers.Add(process);
        }
    }

    /// <summary>Replaces what one server answers for a name; an empty list means the name does not exist.</summary>
    public void SetRecords(string name, IReadOnlyCollection<string> addresses, string? server = null)
    {
        foreach (string each in server is null ? [Gateway, SecondServer] : new[] { server })
        {
            IEnumerable<string> others = File.ReadAllLines(HostsFile(each)).Where(line => !line.EndsWith(" " + name, StringComparison.Ordinal));
            File.WriteAllLines(HostsFile(each), [.. others, .. addresses.Select(address => $"{address} {name}")]);
        }

        foreach (Process process in _servers.Where(process => !process.HasExited))
        {
            ReadAgain(process.Id);
        }
    }

    /// <summary>The machine's tap device and MAC address; made at the first call.</summary>
    public (string Tap, string Mac) Plug(string machine, string? address)
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
            string tag = _onSecondServer.Contains(machine) ? ",set:second" : "";
            string[] reservations = File.Exists(ReservationsFile) ? File.ReadAllLines(ReservationsFile) : [];
            File.WriteAllLines(ReservationsFile, [.. reservations.Where(line => !line.StartsWith(plug.Mac, StringComparison.Ordinal)), $"{plug.Mac}{tag},{address}"]);
            foreach (Process process in _servers.Where(process => !process.HasExited))
            {
                ReadAgain(process.Id);
            }
        }

        return plug;
    }

    public JudgeResult Try(string program, params string[] arguments)
    {
        string[] command = Enter([Judge.Find(program), .. arguments]);
        return Judge.Try(command[0], command[1..]);
    }

    public void Dispose()
    {
        foreach (Process process in _servers.Append(_holder))
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
                process.WaitForExit();
            }

            process.Dispose();
        }
    }

    private string ReservationsFile => Path.Combine(_folder, "reservations");

    private string HostsFile(string server) => Path.Combine(_folder, $"hosts-{server}");

    private string LogFile(string server) => Path.Combine(_folder, $"dnsmasq-{server}.log");

    // before it has set up its signals, the SIGHUP that makes it read again would end it
    private void WaitUntilServing(Process process, string server)
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

    private static void ReadAgain(int processId)
    {
        Judge.Run("kill", "-HUP", $"{processId}");
    }
}
