using System.Net;
using System.Text.Json.Nodes;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Kubernetes.PodRouting;

namespace Images.Bootstrapper.Tests.Kubernetes.PodRouting;

public sealed class PodMachinesTests
{
    [Fact]
    public void Machines_come_from_Nodes_and_from_DNS_each_once()
    {
        KubernetesObject node = new(new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "w1" },
            ["spec"] = new JsonObject { ["podCIDR"] = "10.200.1.0/24" },
            ["status"] = new JsonObject
            {
                ["addresses"] = new JsonArray(
                    new JsonObject { ["type"] = "Hostname", ["address"] = "w1" },
                    new JsonObject { ["type"] = "InternalIP", ["address"] = "fd00::1" },
                    new JsonObject { ["type"] = "InternalIP", ["address"] = "10.0.0.1" }),
            },
        });
        PodMachines machines = PodMachines.None.Next([PodNode.Read(node)], Addresses("10.0.0.2", "10.0.0.1", "10.0.0.2"));
        machines.All.ShouldBe([Machine("10.0.0.1", "10.200.1.0/24"), Machine("10.0.0.2")]);
        machines.LeftOut.ShouldBeEmpty();
    }

    [Fact]
    public void A_Node_counts_only_at_an_address_that_DNS_names()
    {
        PodNode named = Node("w1", "10.200.1.0/24", "10.0.0.1"), stranger = Node("w2", "10.200.2.0/24", "192.0.2.66", "192.0.2.67"), nowhere = Node("w3", null);
        PodMachines machines = PodMachines.None.Next([stranger, nowhere, named], Addresses("10.0.0.1"));
        machines.All.ShouldBe([Machine("10.0.0.1", "10.200.1.0/24")]);
        machines.LeftOut.ShouldBe([stranger]);
    }

    [Fact]
    public void Of_a_Nodes_addresses_the_first_that_DNS_names_counts() =>
        PodMachines.None.Next([Node("w1", "10.200.1.0/24", "192.0.2.66", "10.0.0.1", "10.0.0.2")], Addresses("10.0.0.1", "10.0.0.2")).All
            .ShouldBe([Machine("10.0.0.1", "10.200.1.0/24"), Machine("10.0.0.2")]);

    [Fact]
    public void What_DNS_named_before_is_believed_for_as_long_as_a_Node_counts_there()
    {
        PodNode node = Node("w2", "10.200.2.0/24", "10.0.0.2"), other = Node("w1", "10.200.1.0/24", "10.0.0.1", "10.0.0.2");
        PodMachines machines = PodMachines.None.Next([other, node], Addresses("10.0.0.1", "10.0.0.2"));
        for (int look = 0; look < 3; look++)
        {
            machines = machines.Next([other, node], Addresses("10.0.0.1"));
            machines.All.ShouldBe([Machine("10.0.0.1", "10.200.1.0/24"), Machine("10.0.0.2", "10.200.2.0/24")]);
            machines.LeftOut.ShouldBeEmpty();
        }

        machines = machines.Next([other], Addresses("10.0.0.1"));
        machines.All.ShouldBe([Machine("10.0.0.1", "10.200.1.0/24")], "another Node's word does not keep it");
        machines = machines.Next([other, node], Addresses("10.0.0.1"));
        machines.All.ShouldBe([Machine("10.0.0.1", "10.200.1.0/24")]);
        machines.LeftOut.ShouldBe([node]);
    }

    [Fact]
    public void A_Node_that_goes_to_an_address_that_DNS_does_not_name_counts_no_longer()
    {
        PodMachines before = PodMachines.None.Next([Node("w2", "10.200.2.0/24", "10.0.0.2")], Addresses("10.0.0.2"));
        PodNode moved = Node("w2", "10.200.2.0/24", "192.0.2.66");
        PodMachines machines = before.Next([moved], Addresses("10.0.0.2"));
        machines.All.ShouldBe([Machine("10.0.0.2")]);
        machines.LeftOut.ShouldBe([moved]);
    }

    [Fact]
    public void Of_Nodes_at_one_address_the_newest_that_has_a_share_counts()
    {
        PodNode old = Node("a", "10.200.1.0/24", "10.0.0.1"), made = Node("b", "10.200.2.0/24", "10.0.0.1") with { Created = "2026-02-01T00:00:00Z" };
        PodNode shareless = Node("c", null, "10.0.0.1") with { Created = "2026-03-01T00:00:00Z" };
        PodMachines.None.Next([old, made, shareless], Addresses("10.0.0.1")).All.ShouldBe([Machine("10.0.0.1", "10.200.2.0/24")]);
    }

    private static PodNode Node(string name, string? share, params string[] addresses) =>
        new(name, "2026-01-01T00:00:00Z", Addresses(addresses), share is null ? null : IPNetwork.Parse(share));

    private static PodMachine Machine(string address, string? share = null) => new(IPAddress.Parse(address), share is null ? null : IPNetwork.Parse(share));

    private static IPAddress[] Addresses(params string[] addresses) => [.. addresses.Select(IPAddress.Parse)];
}
