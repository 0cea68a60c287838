using Images.Lab.Machines;
using Images.Lab.Networks;

namespace Images.EndToEnd.Tests;

/// <summary>Members of etcd that are replaced, come and go, and what a person may ask of them.</summary>
public sealed class EtcdLifeTests : IDisposable
{
    private const string Ghost = "10.240.0.19";

    private static readonly string[] _five = [.. Enumerable.Range(11, 5).Select(number => $"10.240.0.{number}")];
    private static readonly string[] _three = _five[..3];

    private readonly string _folder = BakedImage.RunFolder(nameof(EtcdLifeTests));
    private readonly LabNetwork _network;
    private readonly ClusterSeeds _seeds;
    private readonly EtcdClient _client;
    private readonly Machine[] _machines;

    public EtcdLifeTests()
    {
        _network = new LabNetwork(Path.Combine(_folder, "network"));
        _seeds = new ClusterSeeds(Path.Combine(_folder, "cluster"));
        string seed = _seeds.Role("etcd", size: 3);
        _machines = [.. _five.Select((address, index) => Machine.New(new MachineOptions
        {
            Name = $"etcd{index + 1}",
            Folder = _folder,
            Seed = seed,
            Network = _network,
            Address = address,
            MemoryMebibytes = 1024,
        }))];
        _client = new EtcdClient(_network, _seeds);
    }

