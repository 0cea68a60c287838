using System.Collections.Immutable;
using Images.Baker.AddOns;
using Images.Baker.Locking;
using Images.Baker.Plan;
using Images.Formats;
using Images.Formats.Tree;
using Images.NodeConfig.Kubernetes;

namespace Images.Baker.Tests.AddOns;

public sealed class AddOnContainerCheckTests
{
    private const string Hex = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private static readonly ImmutableArray<ContainerImagePlan> _carried =
    [
        new ArchivedContainerPlan { Name = Reference("example.com/app:1"), Archive = "/repo/app.tar", WrittenPath = "app.tar" },
        new PulledContainerPlan { Name = Reference("example.com/dns:2"), Source = Reference("example.com/dns:2") },
        new ArchivedContainerPlan { Name = Reference("example.com/new:latest"), Archive = "/repo/new.tar", WrittenPath = "new.tar" },
    ];

    private static readonly ImmutableArray<LockedContainer> _pinned = [new LockedContainer { Name = "example.com/dns:2", Digest = Digest.Parse($"sha256:{Hex}"), Size = 1 }];

    private readonly List<string> _notices = [];

    [Theory]
    [InlineData("{ image: example.com/app:1 }")]
    [InlineData("{ image: example.com/app:1, imagePullPolicy: Never }")]
    [InlineData("{ image: example.com/dns:2 }")]
    [InlineData($"{{ image: 'example.com/dns@sha256:{Hex}' }}")]
    [InlineData($"{{ image: 'example.com/dns:2@sha256:{Hex}' }}")]
    [InlineData("{ image: example.com/new:latest, imagePullPolicy: IfNotPresent }")]
    [InlineData("{ command: [image] }")]
    public void What_the_image_carries_may_run(string container)
    {
        Require(container);
        _notices.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("{ image: example.com/app:2 }", "Deployment x/one runs the container image 'example.com/app:2', which the image does not carry. List it under 'containerImages', or let nodes pull it: { path: a.yaml, pull: allowed } under 'addons'.")]
    [InlineData("{ image: nginx }", "'nginx', which the image does not carry. Write its whole name, with host and tag")]
    [InlineData($"{{ image: 'example.com/app@sha256:{Hex}' }}", "which the image does not carry.")]
    [InlineData("{ image: example.com/new:latest }", "has its registry asked for 'example.com/new:latest' at each start, though the image carries it. Write 'imagePullPolicy: IfNotPresent' beside it.")]
    [InlineData("{ image: example.com/app:1, imagePullPolicy: Always }", "though the image carries it.")]
    public void What_it_does_not_carry_is_refused_with_the_object_s_place_unless_nodes_may_pull(string container, string problem)
    {
        BakeException refusal = Should.Throw<BakeException>(() => Require(container));
        refusal.Message.ShouldStartWith("BAKE0486  a.yaml:2  ");
        refusal.Message.ShouldContain(problem);
        Require(container, mayPull: true);
        _notices.ShouldHaveSingleItem().ShouldStartWith("a.yaml:2: Deployment x/one ");
    }

    [Fact]
    public void Containers_are_found_wherever_an_object_has_them()
    {
        const string Text = """
            apiVersion: example.com/v1
            kind: Thing
            metadata: { name: one }
            spec:
              image: a.b/operator:1
              template:
                initContainers: [{ image: a.b/init:1 }]
                containers: [{ name: image, image: a.b/main:1, imagePullPolicy: Always }]
                volumes: [{ name: v, image: { reference: a.b/volume:1, pullPolicy: Never } }]
              schema: { properties: { image: { type: string } } }
            """;
        AddOnContainer.In(KubernetesManifest.Read(Text, "a.yaml")[0].Json).ShouldBe(
            [new("a.b/operator:1", null), new("a.b/init:1", null), new("a.b/main:1", "Always"), new("a.b/volume:1", "Never")]);
    }

    private void Require(string container, bool mayPull = false)
    {
        string text = $"# shop\n{{ apiVersion: apps/v1, kind: Deployment, metadata: {{ name: one, namespace: x }}, spec: {{ template: {{ spec: {{ containers: [{container}] }} }} }} }}\n";
        AddOnFile file = new() { Name = "a.yaml", WrittenPath = "a.yaml", Content = MemoryContent.FromText(text), Objects = [.. KubernetesManifest.Read(text, "a.yaml")], MayPull = mayPull };
        AddOnContainerCheck.Require([file], _carried, _pinned, _notices.Add);
    }

    private static ContainerReference Reference(string text) => ContainerReference.TryParse(text)!;
}
