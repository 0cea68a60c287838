using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Images.Lab.Machines;

namespace Images.Bench;

/// <summary>What an lb costs: nine machines as containers at rest, and their API asked through the lbs' address and without them.</summary>
/// <param name="work">Folder for the machines.</param>
internal sealed class LbBench(string work)
{
    private const string MastersAddress = "10.240.0.20", LbsAddress = "10.240.0.40", Master = "10.240.0.21", OtherMaster = "10.240.0.22";
    private const string Question = "/api/v1/nodes";
    private const int Pairs = 3, PairSeconds = 15, Connections = 16, ChangesByDns = 20, ChangesByRuntime = 80;
    private const double ThroughputAim = 0.9, LatencyAim = 1.2;

    private static readonly TimeSpan _settling = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan _idle = TimeSpan.FromMinutes(2);

    /// <summary>What each role has for the way to the API and to its machines.</summary>
    private static readonly (string Role, string[] Units)[] _units =
    [
        ("etcd", ["bootstrapper-agent"]),
        ("master", ["bootstrapper-agent", "etcd-forwarder", "keepalived"]),
        ("worker", ["bootstrapper-agent", "api-forwarder"]),
        ("lb", ["bootstrapper-agent", "haproxy", "keepalived"]),
    ];

    /// <summary>By itself systemd counts on version 2 of control groups alone.</summary>
    private static readonly Dictionary<string, string> _accounts = new()
    {
        ["systemd/system.conf.d/accounts.conf"] = "[Manager]\nDefaultCPUAccounting=yes\n",
    };

    public IEnumerable<Measured> Run()
    {
        using LabCluster cluster = new(Path.Combine(work, "lb"));
        (string Role, Machine Machine)[] machines = Start(cluster);
        string token = WaitUntilReady(cluster, machines);
        foreach (Measured row in AtRest(cluster, machines))
        {
            yield return row;
        }

        Machine holder = Holder(cluster, machines);
        foreach (Measured row in AgainstNone(cluster, holder, token))
        {
            yield return row;
        }

        yield return WhileBackEndsChange(cluster, holder, token);
    }

    private static (string Role, Machine Machine)[] Start(LabCluster cluster)
    {
        string[] way = ["--endpoint", "lb", "--vip", $"masters={MastersAddress},lb={LbsAddress}"];
        return
        [
            .. Those("etcd", "etcd", 11, 3, cluster.Seeds.Role("etcd", 3)),
            .. Those("master", "masters", 21, 2, cluster.Seeds.Role("master", null, way)),
            .. Those("worker", "workers", 31, 2, cluster.Seeds.Role("worker")),
            .. Those("lb", "lb", 41, 2, cluster.Seeds.Role("lb")),
        ];

        IEnumerable<(string Role, Machine Machine)> Those(string role, string label, int first, int count, string seed)
        {
            string[] addresses = [.. Enumerable.Range(first, count).Select(number => string.Create(CultureInfo.InvariantCulture, $"10.240.0.{number}"))];
            Name(cluster, label, addresses);
            return [.. addresses.Select((address, index) => (role, cluster.Start($"{role}{index + 1}", seed, address, etcFiles: _accounts)))];
        }
    }

    /// <returns>A token with which the Nodes may be read.</returns>
    private static string WaitUntilReady(LabCluster cluster, (string Role, Machine Machine)[] machines)
    {
        foreach ((string role, Machine machine) in machines)
        {
            string unit = role switch { "etcd" => "etcd", "master" => "kube-scheduler", "worker" => "kubelet", _ => "haproxy" };
            machine.WaitFor($@"bootstrapper: ready(?: again)?: {unit}\.service", 300);
        }

        Kubectl kubectl = cluster.Kubectl(Master);
        kubectl.WaitFor("two Nodes that are Ready", 300, text => Regex.Count(text, @"^worker\S+ +Ready +worker ", RegexOptions.Multiline) == 2, machines[^1].Machine, "get", "nodes", "--no-headers");
        kubectl.Apply("""
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata: { name: bench }
            rules: [{ apiGroups: [""], resources: [nodes], verbs: [get, list] }]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRoleBinding
            metadata: { name: bench }
            roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: bench }
            subjects: [{ apiGroup: rbac.authorization.k8s.io, kind: Group, name: "system:bootstrappers:worker" }]
            """);
        return Regex.Match(cluster.Seeds.UserData("worker"), @"(?m)^ +token: '(\S+)'").Groups[1].Value;
    }

