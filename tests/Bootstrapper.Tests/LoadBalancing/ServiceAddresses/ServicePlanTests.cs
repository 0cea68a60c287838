using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.LoadBalancing;
using Images.Bootstrapper.LoadBalancing.ServiceAddresses;

namespace Images.Bootstrapper.Tests.LoadBalancing.ServiceAddresses;

public sealed class ServicePlanTests
{
    private const string Both = """[{"port":53,"protocol":"UDP","nodePort":30053},{"port":53,"nodePort":30054}]""";

    [Fact]
    public void Each_port_of_a_Service_that_has_an_address_is_forwarded_to_its_NodePort()
    {
        ServicePlan plan = Plan(ServiceSample.Service("dns", "10.0.0.64", ports: Both), ServiceSample.Service("waiting"), ServiceSample.Service("inside", "10.0.0.65", type: "ClusterIP"));

        plan.Ports.Select(port => $"{port.Id} {port.Address} {port.NodePort}").ShouldBe(["tcp:default:dns:53 10.0.0.64 30054", "udp:default:dns:53 10.0.0.64 30053"]);
        plan.Addresses.ShouldBe(["10.0.0.64"]);
        plan.Faults.ShouldBeEmpty();
        plan.Pools.ShouldBe([new BackendPool("tcp:default:dns:53", "worker", 30054), new BackendPool("udp:default:dns:53", "worker", 10250)], "haproxy asks the kubelet whether the worker is up");
    }

    [Theory]
    [InlineData("192.0.2.1")]
    [InlineData("10.0.0.41")]
    public void An_address_that_is_not_of_the_pool_is_never_held_whoever_wrote_it(string address) =>
        Plan(ServiceSample.Service("a", address)).ShouldSatisfyAllConditions(plan => plan.Ports.ShouldBeEmpty(), plan => plan.Addresses.ShouldBeEmpty());

    [Fact]
    public void Two_that_say_one_address_do_not_share_it()
    {
        ServicePlan plan = Plan(ServiceSample.Service("young", "10.0.0.64", minute: 2), ServiceSample.Service("old", "10.0.0.64", minute: 1));

        plan.Ports.Select(port => port.Name).ShouldBe(["old"]);
    }

    [Fact]
    public void A_Service_of_another_class_is_not_forwarded() =>
        Plan(ServiceSample.Service("a", "10.0.0.64", spec: """{"loadBalancerClass":"example.com/other"}""")).Ports.ShouldBeEmpty();

    [Fact]
    public void With_the_policy_Local_workers_are_asked_whether_they_have_endpoints()
    {
        ServicePlan plan = Plan(ServiceSample.Service("a", "10.0.0.64", spec: """{"externalTrafficPolicy":"Local","healthCheckNodePort":32000}""", ports: Both));

        plan.Ports.ShouldAllBe(port => port.HealthPort == 32000);
        plan.Pools.Select(pool => pool.Port).ShouldBe([30054, 32000]);
        Plan(ServiceSample.Service("a", "10.0.0.64", spec: """{"externalTrafficPolicy":"Local"}""")).Faults.Single().ShouldContain("no healthCheckNodePort");
    }

    [Theory]
    [InlineData("""[{"port":80,"protocol":"SCTP","nodePort":30080}]""", "port 80/'SCTP' of the Service default/a is not forwarded: lbs forward TCP and UDP alone")]
    [InlineData("""[{"port":80}]""", "it has no NodePort, by which lbs reach workers")]
    [InlineData("""[{"port":22,"nodePort":30022}]""", "that port of the lb is ssh's")]
    [InlineData("""[{"port":70000,"nodePort":30022}]""", "no NodePort")]
    public void What_cannot_be_forwarded_is_said(string ports, string fault)
    {
        ServicePlan plan = Plan(ServiceSample.Service("a", "10.0.0.64", ports: ports));

        plan.Ports.ShouldBeEmpty();
        plan.Faults.Single().ShouldContain(fault);
    }

    [Fact]
    public void Ssh_s_port_is_free_for_UDP() =>
        Plan(ServiceSample.Service("a", "10.0.0.64", ports: """[{"port":22,"protocol":"UDP","nodePort":30022}]""")).Ports.Count.ShouldBe(1);

    [Fact]
    public void More_ports_than_an_lb_has_room_for_are_said()
    {
        string ports = $"[{string.Join(',', Enumerable.Range(1000, ServicePlan.MostPorts + 2).Select(port => $$"""{"port":{{port}},"nodePort":{{port + 29000}}}"""))}]";
        ServicePlan plan = Plan(ServiceSample.Service("a", "10.0.0.64", ports: ports));

        plan.Ports.Count.ShouldBe(ServicePlan.MostPorts);
        plan.Faults.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("[]", "everybody")]
    [InlineData("""["10.1.2.3/8"]""", "10.0.0.0/8")]
    [InlineData("""["10.0.0.0/8","10.1.0.0/16","10.1.0.0/16","192.168.1.0/24"]""", "10.0.0.0/8 192.168.1.0/24")]
    [InlineData("""["fd00::/8"]""", "")]
    [InlineData("""["0.0.0.0/0","10.0.0.0/8"]""", "everybody")]
    [InlineData("""[" 10.0.0.1/32 "]""", "10.0.0.1/32")]
    public void Who_may_come_is_read_as_the_API_server_takes_it(string ranges, string sources)
    {
        ServicePort port = Plan(ServiceSample.Service("a", "10.0.0.64", spec: $$"""{"loadBalancerSourceRanges":{{ranges}}}""")).Ports.Single();

        (port.Sources is null ? "everybody" : string.Join(' ', port.Sources)).ShouldBe(sources);
    }

    [Theory]
    [InlineData("""["10.0.0.0"]""")]
    [InlineData("""["10.0.0.0/33"]""")]
    [InlineData("""["10.0.0.0/8; drop"]""")]
    [InlineData("""["0x0a000000/8"]""")]
    [InlineData("""["10.0.0.0/8","all"]""")]
    public void Where_it_cannot_be_read_nobody_may_come(string ranges)
    {
        ServicePlan plan = Plan(ServiceSample.Service("a", "10.0.0.64", spec: $$"""{"loadBalancerSourceRanges":{{ranges}}}"""));

        plan.Ports.ShouldBeEmpty();
        plan.Faults.Single().ShouldStartWith("the Service default/a is not forwarded: its loadBalancerSourceRanges hold what is no network.");
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("a\n  bind *:22")]
    [InlineData("")]
    public void A_name_that_is_none_reaches_no_file(string name)
    {
        ServicePlan plan = Plan(ServiceSample.Service(name, "10.0.0.64"));

        plan.Ports.ShouldBeEmpty();
        plan.Faults.Single().ShouldNotContain('\n');
    }

    private static ServicePlan Plan(params KubernetesObject[] services) => ServicePlan.Of(services, ServiceSample.Pool);
}
