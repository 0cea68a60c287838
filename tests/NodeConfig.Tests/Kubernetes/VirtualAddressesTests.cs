using Images.NodeConfig.Kubernetes;
using Images.NodeConfig.Metadata;
using Images.NodeConfig.Roles;
using Images.TestSupport;

namespace Images.NodeConfig.Tests.Kubernetes;

public sealed class VirtualAddressesTests
{
    private static readonly IReadOnlyList<RoleDefinition> _roles = RolesOfProduct.Named("cache", "lb", "master", "worker");

    [Fact]
    public void Endpoint_virtual_addresses_and_names_are_read()
    {
        KubernetesSettings kubernetes = Kubernetes("endpoint: lb, vip: {masters: 10.240.0.20, lb: 10.240.0.40}, apiNames: [kubernetes.example.com, api.example.com]");

        kubernetes.Endpoint.ShouldBe(ApiEndpoint.Lb);
        kubernetes.Vip.All.Select(address => address.ToString()).ShouldBe(["10.240.0.20", "10.240.0.40"]);
        kubernetes.ApiNames.ShouldBe(["kubernetes.example.com", "api.example.com"]);
        Kubernetes("podCidr: 10.200.0.0/16").Vip.ShouldBe(VirtualAddresses.None);
        Kubernetes("endpoint: vip, vip: {masters: 10.240.0.20}").Endpoint.ShouldBe(ApiEndpoint.Vip);
    }

    [Theory]
    [InlineData("vip: {masters: 10.240.0.20}", 1)]
    [InlineData("vip: {masters: 10.240.0.20, interval: 0.5}", 0.5)]
    [InlineData("vip: {lb: 10.240.0.40, interval: '0.25'}", 0.25)]
    [InlineData("vip: {lb: 10.240.0.40, interval: 2}", 2)]
    public void The_interval_of_signs_of_life_is_read_in_hundredths_of_a_second(string line, double seconds) =>
        Kubernetes(line).Vip.Interval.ShouldBe((decimal)seconds);

    [Theory]
    [InlineData("endpoint: vip", "The endpoint 'vip' needs an address, and 'vip.masters' has none. Add 'vip: { masters: … }'")]
    [InlineData("endpoint: lb, vip: {masters: 10.240.0.20}", "The endpoint 'lb' needs an address, and 'vip.lb' has none.")]
    [InlineData("endpoint: haproxy", "The endpoint 'haproxy' is unknown. Write dns, vip or lb")]
    [InlineData("vip: {masters: 10.240.0.20, lb: 10.240.0.20}", "Masters and lbs cannot share the address 10.240.0.20")]
    [InlineData("vip: {masters: 10.200.3.4}", "The virtual address 10.200.3.4 lies within the pods' network 10.200.0.0/16.")]
    [InlineData("vip: {masters: 10.240.0.255}", "the last part of a virtual address is its number, from 1 to 254")]
    [InlineData("vip: {workers: 10.240.0.20}", "The key 'workers' is unknown. Known here: masters, lb, interval.")]
    [InlineData("vip: {interval: 0.5}", "'interval' is of virtual addresses, and there is none.")]
    [InlineData("vip: {lb: 10.240.0.40, interval: 0}", "'interval' cannot be 0 s. Write seconds from 0.2 to 2, in hundredths at most, as 0.5.")]
    [InlineData("vip: {lb: 10.240.0.40, interval: 0.19}", "'interval' cannot be 0.19 s.")]
    [InlineData("vip: {lb: 10.240.0.40, interval: 2.01}", "'interval' cannot be 2.01 s.")]
    [InlineData("vip: {lb: 10.240.0.40, interval: 0.125}", "'interval' cannot be '0.125'.")]
    [InlineData("vip: {lb: 10.240.0.40, interval: 500ms}", "'interval' cannot be '500ms'.")]
    [InlineData("vip: {masters: fd00::1}", "is the IPv6 address")]
    [InlineData("apiNames: [10.0.0.1]", "'apiNames' cannot hold '10.0.0.1': it is no name by which others reach the API.")]
    [InlineData("apiNames: [a.example, a.example]", "The name 'a.example' stands twice.")]
    public void What_cannot_be_is_refused_with_its_place(string line, string message) =>
        Should.Throw<ConfigurationException>(() => Kubernetes(line)).Message.ShouldContain(message);

    [Fact]
    public void An_lb_s_ports_are_read_as_numbers_and_pairs()
    {
        LbSettings lb = Parse("role: lb\n  lb: {ports: [80, 443:30443, 8443], proxyProtocol: true}").Lb;

        lb.Ports.ShouldBe([new LbPort(80, 80), new LbPort(443, 30443), new LbPort(8443, 8443)]);
        lb.ProxyProtocol.ShouldBeTrue();
        Parse("role: lb").Lb.ShouldBe(LbSettings.None);
    }

