using System.Text.Json;
using Images.Baker;
using Images.Baker.Ssh;
using Images.Baker.Upgrading;
using Images.Bootstrapper.Cli;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Upgrade;

namespace Images.Bootstrapper.Tests.Upgrading;

/// <summary>What a node's program says, as baker reads it; and what neither of them would say.</summary>
public sealed class MachineAnswersTests
{
    private static readonly UpgradeLook _look = new()
    {
        Hostname = "etcd1",
        Roles = ["etcd", "worker"],
        Cluster = "demo.k8s",
        Address = "10.0.0.11",
        Node = "w1",
        Name = "node",
        Architecture = "amd64",
        Version = "0.1.0",
        RootHash = new string('a', 64),
        Kubernetes = "1.20.2",
        Etcd = "3.4.23",
        Slot = 'a',
        SlotBytes = 1L << 40,
        KernelBytes = 7,
        IsOnTrial = true,
        Staged = new string('b', 64),
        Pending = new string('c', 64),
        Failed = [new string('d', 64)],
        LastFailure = "image 0.2.0 was tried 3 times and given up: it \u001b[31m hung",
    };

    private static readonly StatusDocument _status = new()
    {
        Phase = StatusDocument.RolesStarted,
        BootStarted = 1,
        Identity = new NodeIdentity
        {
            InstanceId = "i",
            Roles = ["etcd"],
            Cluster = "demo",
            Domain = "k8s",
            Hostname = "etcd1",
            Address = "10.0.0.11",
            FirstBoot = DateTimeOffset.UnixEpoch,
        },
        Services = [new ServiceStatus { Unit = "etcd.service", State = ServiceStatus.Ready }],
        Peers = [new PeerNameStatus { Name = "etcd.demo.k8s.", Peers = [Peer("10.0.0.11") with { IsLeader = true }, Peer("10.0.0.12")] }],
    };

    [Fact]
    public void A_look_is_read_as_it_was_written()
    {
        string json = JsonSerializer.Serialize(_look, UpgradeLookJson.Default.UpgradeLook);
        json.ShouldNotContain("\n", Case.Sensitive, "one line");
        MachineLook read = MachineLook.Parse(json, "etcd1");
        read.ShouldBeEquivalentTo(new MachineLook
        {
            Hostname = _look.Hostname,
            Roles = read.Roles,
            Cluster = _look.Cluster,
            Address = _look.Address,
            Node = _look.Node,
            Name = _look.Name,
            Architecture = _look.Architecture,
            Version = _look.Version,
            RootHash = _look.RootHash,
            Kubernetes = _look.Kubernetes,
            Etcd = _look.Etcd,
            SlotBytes = _look.SlotBytes,
            KernelBytes = _look.KernelBytes,
            IsOnTrial = _look.IsOnTrial,
            Staged = _look.Staged,
            Pending = _look.Pending,
            Failed = read.Failed,
            LastFailure = _look.LastFailure,
        });
        read.Roles.ShouldBe(_look.Roles);
        read.Failed.ShouldBe(_look.Failed);
    }

    [Fact]
    public void A_member_is_well_where_its_services_are_and_all_members_are() => Health(_status).IsWell.ShouldBeTrue();

    [Fact]
    public void What_is_not_well_is_named()
    {
        Health(_status with { Phase = StatusDocument.StartingRoles, Services = [], Peers = [] }).All.ShouldBe(["starting roles"]);
        Health(_status with { Services = [new ServiceStatus { Unit = "etcd.service", State = ServiceStatus.Waiting, Detail = "waiting for 2 peers" }] })
            .All.ShouldBe(["etcd.service: waiting; waiting for 2 peers"]);
        Health(WithPeers(Peer("10.0.0.11") with { IsLeader = true }, Peer("10.0.0.12") with { State = PeerStatusLine.Unhealthy, Detail = "not reachable" }))
            .All.ShouldBe(["etcd at 10.0.0.12: unhealthy not reachable"]);
        Health(WithPeers(Peer("10.0.0.11") with { IsLeader = true }, Peer("10.0.0.12") with { IsLearner = true })).All.ShouldBe(["etcd at 10.0.0.12: has no vote yet"]);
        Health(WithPeers(Peer("10.0.0.11"), Peer("10.0.0.12"))).All.ShouldBe(["etcd: no member leads"]);
        Health(WithPeers()).IsWell.ShouldBeTrue("a machine that is the whole cluster sees no peers");
    }

