using System.Collections.Immutable;
using System.Text.Json;
using Images.Baker.Containers;
using Images.Baker.Containers.Oci;
using Images.Baker.Plan;
using Images.Baker.Tests.Boot.Initramfs;
using Images.Formats.Tree;
using Images.NodeConfig.Containers;
using Images.TestSupport;

namespace Images.Baker.Tests.Containers;

public sealed class PackagedContainerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Skopeo_reads_the_archive_and_copies_all_of_it()
    {
        WriteArchive(Make());

        using JsonDocument inspected = JsonDocument.Parse(Judge.Run("skopeo", "inspect", $"oci-archive:{_folder["pause.tar"]}:1"));
        inspected.RootElement.GetProperty("Architecture").GetString().ShouldBe("amd64");
        inspected.RootElement.GetProperty("Digest").GetString().ShouldBe(Make().Target.Digest.ToString());
        using JsonDocument config = JsonDocument.Parse(Judge.Run("skopeo", "inspect", "--config", $"oci-archive:{_folder["pause.tar"]}:1"));
        config.RootElement.GetProperty("config").GetProperty("Entrypoint").EnumerateArray().Select(item => item.GetString()).ShouldBe(["/usr/bin/catatonit", "-P"]);
        config.RootElement.GetProperty("config").GetProperty("User").GetString().ShouldBe("65535:65535");

        Judge.Run("skopeo", "--insecure-policy", "copy", $"oci-archive:{_folder["pause.tar"]}:1", $"oci:{_folder["copy"]}:1");
        Judge.Run("umoci", "unpack", "--rootless", "--image", $"{_folder["copy"]}:1", _folder["bundle"]);
        File.ReadAllBytes(_folder["bundle/rootfs/usr/bin/catatonit"]).ShouldBe(Program);
        Judge.Run("find", _folder["bundle/rootfs"], "-type", "f", "-perm", "755").Trim().ShouldBe(_folder["bundle/rootfs/usr/bin/catatonit"]);
        Directory.GetFiles(_folder["bundle/rootfs"], "*", SearchOption.AllDirectories).ShouldBe([_folder["bundle/rootfs/usr/bin/catatonit"]]);
    }

    [Fact]
    public void Containerd_imports_and_unpacks_it_under_its_tag_and_its_digest()
    {
        WriteArchive(Make());
        using TemporaryFolder home = new();
        using ContainerdDaemon containerd = new(home.FullPath);

        containerd.Ctr("images", "import", "--snapshotter", "native", _folder["pause.tar"]);

        string digest = Make().Target.Digest.ToString();
        string[] lines = containerd.Ctr("images", "list").Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..];
        lines.Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(fields => $"{fields[0]} {fields[2]}").Order(StringComparer.Ordinal)
            .ShouldBe([$"images.local/pause:1 {digest}", $"images.local/pause@{digest} {digest}"]);
        containerd.Ctr("images", "check").ShouldContain(" complete (");
        containerd.Ctr("snapshots", "--snapshotter", "native", "list").ShouldContain("Committed");
    }

    [Fact]
    public void The_same_package_gives_the_same_bytes_and_the_documents_say_what_it_is()
    {
        FileTree first = ContainerLayers.Files(Make(), "package catatonit", 5), second = ContainerLayers.Files(Make(), "package catatonit", 5);

        first.Nodes.Keys.ShouldBe(second.Nodes.Keys);
        string archive = first.Nodes.Keys.Single(path => path.Name.EndsWith(".tar", StringComparison.Ordinal)).Value;
        first.ReadFile(archive).ShouldBe(second.ReadFile(archive));
        CarriedContainer document = CarriedContainer.FromJson(first.ReadFile(Path.ChangeExtension(archive, ".json")));
        document.Archive.ShouldBe(Path.GetFileName(archive));
        document.Digest.ShouldBe(Make().Target.Digest.ToString());
        document.Names.ShouldBe(["images.local/pause:1", $"images.local/pause@{document.Digest}"]);
        archive.ShouldStartWith("usr/lib/bootstrapper/containers/pause-");
    }

    [Fact]
    public void Containers_of_one_short_name_get_files_of_their_own()
    {
        ContainerImage other = Make(Plan() with { Name = ContainerReference.TryParse("example.com/pause:1")! });

        ContainerLayers.Files(other, "", 0).Nodes.Keys.Where(path => path.Name.Contains('.', StringComparison.Ordinal))
            .ShouldNotContain(path => ContainerLayers.Files(Make(), "", 0).Nodes.ContainsKey(path));
    }

    [Fact]
    public void A_folder_brings_its_content_and_a_hard_link_its_file()
    {
        FileTreeBuilder package = Package();
        package.AddText("usr/share/pause/a/b", "b");
        package.Set(TreePath.Parse("usr/bin/again"), new HardLinkNode { Mode = 0, Target = TreePath.Parse("usr/bin/catatonit") });
        ContainerImage image = Make(Plan() with { Files = [TreePath.Parse("usr/bin/again"), TreePath.Parse("usr/share/pause")], Entrypoint = ["/usr/bin/again"] }, package);
        WriteArchive(image);

        Judge.Run("skopeo", "--insecure-policy", "copy", $"oci-archive:{_folder["pause.tar"]}:1", $"oci:{_folder["copy"]}:1");
        Judge.Run("umoci", "unpack", "--rootless", "--image", $"{_folder["copy"]}:1", _folder["bundle"]);
        File.ReadAllText(_folder["bundle/rootfs/usr/share/pause/a/b"]).ShouldBe("b");
        File.ReadAllBytes(_folder["bundle/rootfs/usr/bin/again"]).ShouldBe(Program);
    }

    [Fact]
    public void What_could_not_start_on_a_node_is_refused()
    {
        Refused(Plan() with { Files = [TreePath.Parse("usr/bin/catatonit"), TreePath.Parse("usr/bin/other")] }).ShouldContain("/usr/bin/other");
        Refused(Plan() with { Entrypoint = ["/pause"] }).ShouldContain("/pause");
        FileTreeBuilder notExecutable = new(7);
        notExecutable.AddText("usr/bin/catatonit", "text");
        Refused(Plan(), notExecutable).ShouldContain("executable");
        FileTreeBuilder dynamic = new(7);
        dynamic.AddFile("usr/bin/catatonit", new MemoryContent(HandMadeProgram.Create("/lib64/ld-linux-x86-64.so.2")), 0b111_101_101);
        Refused(Plan(), dynamic).ShouldContain("/lib64/ld-linux-x86-64.so.2");
    }

    private static byte[] Program { get; } = SampleData.Mixed(200_000);

    private static PackagedContainerPlan Plan() => new()
    {
        Name = ContainerReference.TryParse("images.local/pause:1")!,
        Package = "catatonit",
        Files = [TreePath.Parse("usr/bin/catatonit")],
        Entrypoint = ["/usr/bin/catatonit", "-P"],
        User = "65535:65535",
    };

    private static FileTreeBuilder Package()
    {
        FileTreeBuilder package = new(7);
        package.AddFile("usr/bin/catatonit", new MemoryContent(Program), 0b111_101_101);
        package.AddText("usr/share/doc/catatonit/copyright", "free");
        return package;
    }

    private static ContainerImage Make(PackagedContainerPlan? plan = null, FileTreeBuilder? package = null) =>
        PackagedContainer.Make(plan ?? Plan(), "0.2.1-2+b14", (package ?? Package()).Build().Nodes.ToImmutableDictionary(), "amd64");

    private static string Refused(PackagedContainerPlan plan, FileTreeBuilder? package = null)
    {
        BakeException refusal = Should.Throw<BakeException>(() => Make(plan, package));
        refusal.Code.ShouldBe("BAKE0612");
        return refusal.Message;
    }

    private void WriteArchive(ContainerImage image)
    {
        FileTree files = ContainerLayers.Files(image, "test", 0);
        File.WriteAllBytes(_folder["pause.tar"], files.ReadFile(files.Nodes.Keys.Single(path => path.Name.EndsWith(".tar", StringComparison.Ordinal)).Value));
    }
}
