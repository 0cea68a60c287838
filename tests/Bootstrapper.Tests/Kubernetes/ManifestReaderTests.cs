using System.Text.Json.Nodes;
using Images.Bootstrapper.Kubernetes.Access;
using Images.Bootstrapper.Kubernetes.Api;

namespace Images.Bootstrapper.Tests.Kubernetes;

public sealed class ManifestReaderTests
{
    [Fact]
    public void Documents_and_lists_become_objects_with_the_types_that_YAML_means()
    {
        const string Text = """
            # nothing here
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: { name: one, namespace: default }
            data: { quoted: "true", plain: text, empty: "" }
            ---
            apiVersion: v1
            kind: List
            items:
              - { apiVersion: v1, kind: Service, metadata: { name: two }, spec: { ports: [{ port: 53 }], publishNotReadyAddresses: true, ratio: 1.5, none: ~, version: 1.2.3, id: .inf } }
            """;
        IReadOnlyList<KubernetesObject> objects = ManifestReader.Read(Text, "m.yaml");
        objects.Select(item => item.ToString()).ShouldBe(["ConfigMap default/one", "Service two"]);
        objects[0].Json["data"]!.ToJsonString().ShouldBe("""{"quoted":"true","plain":"text","empty":""}""");
        objects[1].Json["spec"]!.ToJsonString().ShouldBe("""{"ports":[{"port":53}],"publishNotReadyAddresses":true,"ratio":1.5,"none":null,"version":"1.2.3","id":".inf"}""");
    }

    [Theory]
    [InlineData("a: [1", "m.yaml:")]
    [InlineData("- 1", "m.yaml:1: an object is expected")]
    [InlineData("kind: Node", "m.yaml:1: an object needs apiVersion, kind and metadata.name")]
    public void What_is_no_object_is_refused_with_its_place(string text, string message) =>
        Should.Throw<InvalidDataException>(() => ManifestReader.Read(text, "m.yaml")).Message.ShouldStartWith(message);

    [Fact]
    public void The_images_rules_let_the_agent_read_no_Secret_and_bind_nobody_to_an_administrator()
    {
        DirectoryInfo folder = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Images.sln")))
        {
            folder = folder.Parent!;
        }

        IReadOnlyList<KubernetesObject> rules = ManifestReader.Read(File.ReadAllText(Path.Combine(folder.FullName, "roles/master/templates/access.yaml")), "access.yaml");
        rules.Where(rule => rule.Kind == "ClusterRole").SelectMany(rule => rule.Items("rules")).SelectMany(rule => rule.Texts("resources")).ShouldNotContain("secrets");
        rules.Where(rule => rule.Kind == "ClusterRoleBinding").Select(rule => rule.Text("roleRef", "name")).ShouldNotContain("cluster-admin");
        rules.Where(rule => rule.Items("subjects").Any(subject => subject.Text("name") == "system:bootstrappers:worker")).ShouldHaveSingleItem().Text("roleRef", "name").ShouldBe("system:node-bootstrapper");
        JsonNode.Parse(rules[0].Json.ToJsonString()).ShouldNotBeNull();
    }
}
