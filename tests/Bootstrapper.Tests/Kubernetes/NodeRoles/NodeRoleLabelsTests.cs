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
    public void A_Node_has_the_labels_of_the_roles_under_which_DNS_names_its_address(string address, string labels, string? patch)
    {
        KubernetesObject node = new(new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["labels"] = new JsonObject(labels.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(label => KeyValuePair.Create(label, (JsonNode?)JsonValue.Create("")))),
            },
            ["status"] = new JsonObject
            {
                ["addresses"] = address.Length == 0 ? [] : new JsonArray(new JsonObject { ["type"] = "InternalIP", ["address"] = address }),
            },
        });
        NodeRoleLabels.Patch(node, _dns)?.ToJsonString().ShouldBe(patch);
        (NodeRoleLabels.Patch(node, _dns) is null).ShouldBe(patch is null);
    }

    [Fact]
    public void A_role_that_DNS_does_not_name_takes_no_label_away()
    {
        KubernetesObject node = new(new JsonObject
        {
            ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["node-role.kubernetes.io/master"] = "" } },
            ["status"] = new JsonObject { ["addresses"] = new JsonArray(new JsonObject { ["type"] = "InternalIP", ["address"] = "10.0.0.9" }) },
        });
        NodeRoleLabels.Patch(node, new Dictionary<string, IReadOnlyCollection<string>>(StringComparer.Ordinal)).ShouldBeNull();
    }
}
