using System.Text.Json.Nodes;
using Images.Bootstrapper.Kubernetes.Api;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Kubernetes.Api;

public sealed class ManifestReaderTests
{
    [Fact]
    public void What_is_no_object_is_refused_with_its_place() =>
        Should.Throw<InvalidDataException>(() => ManifestReader.Read("# rules\nkind: Node", "m.yaml")).Message.ShouldStartWith("m.yaml:2:1  The object that begins here has no apiVersion.");

    [Fact]
    public void The_images_rules_let_the_agent_read_no_Secret_and_bind_nobody_to_an_administrator()
    {
        IReadOnlyList<KubernetesObject> rules = ManifestReader.Read(File.ReadAllText(Path.Combine(Checkout.Folder, "roles/master/templates/access.yaml")), "access.yaml");
        rules.Where(rule => rule.Kind == "ClusterRole").SelectMany(rule => rule.Items("rules")).SelectMany(rule => rule.Texts("resources")).ShouldNotContain("secrets");
        rules.Where(rule => rule.Kind == "ClusterRoleBinding").Select(rule => rule.Text("roleRef", "name")).ShouldNotContain("cluster-admin");
        rules.Where(rule => rule.Items("subjects").Any(subject => subject.Text("name") == "system:bootstrappers:worker")).ShouldHaveSingleItem().Text("roleRef", "name").ShouldBe("system:node-bootstrapper");
        JsonNode.Parse(rules[0].Json.ToJsonString()).ShouldNotBeNull();
    }
}
