using Images.Baker.Locking;
using Images.Baker.Plan;
using Images.NodeConfig;

namespace Images.Baker.Tests.Plan;

public sealed class ContainerImagePlanReaderTests
{
    private const string Digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    private static readonly string _smallest = SmallestPlan.Text.Replace("[systemd]", "[catatonit]", StringComparison.Ordinal);

    [Fact]
    public void The_four_kinds_are_read_and_sorted_by_name()
    {
        ImagePlan plan = Parse($$"""
            - name: images.local/pause:1
              package: catatonit
              files: [/usr/bin/catatonit]
              entrypoint: [/usr/bin/catatonit, -P]
            - { name: example.com/app:1, archive: containers/app.tar }
            - pull: registry.k8s.io/coredns/coredns:v1.12.1
            - { name: example.com/tool:3, binary: bin/tool, arguments: [-v], user: '0' }
            - { name: example.com/pinned:2, pull: example.com/pinned@{{Digest}} }
            """);

        plan.ContainerImages.Select(image => image.Name.ToString()).ShouldBe(
            ["example.com/app:1", "example.com/pinned:2", "example.com/tool:3", "images.local/pause:1", "registry.k8s.io/coredns/coredns:v1.12.1"]);
        plan.ContainerImages[0].ShouldBeOfType<ArchivedContainerPlan>().Archive.ShouldBe("/repo/containers/app.tar");
        plan.ContainerImages[1].ShouldBeOfType<PulledContainerPlan>().Source.Digest!.ToString().ShouldBe(Digest);
        PackagedContainerPlan pause = plan.ContainerImages[3].ShouldBeOfType<PackagedContainerPlan>();
        BinaryContainerPlan tool = plan.ContainerImages[2].ShouldBeOfType<BinaryContainerPlan>();
        (tool.Binary, tool.Program, string.Join(' ', tool.Arguments), tool.User).ShouldBe(("/repo/bin/tool", "/tool", "-v", "0"));
        pause.Files.Single().Value.ShouldBe("usr/bin/catatonit");
        pause.Entrypoint.ShouldBe(["/usr/bin/catatonit", "-P"]);
        pause.User.ShouldBe("65535:65535");
        plan.ContainerImages[4].ShouldBeOfType<PulledContainerPlan>().Source.Tag.ShouldBe("v1.12.1");
    }

    [Fact]
    public void The_lock_answers_what_is_pulled_and_archived_but_not_what_the_bake_makes()
    {
        Images.Formats.Digest none = PlanDigest.Of(ImagePlanReader.Parse(_smallest, "image.yaml", "/repo"));

        PlanDigest.Of(Parse("- { name: images.local/pause:1, package: catatonit, files: [usr/bin/catatonit], entrypoint: [/usr/bin/catatonit] }")).ShouldBe(none);
        PlanDigest.Of(Parse("- { name: example.com/app:1, archive: app.tar }")).ShouldNotBe(none);
        PlanDigest.Of(Parse("- { name: example.com/app:1, binary: app }")).ShouldNotBe(none);
        PlanDigest.Of(Parse("- pull: example.com/app:1")).ShouldNotBe(PlanDigest.Of(Parse("- pull: example.com/app:2")));
    }

    [Theory]
    [InlineData("- { name: a.b/c:1 }", 13, 13, "stands none")]
    [InlineData("- { name: a.b/c:1, archive: x, pull: a.b/c:1 }", 13, 13, "archive and pull")]
    [InlineData("- { name: c:1, archive: x }", 13, 13, "whole name")]
    [InlineData("- { name: a.b/c, archive: x }", 13, 13, "whole name")]
    [InlineData("- { name: 'a.b/c:1@" + Digest + "', archive: x }", 13, 13, "has a digest")]
    [InlineData("- { pull: 'a.b/c@" + Digest + "' }", 13, 5, "name")]
    [InlineData("- { pull: a.b/c:1, files: [a] }", 13, 22, "files")]
    [InlineData("- { pull: a.b/c:1 }\n- { name: a.b/c:1, archive: x }", 14, 5, "twice")]
    [InlineData("- { name: a.b/c:1, package: bash, files: [a], entrypoint: [/a] }", 13, 31, "not in 'packages'")]
    [InlineData("- { name: a.b/c:1, package: catatonit, files: [], entrypoint: [/a] }", 13, 49, "empty")]
    [InlineData("- { name: a.b/c:1, package: catatonit, files: [../a], entrypoint: [/a] }", 13, 50, "../a")]
    [InlineData("- { name: a.b/c:1, package: catatonit, files: [/], entrypoint: [/a] }", 13, 50, "root")]
    [InlineData("- { name: a.b/c:1, package: catatonit, files: [a], entrypoint: [a] }", 13, 66, "full path")]
    [InlineData("- { name: a.b/c:1, package: catatonit, files: [a], entrypoint: [/a], user: nobody }", 13, 78, "numeric")]
    [InlineData("- { name: a.b/c:1, binary: x, user: nobody }", 13, 39, "numeric")]
    [InlineData("- { name: a.b/c:1, binary: x, files: [a] }", 13, 33, "files")]
    [InlineData("- a.b/c:1", 13, 5, "mapping")]
    public void A_wrong_item_is_refused_at_its_line_and_column(string items, int line, int column, string named)
    {
        ConfigurationException refusal = Should.Throw<ConfigurationException>(() => Parse(items));

        refusal.Message.ShouldContain(named);
        refusal.Message.ShouldContain($"image.yaml:{line}:{column}");
    }

    private static ImagePlan Parse(string items) =>
        ImagePlanReader.Parse($"{_smallest}containerImages:\n{string.Join('\n', items.Split('\n').Select(line => "  " + line))}\n", "image.yaml", "/repo");
}