    [Fact]
    public void Peers_of_a_machine_that_is_no_member_are_not_its_matter() =>
        Health(WithPeers(Peer("10.0.0.11") with { State = PeerStatusLine.Silent }) with { Identity = _status.Identity! with { Roles = ["worker"] } }).IsWell.ShouldBeTrue();

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("{}")]
    [InlineData("{\"phase\":7}")]
    [InlineData("{\"phase\":\"roles started\"}")]
    [InlineData("{\"phase\":\"roles started\",\"services\":{}}")]
    [InlineData("{\"phase\":\"roles started\",\"services\":[7],\"peers\":[]}")]
    [InlineData("{\"phase\":\"roles started\",\"services\":[{\"state\":null}],\"peers\":[]}")]
    [InlineData("{\"phase\":\"roles started\",\"services\":[],\"identity\":{\"roles\":[\"etcd\"]},\"peers\":[{\"peers\":[{}]}]}")]
    [InlineData("{\"phase\":\"roles started\",\"services\":[],\"identity\":{\"roles\":[[]]},\"peers\":[]}")]
    [InlineData("{\"hostname\":null,\"roles\":[],\"cluster\":\"\",\"address\":\"\",\"name\":\"\",\"architecture\":\"\",\"version\":\"\",\"rootHash\":\"\",\"isOnTrial\":false,\"failed\":[]}")]
    [InlineData("usage: bootstrapper COMMAND")]
    public void Nonsense_has_one_name(string said)
    {
        Should.Throw<BakeException>(() => MachineLook.Parse(said, "etcd1")).Code.ShouldBe("BAKE0974");
        Should.Throw<BakeException>(() => MachineHealth.Parse(said, "etcd1")).Code.ShouldBe("BAKE0974");
    }

    [Fact]
    public void An_image_from_before_there_were_upgrades_is_known_by_its_usage()
    {
        BakeException before = SshMachine.Refusal("etcd1", "node.upgrade", new NodeAnswer(2, "", "usage: bootstrapper COMMAND\n  boot              find metadata\n  reset [--yes]     forget\n"));
        (before.Code, before.Place).ShouldBe(("BAKE0973", "etcd1"));
        before.Remedy.ShouldStartWith("Replace the machine: ");

        using StringWriter now = new();
        Usage.Print(now);
        BakeException byHand = SshMachine.Refusal("etcd1", "node.upgrade", new NodeAnswer(2, "", now.ToString()));
        byHand.Code.ShouldBe("BAKE0973");
        byHand.Remedy.ShouldBe("Do so once: ssh admin@etcd1 sudo bootstrapper upgrade - < node.upgrade");

        BakeException other = SshMachine.Refusal("etcd1", "node.upgrade", new NodeAnswer(1, "", "bootstrapper: NODE0603  This needs root.\n"));
        (other.Code, other.Fault).ShouldBe(("BAKE0844", BakeFault.Source));
    }

    private static StatusDocument WithPeers(params PeerStatusLine[] peers) =>
        _status with { Peers = [new PeerNameStatus { Name = "etcd.demo.k8s.", Peers = peers }] };

    private static PeerStatusLine Peer(string address) => new() { Address = address, State = PeerStatusLine.Healthy, InDns = true };

    private static MachineHealth Health(StatusDocument status) =>
        MachineHealth.Parse(JsonSerializer.Serialize(status, ReportJson.Default.StatusDocument), "etcd1");
}