    [Fact]
    [Trait("Category", "Full")] // in CI ThreeMembersTests replaces a wiped member
    public void A_wiped_member_is_replaced_with_no_command_on_the_others_and_proves_a_snapshot()
    {
        EtcdClusterView first = Form();
        _client.Run(_three, "put", "before", "the loss");

        _machines[2].CutPower();
        _machines[2].Wipe();
        _client.RunOnceThereIsALeader([_three[0]], "put", "without", "the third");
        _machines[2].Start();
        _machines[2].WaitFor("bootstrapper: ready: etcd.service", 300);
        EtcdClusterView whole = _client.WaitForVoters(_three, 120);
        whole.ClusterId.ShouldBe(first.ClusterId);
        whole.Members.Take(2).ShouldBe(first.Members.Take(2));
        whole.IdAt(_three[2]).ShouldNotBe(first.IdAt(_three[2]), "it is a new member");
        _client.Run([_three[2]], "get", "--from-key", "--consistency=s", "").Trim().ShouldBe("before\nthe loss\nwithout\nthe third");

        string snapshot = ASnapshotIsProven(_machines[2]);
        TheAgentsSandboxLetsItTakeOne(_machines[2]);
        APartOfItIsRefused(_machines[2], snapshot);
        Run(_machines[2], $"bootstrapper etcd restore {snapshot} --yes").ShouldContain($"NODE0406  {_three[0]}, {_three[1]}: ", Case.Sensitive, "others run");
        Run(_machines[2], "bootstrapper etcd defrag").ShouldMatch(@"^The database of this member had \d+ MiB, and has \d+ MiB now\.$");
        _client.WaitForVoters(_three, 30).IsSameAs(whole).ShouldBeTrue("none of that has changed the cluster");
        WaitUntil("the status says that no alarm stands", 30, () => Run(_machines[2], "bootstrapper status").Contains("\netcd      no alarm\n", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Category", "Full")]
    public void Three_become_five_by_two_machines_at_once_and_three_again_by_two_commands()
    {
        EtcdClusterView first = Form();
        _client.Run(_three, "put", "key", "value");

        _network.SetRecords("etcd.demo.k8s", _five);
        _machines[3].Start();
        _machines[4].Start();
        EtcdClusterView five = _client.WaitForVoters(_five, 180);
        five.ClusterId.ShouldBe(first.ClusterId);
        five.Members.Take(3).ShouldBe(first.Members);
        _client.Run([_five[4]], "get", "--print-value-only", "--consistency=s", "key").Trim().ShouldBe("value");

        foreach (int gone in new[] { 4, 3 })
        {
            Run(_machines[0], $"bootstrapper etcd remove {_five[gone]}").ShouldContain($" at {_five[gone]}. Its machine keeps its data and starts no etcd.");
            _machines[gone].WaitFor("the cluster has removed this member for good", 60);
        }

        _network.SetRecords("etcd.demo.k8s", _three);
        _client.WaitForVoters(_three, 60).Members.ShouldBe(first.Members);
        Run(_machines[0], $"bootstrapper etcd remove {_five[3]}").ShouldContain("NODE0404");

        // a start changes nothing of that, and two of three are a majority again
        _machines[3].Shutdown(_seeds.SshKey);
        _machines[3].Start();
        _machines[3].WaitFor("the cluster has removed this member for good", 120);
        _client.Try([_five[3]], "endpoint", "status", "--command-timeout=5s").ExitCode.ShouldNotBe(0, "etcd must not run there");
        _machines[2].CutPower();
        _client.RunOnceThereIsALeader([_three[0]], "put", "key", "of two");
    }

    [Fact]
    [Trait("Category", "Full")]
    public void A_member_that_was_added_and_never_started_keeps_no_other_out()
    {
        Form();
        _client.RunOnceThereIsALeader(_three, "member", "add", "ghost", $"--peer-urls=https://{Ghost}:2380", "--learner");

        string[] four = _five[..4];
        _network.SetRecords("etcd.demo.k8s", four);
        _machines[3].Start();
        _client.WaitForVoters(four, 300);
        _machines.Take(3).Count(machine => machine.Console.Text.Contains($" at {Ghost}", StringComparison.Ordinal))
            .ShouldBeGreaterThan(0, "the leader's machine says whom it has removed");
    }

    public void Dispose()
    {
        foreach (Machine machine in _machines)
        {
            machine.Dispose();
        }

        _network.Dispose();
    }

    private EtcdClusterView Form()
    {
        _network.SetRecords("etcd.demo.k8s", _three);
        foreach (Machine machine in _machines.Take(3))
        {
            machine.Start();
        }

        return _client.WaitForVoters(_three, 300);
    }

    private string ASnapshotIsProven(Machine machine)
    {
        string said = Run(machine, "bootstrapper etcd snapshot");
        said.ShouldMatch(@"^/var/lib/bootstrapper/etcd/snapshots/\w+-\d+\.db: revision \d+, 2 keys; restored, and served by an etcd of its own$");
        string file = said.Split(':')[0];
        Run(machine, $"stat -c %a {file}").ShouldBe("600");
        Run(machine, $"bootstrapper etcd prove {file}").ShouldBe(said);
        return file;
    }

    /// <summary>The schedule begins ten minutes after a start; here the agent's unit runs the command.</summary>
    private void TheAgentsSandboxLetsItTakeOne(Machine machine)
    {
        const string Unit = "in-the-agents-sandbox.service";
        Run(machine, $"""
            sh -c 'sed -e "s#^ExecStart=.*#ExecStart=/usr/lib/bootstrapper/bootstrapper etcd snapshot#" -e "s#^Type=.*#Type=oneshot#" -e "/^Restart/d"               /usr/lib/systemd/system/bootstrapper-agent.service > /run/systemd/system/{Unit} && systemctl daemon-reload'
            """).ShouldBeEmpty();
        Run(machine, $"systemctl start {Unit}");
        Run(machine, $"journalctl --no-pager -o cat -u {Unit}").ShouldMatch(@"\.db: revision \d+, 2 keys; restored, and served by an etcd of its own");
    }

    private void APartOfItIsRefused(Machine machine, string snapshot)
    {
        const string Part = "/var/lib/part.db";
        Run(machine, $"sh -c 'head -c 5000 {snapshot} > {Part}'");
        Run(machine, $"bootstrapper etcd prove {Part}").ShouldContain("NODE0405  etcd prove: it is no snapshot of etcd, or a part of one");
    }

    /// <summary>What a command says, of its faults too.</summary>
    private string Run(Machine machine, string command) => machine.Ssh(_seeds.SshKey, $"sudo {command} 2>&1", mayFail: true).Trim();

    private static void WaitUntil(string what, int seconds, Func<bool> isSo)
    {
        DateTime end = DateTime.UtcNow.AddSeconds(seconds);
        while (!isSo())
        {
            (DateTime.UtcNow < end).ShouldBeTrue(what);
            Thread.Sleep(1000);
        }
    }
}
