using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.LoadBalancing.ServiceAddresses;

namespace Images.Bootstrapper.Tests.LoadBalancing.ServiceAddresses;

public sealed class AddressAllotmentTests
{
    [Fact]
    public void The_oldest_Service_gets_the_lowest_free_address_whatever_the_order_of_the_list()
    {
        KubernetesObject[] services = [ServiceSample.Service("b", minute: 1), ServiceSample.Service("c", minute: 2), ServiceSample.Service("a", minute: 3)];

        Given(services).ShouldBe(["default/b 10.0.0.64", "default/c 10.0.0.65", "default/a 10.0.0.66"]);
        Given([.. services.Reverse()]).ShouldBe(Given(services));
    }

    [Fact]
    public void A_Service_keeps_its_address_and_one_that_is_free_again_goes_to_the_next()
    {
        Given(ServiceSample.Service("kept", "10.0.0.66", minute: 5), ServiceSample.Service("new", minute: 1)).ShouldBe(["default/new 10.0.0.64"]);
        Given(ServiceSample.Service("kept", "10.0.0.64", minute: 5)).ShouldBeEmpty("nothing is to be changed");
        Given(ServiceSample.Service("one", "10.0.0.64"), ServiceSample.Service("two", "10.0.0.66"), ServiceSample.Service("new", minute: 9)).ShouldBe(["default/new 10.0.0.65"]);
    }

    [Fact]
    public void Of_two_that_have_one_address_the_younger_gets_another() =>
        Given(ServiceSample.Service("young", "10.0.0.64", minute: 2), ServiceSample.Service("old", "10.0.0.64", minute: 1)).ShouldBe(["default/young 10.0.0.65"]);

    [Fact]
    public void An_address_that_is_not_of_the_pool_is_replaced() =>
        Given(ServiceSample.Service("a", "192.0.2.1")).ShouldBe(["default/a 10.0.0.64"]);

    [Theory]
    [InlineData("10.0.0.67", "10.0.0.67", null)]
    [InlineData("10.0.0.65", null, "asks for an address ('10.0.0.65') which another has: it gets none.")]
    [InlineData("10.0.0.1", null, "asks for an address ('10.0.0.1') which is not in the pool: it gets none.")]
    [InlineData("10.0.0.067", null, "asks for an address ('10.0.0.067') which is not in the pool")]
    [InlineData("fd00::1", null, "which is not in the pool")]
    public void A_wish_is_fulfilled_or_said(string wish, string? address, string? fault)
    {
        AddressAllotment allotment = Of([ServiceSample.Service("other", "10.0.0.65", minute: 9), ServiceSample.Service("wishing", spec: $$"""{"loadBalancerIP":"{{wish}}"}""")]);

        allotment.Changes.Select(change => change.Address).ShouldBe(address is null ? [] : [address]);
        (allotment.Faults.SingleOrDefault() ?? "").ShouldContain(fault ?? "");
        allotment.Faults.Count.ShouldBe(fault is null ? 0 : 1);
    }

    [Fact]
    public void A_wish_that_changes_moves_the_Service_if_the_address_is_free() =>
        Given(ServiceSample.Service("moving", "10.0.0.64", spec: """{"loadBalancerIP":"10.0.0.66"}""")).ShouldBe(["default/moving 10.0.0.66"]);

    [Fact]
    public void A_wish_that_cannot_be_fulfilled_any_more_takes_the_old_address_away() =>
        Given(ServiceSample.Service("moving", "10.0.0.64", spec: """{"loadBalancerIP":"10.9.9.9"}""")).ShouldBe(["default/moving -"]);

    [Fact]
    public void A_full_pool_is_said_for_each_who_gets_nothing()
    {
        AddressAllotment allotment = AddressAllotment.Of(BalancedService.ReadAll([ServiceSample.Service("a"), ServiceSample.Service("b", minute: 1)]), ServiceSample.PoolOf("10.0.0.64"), new HashSet<string>());

        allotment.Changes.Select(change => change.ToString()).ShouldBe(["the Service default/a has the address 10.0.0.64 now"]);
        allotment.Faults.ShouldBe(["the Service default/b gets no address: all of node.lb.pool are given. Remove Services, or add addresses"]);
    }

