using Images.Bootstrapper.Render;
using Images.NodeConfig;

namespace Images.Bootstrapper.Tests.Render;

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
    [InlineData("{{end}}", 1, 1, "'{{end}}' closes nothing.")]
    [InlineData("{{peer.address}}", 1, 1, "'peer.address' stands outside a loop.")]
    [InlineData("{{each etcd}}{{each etcd}}{{end}}{{end}}", 1, 14, "A loop stands in a loop.")]
    public void Mistakes_are_named_with_line_and_column(string template, int line, int column, string problem)
    {
        ConfigurationException mistake = Should.Throw<ConfigurationException>(() => Template.Render(template, "etcd.env", _values));

        (mistake.Line, mistake.Column, mistake.Problem).ShouldBe((line, column, problem));
    }

    private static Dictionary<string, string> Peer(string address) => new(StringComparer.Ordinal) { ["address"] = address };
}
