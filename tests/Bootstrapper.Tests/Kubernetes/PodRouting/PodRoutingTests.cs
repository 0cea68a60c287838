using System.Net;
using Images.Bootstrapper.Kubernetes.PodRouting;

namespace Images.Bootstrapper.Tests.Kubernetes.PodRouting;

/// <summary>Judged by ping between network namespaces, and by what ip and iptables show.</summary>
public sealed class PodRoutingTests
{
    private static readonly PodRoutingSettings _settings = new()
    {
        Mode = PodRoutingMode.Routed,
        Address = IPAddress.Parse("10.0.0.1"),
        PodNetwork = IPNetwork.Parse("10.200.0.0/16"),
    };

    [Fact]
    public async Task Pods_reach_pods_of_other_machines_by_routes_and_masters_reach_them_too()
    {
        using PodLab lab = new(PodRoutingMode.Routed, hasRouter: false);
        await JudgeAsync(lab, "192.0.2.1", "192.0.2.2", "192.0.2.3");
    }

    [Fact]
    public async Task Pods_reach_pods_through_the_overlay_when_routers_are_in_between()
    {
        using PodLab lab = new(PodRoutingMode.Overlay, hasRouter: true);
        await JudgeAsync(lab, "203.0.113.1", "198.51.100.2", "192.0.3.3");
    }

    [Fact]
    public async Task Routes_between_machines_of_different_links_are_named_as_what_cannot_be_done()
    {
        using PodLab lab = new(PodRoutingMode.Routed, hasRouter: true);
        NetworkNamespace machine = lab.AddMachine("203.0.113.1", "to-a");
        IReadOnlyList<string> faults = await lab.ApplyAsync(machine, "203.0.113.1", [Machine("198.51.100.2", "10.200.2.0/24")]);
        faults.ShouldHaveSingleItem().ShouldContain("route replace 10.200.2.0/24 via 198.51.100.2");
    }

    [Fact]
    public async Task The_guard_holds_for_pods_of_an_add_ons_network_and_stands_again_when_someone_took_it_away()
    {
        using PodLab lab = new(PodRoutingMode.Routed, hasRouter: false);
        NetworkNamespace machine = lab.AddMachine("192.0.2.1", "to-a");
        NetworkNamespace pod = lab.AddPod(machine, "172.30.7.0/24");
        lab.Settings.PodNetwork.Contains(IPAddress.Parse("172.30.7.2")).ShouldBeFalse();
        machine.Run("iptables", "-t", "nat", "-A", "POSTROUTING", "-s", "172.30.7.0/24", "-j", "MASQUERADE"); // what the add-on does
        machine.Run("iptables", "-t", "nat", "-A", "PREROUTING", "-d", "10.96.0.9", "-j", "DNAT", "--to-destination", PodLab.Metadata); // a Service that leads there
        PodLab.Reaches(pod, PodLab.Metadata).ShouldBeTrue();
        PodLab.Reaches(pod, "10.96.0.9").ShouldBeTrue();

        List<string> changes = [];
        IReadOnlyList<string> said = await PodLab.GuardAsync(
            machine, changes,
            () =>
            {
                JudgeGuard(machine, pod);
                machine.Run("iptables", "-t", "mangle", "-F");
                machine.Run("iptables", "-t", "mangle", "-X");
                PodLab.Reaches(pod, PodLab.Metadata).ShouldBeTrue();
            },
            () =>
            {
                JudgeGuard(machine, pod);
                machine.Run("iptables", "-t", "mangle", "-I", "FORWARD", "-j", "ACCEPT");
                PodLab.Reaches(pod, PodLab.Metadata).ShouldBeTrue();
            },
            () => JudgeGuard(machine, pod));
        said.ShouldBeEmpty();
        changes.Count.ShouldBe(3);
    }

