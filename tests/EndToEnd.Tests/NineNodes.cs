using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Images.Lab.Machines;
using Images.Lab.Networks;

namespace Images.EndToEnd.Tests;

/// <summary>
/// Three members of etcd, two masters, two workers and two lbs of one image, all started at once, and a client that never stops asking and
/// writing.
/// </summary>
internal sealed class NineNodes : IDisposable
{
    public const string MastersAddress = "10.240.0.20";
    public const string LbsAddress = "10.240.0.40";

    private const string Written = "written";

    private readonly Dictionary<string, Machine> _machines = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string[]> _named = new(StringComparer.Ordinal);

    /// <param name="folder">Of its data.</param>
    /// <param name="endpoint">Where machines, and the client, find the API: vip or lb.</param>
    /// <param name="more">Further arguments of <c>baker seed</c> for masters, and so for the cluster.</param>
    public NineNodes(string folder, string endpoint, params string[] more)
    {
        Folder = folder;
        Network = new LabNetwork(Path.Combine(folder, "network"));
        Seeds = new ClusterSeeds(Path.Combine(folder, "cluster"));
        string[] way = ["--endpoint", endpoint, "--vip", $"masters={MastersAddress},lb={LbsAddress}", .. more];
        Add("etcd", "etcd", 11, 3, Seeds.Role("etcd", 3), 512);
        Add("master", "masters", 21, 2, Seeds.Role("master", null, way), 1024);
        Add("worker", "workers", 31, 2, Seeds.Role("worker"), 1536);
        Add("lb", "lb", 41, 2, Seeds.Role("lb"), 512);
        Address = endpoint == "lb" ? LbsAddress : MastersAddress;
        foreach (Machine machine in _machines.Values)
        {
            machine.Start();
        }

        Kubectl = new Kubectl(Network, Seeds, Address);
        Client = new ApiProbe(Network, Kubectl.Configuration(Seeds, Address), Written);
    }

    public string Folder { get; }

    public LabNetwork Network { get; }

    public ClusterSeeds Seeds { get; }

    /// <summary>Where the client finds the API.</summary>
    public string Address { get; }

    public Kubectl Kubectl { get; }

    public ApiProbe Client { get; }

    public Machine this[string name] => _machines[name];

    public IReadOnlyCollection<Machine> All => _machines.Values;

    public IEnumerable<Machine> Masters => Those("master");

    public IEnumerable<Machine> Lbs => Those("lb");

    public IEnumerable<Machine> Members => Those("etcd");

    /// <summary>Until every machine does what it is there for.</summary>
    public void WaitUntilWhole(int seconds)
    {
        foreach (Machine machine in _machines.Values)
        {
            machine.WaitFor($@"bootstrapper: ready(?: again)?: {UnitOf(machine)}\.service", seconds);
        }

        Kubectl.WaitFor(
            "two Nodes that are Ready", seconds, text => Regex.Count(text, @"^worker\S+ +Ready +worker ", RegexOptions.Multiline) == 2, this["worker1"], "get", "nodes", "--no-headers");
        WaitUntilAllMayHold(seconds);
        Client.WaitUntilCalm(TimeSpan.FromSeconds(2), seconds);
    }

    /// <summary>A machine that has just started holds no address until the others can know it.</summary>
    private void WaitUntilAllMayHold(int seconds)
    {
        DateTime end = DateTime.UtcNow.AddSeconds(seconds);
        foreach (Machine machine in Masters.Concat(Lbs))
        {
            while (Run(machine, "sudo cat /run/bootstrapper/vip-health") != "0")
            {
                if (DateTime.UtcNow > end)
                {
                    throw new MachineException($"{machine.Name} may not hold its virtual address within {seconds} s.");
                }

                Thread.Sleep(500);
            }
        }
    }

    public Machine MasterThatHolds => Holder(Masters, MastersAddress);

    /// <summary>The one of these machines that has the address.</summary>
    public Machine Holder(IEnumerable<Machine> machines, string address)
    {
        Machine[] holders = [.. machines.Where(machine => machine.IsRunning && Has(machine, address))];
        return holders is [Machine one] ? one : throw new MachineException($"{address} is held by {holders.Length} machines: {string.Join(", ", holders.Select(machine => machine.Name))}.");
    }

    public Machine LeaderOfEtcd()
    {
        EtcdClient etcd = new(Network, Seeds);
        foreach (Machine member in Members.Where(member => member.IsRunning))
        {
            using JsonDocument answer = JsonDocument.Parse(etcd.Run([member.Address], "endpoint", "status", "-w", "json"));
            JsonElement status = answer.RootElement[0].GetProperty("Status");
            if (status.GetProperty("leader").GetUInt64() == status.GetProperty("header").GetProperty("member_id").GetUInt64())
            {
                return member;
            }
        }

        throw new MachineException("No member of etcd leads.");
    }

    /// <summary>The cluster of etcd once all of its members are well.</summary>
    public EtcdClusterView Etcd => new EtcdClient(Network, Seeds).WaitForVoters(Named["etcd"], 120);

    /// <summary>Names of acknowledged writes that the cluster does not have.</summary>
    public IReadOnlyList<string> LostWrites()
    {
        IReadOnlyList<string> acknowledged = Client.Written; // before the question: it goes on writing
        HashSet<string> stored = [.. Kubectl.Run("get", "configmaps", "-o", "name").Split('\n').Select(line => line.Split('/')[^1])];
        return [.. acknowledged.Where(name => !stored.Contains(name))];
    }