    [Theory]
    [InlineData("ClusterIP")]
    [InlineData("NodePort")]
    public void A_Service_that_becomes_another_type_gives_its_address_back(string type)
    {
        Given(ServiceSample.Service("was", "10.0.0.64", type: type)).ShouldBe(["default/was -"]);
        Given(ServiceSample.Service("never", type: type)).ShouldBeEmpty();
        Given(ServiceSample.Service("foreign", "192.0.2.1", type: type)).ShouldBeEmpty("an address of others is not ours to take");
    }

    [Fact]
    public void Services_of_another_class_are_left_alone_and_keep_what_they_have_of_the_pool()
    {
        string other = """{"loadBalancerClass":"example.com/other"}""";

        Given(ServiceSample.Service("foreign", spec: other)).ShouldBeEmpty();
        Given(ServiceSample.Service("foreign", "10.0.0.64", minute: 9, spec: other), ServiceSample.Service("ours", spec: """{"loadBalancerClass":"images.local/lb"}""")).ShouldBe(["default/ours 10.0.0.65"]);
        Given(ServiceSample.Service("foreign", "192.0.2.9", spec: other)).ShouldBeEmpty();
    }

    [Fact]
    public void Nobody_gets_a_machine_s_address_and_who_has_it_loses_it()
    {
        HashSet<string> machines = new(["10.0.0.64"], StringComparer.Ordinal);

        Given(machines, ServiceSample.Service("a")).ShouldBe(["default/a 10.0.0.65"]);
        Given(machines, ServiceSample.Service("a", "10.0.0.64")).ShouldBe(["default/a 10.0.0.65"]);
    }

    [Fact]
    public void A_change_is_a_patch_of_the_version_that_was_looked_at()
    {
        Of([ServiceSample.Service("a", minute: 7)]).Changes.Single().Patch.ToJsonString().ShouldBe(
            """{"metadata":{"resourceVersion":"107"},"status":{"loadBalancer":{"ingress":[{"ip":"10.0.0.64"}]}}}""");
        Of([ServiceSample.Service("a", "10.0.0.64", minute: 7, type: "ClusterIP")]).Changes.Single().Patch.ToJsonString().ShouldBe(
            """{"metadata":{"resourceVersion":"107"},"status":{"loadBalancer":{"ingress":null}}}""");
    }

    /// <summary>Whatever changes, in whatever order: what is given is of the pool, nobody's twice, and then stays.</summary>
    [Fact]
    public void Any_course_of_events_gives_each_address_once_and_settles_at_once()
    {
        Random random = new(17);
        Dictionary<string, KubernetesObject> services = new(StringComparer.Ordinal);
        for (int round = 0; round < 500; round++)
        {
            string name = $"s{random.Next(8)}";
            if (random.Next(3) == 0)
            {
                services.Remove(name);
            }
            else
            {
                string wish = random.Next(4) == 0 ? $$"""{"loadBalancerIP":"10.0.0.{{random.Next(62, 70)}}"}""" : "{}";
                string? had = services.TryGetValue(name, out KubernetesObject? before) ? BalancedService.Read(before).Addresses is [{ } first, ..] ? first : null : null;
                services[name] = ServiceSample.Service(name, had, random.Next(60), wish, random.Next(6) == 0 ? "ClusterIP" : "LoadBalancer");
            }

            foreach (AddressChange change in Of([.. services.Values]).Changes)
            {
                KubernetesObject old = change.Service.Object;
                services[old.Name] = ServiceSample.Service(old.Name, change.Address, (int)(old.Moment("metadata", "creationTimestamp")!.Value.Minute), old.Json["spec"]!.ToJsonString(), old.Text("spec", "type"));
            }

            Of([.. services.Values]).Changes.ShouldBeEmpty($"round {round}");
            string[] held = [.. services.Values.SelectMany(service => BalancedService.Read(service).Addresses)];
            held.Distinct(StringComparer.Ordinal).Count().ShouldBe(held.Length, $"round {round}");
            held.ShouldAllBe(address => ServiceSample.Pool.Contains(address));
        }
    }

    private static AddressAllotment Of(IReadOnlyList<KubernetesObject> services) => AddressAllotment.Of(BalancedService.ReadAll(services), ServiceSample.Pool, new HashSet<string>());

    private static string[] Given(params KubernetesObject[] services) => Given([], services);

    private static string[] Given(HashSet<string> machines, params KubernetesObject[] services) =>
        [.. AddressAllotment.Of(BalancedService.ReadAll(services), ServiceSample.Pool, machines).Changes.Select(change => $"{change.Service.Key} {change.Address ?? "-"}")];
}