    [Fact]
    public async Task Pods_with_the_hosts_network_are_kept_from_metadata_and_services_are_not_and_names_still_come()
    {
        using PodLab lab = new(PodRoutingMode.Routed, hasRouter: false);
        using ControlGroup services = ControlGroup.Make();
        NetworkNamespace machine = lab.AddMachine("192.0.2.1", "to-a");
        NetworkNamespace pod = lab.AddPod(machine, "172.30.7.0/24");
        machine.Run("iptables", "-t", "nat", "-A", "POSTROUTING", "-s", "172.30.7.0/24", "-j", "MASQUERADE");
        machine.Run("iptables", "-t", "nat", "-A", "OUTPUT", "-d", "10.96.0.9", "-j", "DNAT", "--to-destination", PodLab.Metadata); // a Service that leads there
        machine.Ip($"route add 10.96.0.9/32 via {PodLab.World}");
        using PodLab.Server metadata = lab.Serve(PodLab.Metadata, 80);
        using PodLab.Server names = lab.Serve(PodLab.Metadata, 53);
        foreach (string address in new[] { PodLab.Metadata, "10.96.0.9" })
        {
            PodLab.Answers(machine, address, 80).ShouldBeTrue("nothing is in between but the guard");
        }

        PodLab.Answers(pod, PodLab.Metadata, 80).ShouldBeTrue();

        (await PodLab.GuardAsync(machine, services.Path, [])).ShouldBeEmpty();
        PodLab.Answers(machine, PodLab.Metadata, 80).ShouldBeFalse("what runs here is in no group of services, though root's");
        PodLab.Answers(machine, "10.96.0.9", 80).ShouldBeFalse();
        PodLab.Answers(pod, PodLab.Metadata, 80).ShouldBeFalse();
        PodLab.Answers(machine, PodLab.Metadata, 53).ShouldBeTrue();
        PodLab.Answers(machine, PodLab.Metadata, 53, "+notcp").ShouldBeTrue();
        PodLab.Answers(pod, PodLab.Metadata, 53).ShouldBeTrue();
        PodLab.Answers(pod, PodLab.Metadata, 53, "+notcp").ShouldBeTrue();

        (await PodLab.GuardAsync(machine, PodLab.EveryGroup, [])).ShouldBeEmpty();
        PodLab.Answers(machine, PodLab.Metadata, 80).ShouldBeTrue("now it is in the group of services");
        PodLab.Answers(pod, PodLab.Metadata, 80).ShouldBeFalse();
    }

    [Fact]
    public async Task Where_the_group_of_services_is_not_there_the_rule_for_pods_holds_all_the_same()
    {
        using PodLab lab = new(PodRoutingMode.Routed, hasRouter: false);
        NetworkNamespace machine = lab.AddMachine("192.0.2.1", "to-a");
        NetworkNamespace pod = lab.AddPod(machine, "172.30.7.0/24");
        machine.Run("iptables", "-t", "nat", "-A", "POSTROUTING", "-s", "172.30.7.0/24", "-j", "MASQUERADE");
        PodLab.Reaches(pod, PodLab.Metadata).ShouldBeTrue();

        (await PodLab.GuardAsync(machine, "no-such.slice", [])).ShouldHaveSingleItem().ShouldStartWith("pods with hostNetwork and users' programs are not kept from ");
        PodLab.Reaches(pod, PodLab.Metadata).ShouldBeFalse();
    }

    [Fact]
    public async Task The_overlay_takes_packets_from_its_machines_alone()
    {
        using PodLab lab = new(PodRoutingMode.Overlay, hasRouter: false);
        NetworkNamespace machine = lab.AddMachine("192.0.2.1", "to-a");
        PodMachine[] machines = [Machine("192.0.2.2", "10.200.2.0/24")];
        (await lab.ApplyAsync(machine, "192.0.2.1", machines)).ShouldBeEmpty();

        // the world is a neighbour that says it is the machine 192.0.2.2 in the overlay, under its own address outside
        NetworkNamespace neighbour = lab.WorldMachine;
        neighbour.Ip("link add evil type vxlan id 158 remote 192.0.2.1 dstport 4789 dev eth0");
        neighbour.Ip($"address add {OverlayAddress.Of(IPAddress.Parse("192.0.2.2"))}/15 dev evil");
        neighbour.Ip("link set evil up");
        string inside = OverlayAddress.Of(IPAddress.Parse("192.0.2.1")).ToString();
        neighbour.Ip($"neigh replace {inside} lladdr {OverlayAddress.EthernetOf(IPAddress.Parse("192.0.2.1"))} dev evil nud permanent");

        Injects().ShouldBeFalse();
        machine.Run("nft", "delete", "table", "ip", OverlayGate.Table);
        Injects().ShouldBeTrue("else this shows nothing");
        (await lab.ApplyAsync(machine, "192.0.2.1", machines)).ShouldBeEmpty();
        Injects().ShouldBeFalse();
        (await lab.ApplyAsync(machine, "192.0.2.1", [.. machines, new PodMachine(IPAddress.Parse(PodLab.World))])).ShouldBeEmpty();
        Injects().ShouldBeTrue("now it is a machine of the overlay");

        bool Injects()
        {
            long before = PodLab.EchoRequests(machine);
            _ = PodLab.Reaches(neighbour, inside);
            return PodLab.EchoRequests(machine) > before;
        }
    }