    private static IEnumerable<Measured> AtRest(LabCluster cluster, (string Role, Machine Machine)[] machines)
    {
        Thread.Sleep(_settling);
        Dictionary<string, double[]> before = machines.ToDictionary(one => one.Machine.Name, one => Processor(cluster, one));
        long started = Stopwatch.GetTimestamp();
        Thread.Sleep(_idle);
        Dictionary<string, double[]> after = machines.ToDictionary(one => one.Machine.Name, one => Processor(cluster, one));
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Machine holder = Holder(cluster, machines);
        foreach ((string role, string[] units) in _units)
        {
            string[] names = [.. machines.Where(one => one.Role == role).Select(one => one.Machine.Name)];
            double Share(string name, int unit) => (after[name][unit] - before[name][unit]) / 1e9 / seconds * 100;
            string Shares(Func<int, double> share) => string.Join(", ", units.Select((unit, index) => string.Create(CultureInfo.InvariantCulture, $"{unit.Replace("bootstrapper-", "", StringComparison.Ordinal)} {share(index):0.000} %")));
            yield return new Measured($"at rest, role {role}", Shares(unit => names.Average(name => Share(name, unit))), "", null,
                string.Create(CultureInfo.InvariantCulture, $"of one core, by systemd's accounts over {seconds:0} s, {_settling.TotalMinutes:0} minutes after all were ready; mean of {names.Length}: ")
                + string.Join("; ", names.Select(name => $"{name}{(name == holder.Name ? ", which holds the lbs' address," : "")} {Shares(unit => Share(name, unit))}")));
        }

        ILookup<string, long> memory = machines.ToLookup(one => one.Role, one => ((ContainerMachine)one.Machine).MemoryBytes >> 20);
        yield return new Measured("memory of nine machines at rest", string.Create(CultureInfo.InvariantCulture, $"{memory.Sum(role => role.Sum())} MiB"), "", null,
            $"of their processes and tmpfs, without the page cache, by control groups: {string.Join("; ", memory.Select(role => $"{role.Key} {string.Join(", ", role)}"))}");
    }

    /// <summary>One master in DNS, so that the lb asks the very server that is asked without it.</summary>
    private static IEnumerable<Measured> AgainstNone(LabCluster cluster, Machine holder, string token)
    {
        Leave(cluster, holder);
        _ = Ask(cluster, Master, token, 5); // what is done once is done
        _ = Ask(cluster, LbsAddress, token, 5);
        List<(WrkReport Directly, WrkReport Through)> pairs = [];
        for (int pair = 0; pair < Pairs; pair++)
        {
            pairs.Add((Ask(cluster, Master, token, PairSeconds), Ask(cluster, LbsAddress, token, PairSeconds)));
        }

        Join(cluster, holder);
        string how = string.Create(CultureInfo.InvariantCulture, $"wrk, {Connections} connections of TLS that are kept, GET {Question} of one master; medians of {Pairs} pairs in turn of {PairSeconds} s each. Client, lb and master share this machine's processors; ")
            + $"{pairs.Sum(pair => pair.Directly.Failed + pair.Through.Failed)} requests failed; ";
        yield return Measured.AtLeast(
            "requests a second through an lb / directly", Timed.Median(pairs.Select(pair => pair.Through.PerSecond / pair.Directly.PerSecond)), ThroughputAim,
            how + string.Join(", ", pairs.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Through.PerSecond:0} / {pair.Directly.PerSecond:0}"))));
        yield return Measured.Ratio(
            "99th percentile of an answer through an lb / directly", Timed.Median(pairs.Select(pair => pair.Through.Slowest / pair.Directly.Slowest)), LatencyAim,
            how + string.Join(", ", pairs.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Through.Slowest:0.0} / {pair.Directly.Slowest:0.0} ms"))));
    }

    private static Measured WhileBackEndsChange(LabCluster cluster, Machine holder, string token)
    {
        using CancellationTokenSource over = new();
        Task<WrkReport> kept = Task.Run(() => AskUntil(over.Token));
        Task<WrkReport> fresh = Task.Run(() => AskUntil(over.Token, "Connection: close"));
        Stopwatch clock = Stopwatch.StartNew();
        for (int change = 0; change < ChangesByDns; change += 2)
        {
            Leave(cluster, holder);
            Join(cluster, holder);
        }

        ChangeByRuntime(cluster, holder);
        double seconds = clock.Elapsed.TotalSeconds;
        over.Cancel();
        long failed = kept.Result.Failed + fresh.Result.Failed;
        return new Measured(
            "requests that failed while an lb's back ends changed a hundred times",
            string.Create(CultureInfo.InvariantCulture, $"{failed} of {kept.Result.Requests + fresh.Result.Requests}"), "none", failed == 0,
            string.Create(CultureInfo.InvariantCulture, $"one of two masters leaves and joins, {ChangesByDns} times by DNS, {ChangesByRuntime} times by haproxy's runtime API in the agent's words, within {seconds:0} s; wrk meanwhile, {kept.Result.Requests} requests in {Connections} kept connections and {fresh.Result.Requests} in connections of their own"));

        WrkReport AskUntil(CancellationToken end, params string[] headers)
        {
            WrkReport sum = WrkReport.Nothing;
            while (!end.IsCancellationRequested)
            {
                sum = sum.With(Ask(cluster, LbsAddress, token, 10, headers));
            }

            return sum;
        }
    }

    /// <summary>What the agent tells haproxy of a master that leaves and one that comes back.</summary>
    private static void ChangeByRuntime(LabCluster cluster, Machine holder)
    {
        const string Tell = "sudo socat - UNIX-CONNECT:/run/haproxy/control.sock";
        string slot = cluster.Run(holder, $"echo show servers state masters | {Tell} | awk '$5 == \"{OtherMaster}\" {{ print $4 }}'").Trim();
        cluster.Run(holder, string.Create(CultureInfo.InvariantCulture, $$"""
            for round in $(seq {{ChangesByRuntime / 2}}); do
              for state in drain ready; do
                said=$(echo "set server masters/{{slot}} state $state;set server masters-any/{{slot}} state $state" | {{Tell}}) || exit 1
                [ -z "$said" ] || { echo "haproxy: $said"; exit 1; }
                sleep 0.5
              done
            done
            """));
    }

    private static void Leave(LabCluster cluster, Machine holder) => Change(cluster, holder, [Master], $"masters gives {OtherMaster}, which left DNS");

    private static void Join(LabCluster cluster, Machine holder) => Change(cluster, holder, [Master, OtherMaster], $"masters has {OtherMaster} now");

    private static void Change(LabCluster cluster, Machine holder, string[] masters, string line)
    {
        int from = holder.Console.Text.Length;
        Name(cluster, "masters", masters);
        holder.WaitFor(Regex.Escape(line), 60, from);
    }

    private static WrkReport Ask(LabCluster cluster, string address, string token, int seconds, params string[] headers) => WrkReport.Of(cluster.Network.Try(
        "wrk",
        [
            "--threads", "1", "--connections", $"{Connections}", "--duration", $"{seconds}s", "--timeout", "10s", "--latency",
            .. headers.Append($"Authorization: Bearer {token}").SelectMany(header => new[] { "--header", header }), $"https://{address}:6443{Question}",
        ]));

    private static Machine Holder(LabCluster cluster, (string Role, Machine Machine)[] machines) => machines
        .Where(one => one.Role == "lb" && cluster.Run(one.Machine, $"ip -o -4 address show to {LbsAddress}/32").Trim().Length > 0)
        .Select(one => one.Machine).Single();

    /// <summary>Nanoseconds of each of the role's units since it started; no number where systemd does not count them.</summary>
    private static double[] Processor(LabCluster cluster, (string Role, Machine Machine) one)
    {
        string[] units = _units.Single(role => role.Role == one.Role).Units;
        string said = cluster.Run(one.Machine, $"for unit in {string.Join(' ', units)}; do systemctl show --property CPUUsageNSec --value $unit.service; done");
        return [.. said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => double.TryParse(line, CultureInfo.InvariantCulture, out double nanoseconds) ? nanoseconds : double.NaN)];
    }

    private static void Name(LabCluster cluster, string label, string[] addresses) => cluster.Network.SetRecords($"{label}.demo.k8s", addresses);
}
