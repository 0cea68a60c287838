using System.Text.Json.Nodes;
using Images.NodeConfig.Kubernetes;

namespace Images.NodeConfig.Tests.Kubernetes;

public sealed class KubernetesManifestTests
{
    [Fact]
    public void Documents_and_lists_become_objects()
    {
        const string Text = """
            # nothing here
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: { name: one, namespace: default }
            data: { quoted: "true", plain: text, empty: "" }
            ---
            ---
            apiVersion: v1
            kind: List
            items:
              - { apiVersion: v1, kind: Service, metadata: { name: two }, spec: { ports: [{ port: 53 }], publishNotReadyAddresses: true, none: ~ } }
              - apiVersion: v1
                kind: List
                items: [{ apiVersion: apps/v1, kind: Deployment, metadata: { name: three } }]
            """;
        IReadOnlyList<ManifestObject> objects = KubernetesManifest.Read(Text, "m.yaml");
        objects.Select(item => $"{item.ApiVersion} {item} at {item.Place}").ShouldBe(
            ["v1 ConfigMap default/one at m.yaml:3", "v1 Service two at m.yaml:12", "apps/v1 Deployment three at m.yaml:15"]);
        objects[0].Json["data"]!.ToJsonString().ShouldBe("""{"quoted":"true","plain":"text","empty":""}""");
        objects[1].Json["spec"]!.ToJsonString().ShouldBe("""{"ports":[{"port":53}],"publishNotReadyAddresses":true,"none":null}""");
    }

    /// <summary>As kubectl has them: sigs.k8s.io/yaml reads whole numbers as Go does, with a leading zero for octal.</summary>
    [Theory]
    [InlineData("0644", "420")]
    [InlineData("0o644", "420")]
    [InlineData("-017", "-15")]
    [InlineData("0x1F", "31")]
    [InlineData("0b101", "5")]
    [InlineData("0", "0")]
    [InlineData("+7", "7")]
    [InlineData("08", "8")]
    [InlineData("9223372036854775807", "9223372036854775807")]
    [InlineData("0777777777777777777777777", "7.777777777777778E+23")]
    [InlineData("1.5", "1.5")]
    [InlineData("1e3", "1000")]
    [InlineData("True", "true")]
    [InlineData("1.2.3", "\"1.2.3\"")]
    [InlineData("10m", "\"10m\"")]
    [InlineData(".inf", "\".inf\"")]
    [InlineData("0x", "\"0x\"")]
    [InlineData("2026-01-02", "\"2026-01-02\"")]
    [InlineData("\"0644\"", "\"0644\"")]
    [InlineData("'yes'", "\"yes\"")]
    public void A_scalar_means_what_it_means_to_kubectl(string yaml, string json)
    {
        JsonNode? value = KubernetesManifest.Read($"apiVersion: v1\nkind: X\nmetadata: {{ name: x }}\nvalue: {yaml}\n", "m.yaml")[0].Json["value"];
        value!.ToJsonString().ShouldBe(json);
    }

    [Theory]
    [InlineData("a: [1", "m.yaml:")]
    [InlineData("- 1", "m.yaml:1:1  An object of Kubernetes is expected here, and this is a list.")]
    [InlineData("kind: Node", "m.yaml:1:1  The object that begins here has no apiVersion.")]
    [InlineData("apiVersion: v1\nmetadata: { name: a }", "m.yaml:1:1  The object that begins here has no kind.")]
    [InlineData("{ apiVersion: v1, kind: Node, metadata: { name: a } }\n---\napiVersion: v1\nkind: Node\nmetadata: { generateName: a- }", "m.yaml:3:1  The object that begins here has no metadata.name.")]
    [InlineData("apiVersion: v1\nkind: List\nitems: [1]", "m.yaml:3:9  An object of Kubernetes")]
    [InlineData("apiVersion: v1\nkind: Node\nmetadata: { name: a }\nspec: { on: yes }", "m.yaml:4:13  'yes' is a boolean to kubectl and text to YAML 1.2. Write true or false, or quote the text.")]
    [InlineData("apiVersion: v1\nkind: Node\nmetadata: { name: a }\nspec: { on: -1e9997 }", "m.yaml:4:13  '-1e9997' is a number beyond those that JSON's readers hold. Write a smaller one, or quote the text.")]
    [InlineData("apiVersion: v1\nkind: &k Node", "m.yaml:2:7  An anchor")]
    [InlineData("apiVersion: v1\nkind: Node\nkind: Node", "m.yaml:3:1  The key 'kind' stands twice")]
    public void What_is_no_object_is_refused_with_its_place(string text, string message) =>
        Should.Throw<ConfigurationException>(() => KubernetesManifest.Read(text, "m.yaml")).Message.ShouldStartWith(message);

    [Fact]
    public void Brackets_without_end_do_not_kill_the_reader() =>
        Should.Throw<ConfigurationException>(() => KubernetesManifest.Read(new string('[', 200_000), "m.yaml")).Message.ShouldContain("64 levels");

    [Fact]
    public void A_definition_of_several_mebibytes_is_read()
    {
        string text = $"apiVersion: v1\nkind: X\nmetadata: {{ name: x }}\ntext: {new string('a', 5 << 20)}\n";
        KubernetesManifest.Read(text, "m.yaml").Count.ShouldBe(1);
        Should.Throw<ConfigurationException>(() => KubernetesManifest.Read(new string('a', (16 << 20) + 1), "m.yaml")).Message.ShouldContain("larger than 16 MiB");
    }
}