    [Fact]
    public async Task Another_mode_takes_the_overlay_away()
    {
        using PodLab lab = new(PodRoutingMode.Overlay, hasRouter: false);
        NetworkNamespace machine = lab.AddMachine("192.0.2.1", "to-a");
        PodMachine[] machines = [Machine("192.0.2.2", "10.200.2.0/24")];
        (await lab.ApplyAsync(machine, "192.0.2.1", machines)).ShouldBeEmpty();
        machine.Run("ip", "link", "show").ShouldContain(PodRoutingPlan.Device);
        PodRoutingPlan routed = PodRoutingPlan.For(lab.Settings with { Mode = PodRoutingMode.Routed, Address = IPAddress.Parse("192.0.2.1") }, machines);
        (await new PodRouter(machine.RunAsync).ApplyAsync(routed, IPAddress.Parse("192.0.2.1"), CancellationToken.None)).ShouldBeEmpty();
        machine.Run("ip", "link", "show").ShouldNotContain(PodRoutingPlan.Device);
        machine.Run("nft", "list", "tables").ShouldNotContain(OverlayGate.Table);
        machine.Run("ip", "route", "show", "10.200.2.0/24").ShouldContain("via 192.0.2.2");
    }

    [Fact]
    public void A_share_outside_the_pods_network_or_twice_is_left_out_and_named()
    {
        PodRoutingPlan made = PodRoutingPlan.For(_settings, [Machine("10.0.0.2", "10.0.0.0/24"), Machine("10.0.0.3", "10.200.3.0/24"), Machine("10.0.0.4", "10.200.3.0/24"), Machine("10.0.0.5", "0.0.0.0/0")]);
        made.Routes.ShouldBe([new PodRoute("10.200.3.0/24", "10.0.0.3", null)]);
        made.Faults.ShouldBe(
        [
            "the pods of 10.0.0.2 have 10.0.0.0/24, which lies outside the pods' network 10.200.0.0/16",
            "the pods of 10.0.0.4 have 10.200.3.0/24, which another machine has too",
            "the pods of 10.0.0.5 have 0.0.0.0/0, which lies outside the pods' network 10.200.0.0/16",
        ]);
    }

    [Fact]
    public void This_machines_own_share_is_no_other_machines()
    {
        PodRoutingPlan made = PodRoutingPlan.For(_settings, [Machine("10.0.0.1", "10.200.1.0/24"), Machine("10.0.0.2", "10.200.1.0/24")]);
        made.Routes.ShouldBeEmpty();
        made.Faults.ShouldBe(["the pods of 10.0.0.2 have 10.200.1.0/24, which another machine has too"]);
    }

    [Fact]
    public void Two_machines_that_derive_one_overlay_address_are_named()
    {
        PodRoutingPlan made = PodRoutingPlan.For(_settings with { Mode = PodRoutingMode.Overlay }, [Machine("10.2.0.2", "10.200.2.0/24"), Machine("10.4.0.2", "10.200.4.0/24")]);
        made.Peers.ShouldBe([new OverlayPeer("198.18.0.2", "02:58:0a:02:00:02", "10.2.0.2")]);
        made.Faults.ShouldBe(["the machine 10.4.0.2 has the same lower 17 bits in its address as another and cannot be in the overlay"]);
    }