    [Theory]
    [InlineData("role: lb\n  lb: {ports: [http]}", "'ports' cannot hold 'http'. Write a port such as 443")]
    [InlineData("role: lb\n  lb: {ports: [0]}", "'ports' cannot hold '0'.")]
    [InlineData("role: lb\n  lb: {ports: [80:30080:1]}", "'ports' cannot hold '80:30080:1'.")]
    [InlineData("role: lb\n  lb: {ports: [6443]}", "An lb cannot forward port 6443: it is that of the masters' API.")]
    [InlineData("role: lb\n  lb: {ports: [10243]}", "An lb cannot forward port 10243: it is that of the machine's word on its host keys.")]
    [InlineData("role: lb\n  lb: {ports: [80, '80:30080']}", "The port 80 stands twice.")]
    [InlineData("role: lb\n  lb: {port: 80}", "The key 'port' is unknown. Known here: ports, proxyProtocol, pool.")]
    [InlineData("role: cache\n  lb: {ports: [80]}", "'lb' is for machines with the role lb, and its 'pool' for masters too.")]
    [InlineData("roles: [lb, master]", "A machine cannot be lb and master: both listen on port 6443/tcp.")]
    [InlineData("roles: [worker, lb]", "A machine cannot be worker and lb: both listen on port 10245/tcp.")]
    [InlineData("role: cache\n  address: 10.240.0.20\n  kubernetes: {vip: {masters: 10.240.0.20}}", "The machine's address 10.240.0.20 is a virtual address of the cluster")]
    public void What_an_lb_cannot_be_is_refused_with_its_place(string lines, string message) =>
        Should.Throw<ConfigurationException>(() => Parse(lines)).Message.ShouldContain(message);

    [Fact]
    public void A_pool_is_known_to_lbs_and_masters()
    {
        string vip = "\n  kubernetes: {vip: {lb: 10.240.0.40}}";

        Parse("role: lb\n  lb: {ports: [80], pool: [10.240.0.64/30, 10.240.0.80-10.240.0.81]}" + vip).Lb.Pool.Addresses.Count().ShouldBe(6);
        Parse("role: lb" + vip).Lb.Pool.IsEmpty.ShouldBeTrue();
        RoleDefinition bare = new() { Role = "master", Dns = "masters", Services = [] }; // one that needs no secrets
        NodeSettings master = CloudConfig.Parse($"#cloud-config\nnode:\n  cluster: demo\n  role: master\n  lb: {{pool: [10.240.0.64/30]}}{vip}\n", "user-data", [bare]).Node;
        (master.Lb.Pool.Contains("10.240.0.66"), master.Lb.Ports.Count).ShouldBe((true, 0));
    }

    [Theory]
    [InlineData("role: lb", "[10.240.0.64/28]", "{}", "'pool' needs the lbs' virtual address: the lb that holds it holds the pool's addresses too. Add 'vip: { lb: … }'")]
    [InlineData("role: lb", "[10.240.0.64/28]", "{vip: {masters: 10.240.0.20}}", "'pool' needs the lbs' virtual address")]
    [InlineData("role: lb", "[10.240.0.40/29]", "{vip: {lb: 10.240.0.40}}", "'pool' holds 10.240.0.40, which is a virtual address of the cluster. Leave it out")]
    [InlineData("role: lb\n  address: 10.240.0.65", "[10.240.0.64/28]", "{vip: {lb: 10.240.0.40}}", "'pool' holds 10.240.0.65, which is this machine's own.")]
    [InlineData("role: lb", "[10.200.0.64/28]", "{vip: {lb: 10.240.0.40}}", "'pool' holds addresses of the pods' network 10.200.0.0/16.")]
    [InlineData("role: lb", "[10.240.0.65/28]", "{vip: {lb: 10.240.0.40}}", "'pool' cannot hold '10.240.0.65/28'. Write an address, a network as 10.0.0.64/28 or a range")]
    [InlineData("role: lb", "[127.0.0.8/29]", "{vip: {lb: 10.240.0.40}}", "'pool' cannot hold '127.0.0.8/29': no machines have such addresses.")]
    [InlineData("role: lb", "[224.0.0.8/29]", "{vip: {lb: 10.240.0.40}}", "no machines have such addresses.")]
    [InlineData("role: lb", "[10.240.0.64/28, 10.240.0.70]", "{vip: {lb: 10.240.0.40}}", "'pool' holds addresses of '10.240.0.70' twice.")]
    [InlineData("role: lb", "[10.240.2.0/23]", "{vip: {lb: 10.240.0.40}}", "'pool' holds 512 addresses. Write at most 256.")]
    [InlineData("role: cache", "[10.240.0.64/28]", "{vip: {lb: 10.240.0.40}}", "'lb' is for machines with the role lb, and its 'pool' for masters too.")]
    public void A_pool_that_cannot_be_is_refused_with_its_place(string role, string pool, string kubernetes, string message) =>
        Should.Throw<ConfigurationException>(() => Parse($"{role}\n  lb: {{pool: {pool}}}\n  kubernetes: {kubernetes}")).Message.ShouldContain(message);

    [Fact]
    public void A_master_forwards_no_ports() =>
        Should.Throw<ConfigurationException>(() => Parse("role: master\n  lb: {ports: [80]}")).Message.ShouldContain("'ports' is for machines with the role lb; masters know of the 'pool' only.");

    private static KubernetesSettings Kubernetes(string line) => Parse($"role: cache\n  kubernetes: {{{line}}}").Kubernetes;

    private static NodeSettings Parse(string lines) => CloudConfig.Parse($"#cloud-config\nnode:\n  cluster: demo\n  {lines}\n", "user-data", _roles).Node;
}
