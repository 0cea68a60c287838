using Images.NodeConfig.Roles;
using Images.NodeConfig.Templates;

namespace Images.NodeConfig.Tests.Templates;

public sealed class TemplateTests
{
    private static readonly TemplateValues _values = new()
    {
        Values = new Dictionary<string, string>(StringComparer.Ordinal) { ["node.address"] = "10.0.0.1", ["odd"] = "{{node.address}}" },
        Lists = new Dictionary<string, IReadOnlyList<IReadOnlyDictionary<string, string>>>(StringComparer.Ordinal)
        {
            ["etcd"] = [Peer("10.0.0.1"), Peer("10.0.0.2")],
            ["none"] = [],
        },
    };

    private static readonly RoleService _service = new() { Unit = "etcd.service", Waits = [new ServiceWait { Peers = "etcd" }], Values = ServiceValues.OfEtcd };

    [Theory]
    [InlineData("a={{node.address}}\nb={{ node.address }}", "a=10.0.0.1\nb=10.0.0.1")]
    [InlineData("{{each etcd \",\"}}https://{{peer.address}}:2379{{end}}\n", "https://10.0.0.1:2379,https://10.0.0.2:2379\n")]
    [InlineData("top\n  {{each etcd}}\n  server {{peer.address}}\n  {{end}}\nbottom\n", "top\n  server 10.0.0.1\n  server 10.0.0.2\nbottom\n")]
    [InlineData("{{each none}}x{{end}}", "")]
    [InlineData("{{odd}}", "{{node.address}}")]
    [InlineData("${HOME} {a} }} {{", "${HOME} {a} }} {{")]
    public void Values_and_loops_are_filled_in_and_nothing_else(string template, string expected) =>
        Template.Render(template, "t", _values).ShouldBe(expected);

    [Theory]
    [InlineData("x\n y {{nothing}}", 2, 4, "There is no value 'nothing'.")]
    [InlineData("{{each nobody}}{{end}}", 1, 1, "There is no list 'nobody'.")]
    [InlineData("a\n{{each etcd}}", 2, 1, "'{{each}}' is not closed.")]
    [InlineData("a={{node_address}}", 1, 3, "'{{node_address}}' is no placeholder.")]
    [InlineData("{{each}}{{end}}", 1, 1, "There is no list ''.")]
    [InlineData("{{end}}", 1, 1, "'{{end}}' closes nothing.")]
    [InlineData("{{peer.address}}", 1, 1, "'peer.address' stands outside a loop.")]
    [InlineData("{{each etcd}}{{each etcd}}{{end}}{{end}}", 1, 14, "A loop stands in a loop.")]
    public void Mistakes_are_named_with_line_and_column(string template, int line, int column, string problem)
    {
        ConfigurationException mistake = Should.Throw<ConfigurationException>(() => Template.Render(template, "etcd.env", _values));

        (mistake.Line, mistake.Column, mistake.Problem).ShouldBe((line, column, problem));
    }

    [Theory]
    [InlineData("{{node.adress}}", 1, 1, "There is no value 'node.adress'.", "Values are: etcd.endpoint, etcd.host, etcd.initial-cluster, etcd.initial-cluster-state, etcd.initial-cluster-token, etcd.name, etcd.quota, kubernetes.api-host, kubernetes.cluster-dns, kubernetes.cluster-domain, kubernetes.endpoint, kubernetes.network-plugins, kubernetes.node-cidr-mask-size, kubernetes.node-labels, kubernetes.node-name, kubernetes.pod-cidr, kubernetes.service-cidr, node.address, node.cluster, node.domain, node.fqdn, node.hostname, node.interface.")]
    [InlineData("{{each worker}}{{end}}", 1, 1, "There is no list 'worker'.", "Lists are: etcd.")]
    [InlineData("x\n{{each etcd}}{{peer.adress}}{{end}}", 2, 14, "There is no value 'peer.adress'.", "Values are: address.")]
    public void A_check_without_a_machine_finds_what_a_node_would_find(string template, int line, int column, string problem, string remedy)
    {
        ConfigurationException mistake = Should.Throw<ConfigurationException>(() => TemplateNames.Check(template, "etcd.env", _service));

        mistake.ShouldSatisfyAllConditions(
            () => (mistake.Line, mistake.Column).ShouldBe((line, column)),
            () => mistake.Problem.ShouldBe(problem),
            () => mistake.Remedy.ShouldBe(remedy));
    }

    [Fact]
    public void What_a_role_asks_for_one_service_is_unknown_to_another() =>
        Should.Throw<ConfigurationException>(() => TemplateNames.Check("{{etcd.name}}", "t", _service with { Values = [ServiceValues.EncryptionKeys] })).Problem.ShouldBe("There is no value 'etcd.name'.");

    private static Dictionary<string, string> Peer(string address) => new(StringComparer.Ordinal) { ["address"] = address };
}