    public void Cut(Machine machine) => machine.CutPower();

    public void Stop(Machine machine) => machine.Shutdown(Seeds.SshKey);

    /// <summary>Does something on a machine whether or not it can be reached meanwhile.</summary>
    public void Later(Machine machine, string script) => Run(machine, $"sudo systemd-run --quiet --collect /bin/sh -c '{script}'");

    /// <summary>Two machines do not hear each other.</summary>
    public void Part(string one, string other, int seconds)
    {
        foreach ((Machine here, Machine there) in new[] { (this[one], this[other]), (this[other], this[one]) })
        {
            Later(here, $"ip route add blackhole {there.Address}/32; sleep {seconds}; ip route del blackhole {there.Address}/32");
        }
    }

    /// <summary>One after the other, each once the one before is a member again. <see cref="Mend"/> brings the name back.</summary>
    public void RestartEtcdWithoutDns()
    {
        Name("etcd", []);
        foreach (Machine member in Members)
        {
            Run(member, "sudo systemctl restart etcd.service");
        }
    }

    /// <summary>The leader and another one.</summary>
    public void StopTwoMembers(int seconds)
    {
        Machine leader = LeaderOfEtcd();
        foreach (Machine member in Members.Where(member => member != leader).Take(1).Append(leader))
        {
            Later(member, $"systemctl kill --signal=KILL etcd.service; systemctl stop etcd.service; sleep {seconds}; systemctl start etcd.service");
        }
    }

    /// <summary>DNS answers for a role with these.</summary>
    public void Name(string label, IReadOnlyCollection<string> addresses) => Network.SetRecords($"{label}.demo.k8s", addresses);

    /// <summary>DNS answers for each role with something else than its machines.</summary>
    public void NameAll(Func<string[], string[]> answer)
    {
        foreach ((string label, string[] addresses) in _named)
        {
            Name(label, answer(addresses));
        }
    }

    /// <summary>The masters to which an lb sends new connections, well or not.</summary>
    public IReadOnlyList<string> MastersOf(Machine lb)
    {
        // be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state (haproxy's management guide, 9.3); a place that was free keeps 4
        const int OffOrDraining = 0x01 | 0x02 | 0x08 | 0x10 | 0x20;
        string state = Run(lb, "echo show servers state masters | sudo socat - UNIX-CONNECT:/run/haproxy/control.sock");
        return [.. state.Split('\n').Select(line => line.Split(' ')).Where(words => words.Length > 6 && words[1] == "masters" && (int.Parse(words[6], CultureInfo.InvariantCulture) & OffOrDraining) == 0).Select(words => words[4])];
    }

    /// <summary>DNS says of each role's name that it cannot tell.</summary>
    public void FailNames()
    {
        Network.FailInsteadOfDenying(fails: true);
        NameAll(_ => []);
    }

    /// <summary>How long what DNS answers for the masters may be kept, in seconds.</summary>
    public string TimeToLive() => Network.Try("dig", "+noall", "+answer", "+ttlid", "@" + LabNetwork.Gateway, "masters.demo.k8s").Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1];

    /// <summary>DNS has all names and has them not, by turns of two seconds.</summary>
    public void Flap(int seconds)
    {
        for (int turn = 0; turn < seconds / 2; turn++)
        {
            NameAll(addresses => turn % 2 == 0 ? [] : addresses);
            Thread.Sleep(TimeSpan.FromSeconds(2));
        }
    }

    /// <summary>What DNS answers for each role where nobody changes it.</summary>
    public IReadOnlyDictionary<string, string[]> Named => _named;

    /// <summary>Until all is as it was before a fault.</summary>
    public void Mend(int seconds)
    {
        NameAll(addresses => addresses);
        Network.FailInsteadOfDenying(fails: false);
        foreach (Machine machine in _machines.Values.Where(machine => !machine.IsRunning))
        {
            machine.Start();
        }

        WaitUntilWhole(seconds);
    }

    public string Run(Machine machine, string command) => machine.Ssh(Seeds.SshKey, command).Trim();

    public void Dispose()
    {
        Client.Dispose();
        foreach (Machine machine in _machines.Values)
        {
            machine.Dispose();
        }

        Network.Dispose();
    }

    private bool Has(Machine machine, string address) => Run(machine, $"ip -o -4 address show to {address}/32").Length > 0;

    private IEnumerable<Machine> Those(string role) => _machines.Values.Where(machine => machine.Name.StartsWith(role, StringComparison.Ordinal));

    private static string UnitOf(Machine machine) => machine.Name[..^1] switch
    {
        "etcd" => "etcd",
        "master" => "kube-scheduler",
        "worker" => "kubelet",
        _ => "haproxy",
    };

    private void Add(string role, string label, int first, int count, string seed, int memory)
    {
        string[] addresses = [.. Enumerable.Range(first, count).Select(number => string.Create(CultureInfo.InvariantCulture, $"10.240.0.{number}"))];
        _named[label] = addresses;
        Name(label, addresses);
        for (int index = 0; index < count; index++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"{role}{index + 1}");
            _machines[name] = Machine.New(new MachineOptions
            {
                Name = name,
                Folder = Folder,
                Seed = seed,
                Network = Network,
                Address = addresses[index],
                MemoryMebibytes = memory,
            });
        }
    }
}