    private static async Task JudgeAsync(PodLab lab, string firstAddress, string secondAddress, string masterAddress)
    {
        NetworkNamespace first = lab.AddMachine(firstAddress, "to-a");
        NetworkNamespace second = lab.AddMachine(secondAddress, "to-b");
        NetworkNamespace master = lab.AddMachine(masterAddress, "to-m");
        NetworkNamespace pod = lab.AddPod(first, "10.200.1.0/24");
        NetworkNamespace otherPod = lab.AddPod(second, "10.200.2.0/24");
        PodMachine[] machines = [Machine(firstAddress, "10.200.1.0/24"), Machine(secondAddress, "10.200.2.0/24"), new PodMachine(IPAddress.Parse(masterAddress))];
        PodLab.Reaches(pod, "10.200.2.2").ShouldBeFalse();
        PodLab.Reaches(pod, PodLab.World).ShouldBeFalse("nobody outside knows the pods' network");
        PodLab.Reaches(first, PodLab.Metadata).ShouldBeTrue();

        (await lab.ApplyAsync(first, firstAddress, machines)).ShouldBeEmpty();
        (await lab.ApplyAsync(second, secondAddress, machines)).ShouldBeEmpty();
        (await lab.ApplyAsync(master, masterAddress, machines)).ShouldBeEmpty();
        PodLab.Reaches(pod, "10.200.2.2").ShouldBeTrue();
        PodLab.Reaches(otherPod, "10.200.1.2").ShouldBeTrue();
        PodLab.Reaches(pod, "10.200.2.2", size: PodRouter.PodMtu(1500, lab.Settings.Mode) - 28).ShouldBeTrue("the largest packet gets through");
        PodLab.Reaches(master, "10.200.2.2").ShouldBeTrue();
        PodLab.Reaches(first, "10.200.2.2").ShouldBeTrue();
        PodLab.Reaches(pod, PodLab.World).ShouldBeTrue("it leaves under the machine's address");
        PodLab.Reaches(pod, PodLab.Metadata).ShouldBeTrue("nothing is in between but the guard");

        List<string> changes = [];
        (await PodLab.GuardAsync(first, changes)).ShouldBeEmpty();
        changes.Count.ShouldBe(1);
        PodLab.Reaches(pod, PodLab.Metadata).ShouldBeFalse();
        PodLab.Reaches(pod, PodLab.World).ShouldBeTrue();
        PodLab.Reaches(pod, "10.200.2.2").ShouldBeTrue();
        PodLab.Reaches(first, PodLab.Metadata).ShouldBeTrue();

        changes.Clear();
        (await lab.ApplyAsync(first, firstAddress, machines, changes)).ShouldBeEmpty();
        (await PodLab.GuardAsync(first, changes)).ShouldBeEmpty();
        changes.ShouldBeEmpty();
        first.Run("iptables", "-t", "mangle", "-F", "IMAGES-GUARD");
        PodLab.Reaches(pod, PodLab.Metadata).ShouldBeTrue();
        first.Run("iptables", "-t", "nat", "-I", "POSTROUTING", "-j", "ACCEPT"); // someone else's rule before ours
        (await lab.ApplyAsync(first, firstAddress, machines, changes)).ShouldBeEmpty();
        (await PodLab.GuardAsync(first, changes)).ShouldBeEmpty();
        changes.Count.ShouldBe(2, string.Join('\n', changes));
        PodLab.Reaches(pod, PodLab.Metadata).ShouldBeFalse();
        PodLab.Reaches(pod, PodLab.World).ShouldBeTrue();

        (await lab.ApplyAsync(first, firstAddress, [machines[0], machines[2]])).ShouldBeEmpty();
        first.Run("ip", "route", "show").ShouldNotContain("10.200.2.0/24");
        first.Run("bridge", "fdb", "show").ShouldNotContain(secondAddress);
        PodLab.Reaches(pod, "10.200.2.2").ShouldBeFalse();
    }

    private static void JudgeGuard(NetworkNamespace machine, NetworkNamespace pod)
    {
        PodLab.Reaches(pod, PodLab.Metadata).ShouldBeFalse();
        PodLab.Reaches(pod, "10.96.0.9").ShouldBeFalse();
        PodLab.Reaches(pod, PodLab.World).ShouldBeTrue();
        PodLab.Reaches(machine, PodLab.Metadata).ShouldBeTrue();
    }

    private static PodMachine Machine(string address, string share) => new(IPAddress.Parse(address), IPNetwork.Parse(share));
}
