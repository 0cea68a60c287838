using System.Text.Json.Nodes;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Kubernetes.NodeRoles;

namespace Images.Bootstrapper.Tests.Kubernetes.NodeRoles;

public sealed class NodeRoleLabelsTests
{
    private static readonly Dictionary<string, IReadOnlyCollection<string>> _dns = new(StringComparer.Ordinal)
    {
        ["worker"] = ["10.0.0.1", "10.0.0.2"],
        ["master"] = ["10.0.0.1"],
    };

    [Theory]
    [InlineData("10.0.0.1", "", """{"metadata":{"labels":{"node-role.kubernetes.io/master":"","node-role.kubernetes.io/worker":""}}}""")]
    [InlineData("10.0.0.2", "node-role.kubernetes.io/master node-role.kubernetes.io/infra zone", """{"metadata":{"labels":{"node-role.kubernetes.io/master":null,"node-role.kubernetes.io/worker":""}}}""")]
    [InlineData("10.0.0.2", "node-role.kubernetes.io/worker", null)]
    [InlineData("10.0.0.3", "node-role.kubernetes.io/worker", """{"metadata":{"labels":{"node-role.kubernetes.io/worker":null}}}""")]
    [InlineData("", "node-role.kubernetes.io/worker", null)] // a Node that has told no address yet
    public void A_Node_has_the_labels_of_the_roles_under_which_DNS_names_the_address_of_its_machine(string address, string labels, string? patch) =>
        Patched(address, labels, (_, _) => ["n1"]).ShouldBe(patch);

    [Theory]
    [InlineData("", null, "written by itself: nothing is given")]
    [InlineData("node-role.kubernetes.io/master node-role.kubernetes.io/worker", """{"metadata":{"labels":{"node-role.kubernetes.io/master":null,"node-role.kubernetes.io/worker":null}}}""", "what an earlier version gave is taken away")]
    public void An_address_at_which_another_stands_gives_a_Node_no_role(string labels, string? patch, string why) =>
        Patched("10.0.0.1", labels, (_, _) => ["m1", "m1.demo.k8s"]).ShouldBe(patch, why);

    [Theory]
    [InlineData("")]
    [InlineData("node-role.kubernetes.io/master node-role.kubernetes.io/worker")]
    public void While_nobody_answers_at_the_address_the_labels_stay_as_they_are(string labels) =>
        Patched("10.0.0.1", labels, (_, _) => null).ShouldBeNull();

    [Fact]
    public void A_role_is_proven_by_the_role_s_own_server_whatever_the_machine_says_of_another() =>
        Patched("10.0.0.1", "", (role, _) => role == "worker" ? ["n1"] : ["m1"]).ShouldBe("""{"metadata":{"labels":{"node-role.kubernetes.io/worker":""}}}""");

    [Fact]
    public void A_role_that_DNS_does_not_name_takes_no_label_away() =>
        NodeRoleLabels.Patch(Node("10.0.0.9", "node-role.kubernetes.io/master"), new Dictionary<string, IReadOnlyCollection<string>>(StringComparer.Ordinal), (_, _) => [])
            .ShouldBeNull();

    private static string? Patched(string address, string labels, Func<string, string, IReadOnlyCollection<string>?> holders) =>
        NodeRoleLabels.Patch(Node(address, labels), _dns, holders)?.ToJsonString();

    private static KubernetesObject Node(string address, string labels) => new(new JsonObject
    {
        ["metadata"] = new JsonObject
        {
            ["name"] = "n1",
            ["labels"] = new JsonObject(labels.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(label => KeyValuePair.Create(label, (JsonNode?)JsonValue.Create("")))),
        },
        ["status"] = new JsonObject
        {
            ["addresses"] = address.Length == 0 ? [] : new JsonArray(new JsonObject { ["type"] = "InternalIP", ["address"] = address }),
        },
    });
}
