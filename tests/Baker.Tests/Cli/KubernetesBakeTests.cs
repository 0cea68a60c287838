using System.Text;
using System.Text.Json;
using Images.Baker.Inspect;
using Images.Baker.Tests.Sources;
using Images.Baker.Tests.Sources.Kubernetes;
using Images.Formats.Disk;
using Images.Formats.SquashFs;
using Images.Formats.Tree;
using Images.NodeConfig;
using Images.TestSupport;
using Spectre.Console;

namespace Images.Baker.Tests.Cli;

/// <summary>Bakes with Kubernetes in a process of their own: what the image is called, what it holds, what is refused.</summary>
public sealed class KubernetesBakeTests : IDisposable
{
    private const string Programs = "kubernetes: { source: folder, folder: { path: programs, version: 1.29.3 } }\n";
    private const string Folder = Programs + SampleProject.Pause;
    private const string FolderImage = "out/node_0.1.0+k8s1.29.3-folder.raw";
    private readonly SampleProject _project = new();

    public KubernetesBakeTests() => SampleKubernetes.WriteFolder(_project["programs"], "1.29.3");

    public void Dispose() => _project.Dispose();

    [Fact]
    public void A_folder_s_programs_are_in_the_image_and_its_name_and_inspection_say_so()
    {
        _project.WritePlan(text => text + Folder);
        Succeed(_project.Bake());
        string image = _project[FolderImage];
        FileTree root = RootOf(image);
        root.ReadFile("usr/bin/kubelet").ShouldBe(SampleKubernetes.Program("kubelet", "1.29.3"));
        root.Find("usr/bin/kubelet")!.Mode.ShouldBe(0b111_101_101);
        Encoding.UTF8.GetString(root.ReadFile("usr/lib/bootstrapper/image.json")).ShouldContain("\"kubernetes\": \"1.29.3\"");
        Report(image).ShouldContain("kubernetes: 1.29.3, source folder, END OF LIFE since 2025-02-28");
        LicencesOf(image).ShouldBe(["NOASSERTION"]);
        ImageVerifier.Verify(image, (_, _) => { });
    }

    [Fact]
    public void The_same_programs_make_the_same_image()
    {
        _project.WritePlan(text => text + Folder);
        Succeed(_project.Bake());
        Succeed(_project.Bake(output: "again", cache: "cache"));
        Judge.Run("cmp", _project[FolderImage], _project["again/node_0.1.0+k8s1.29.3-folder.raw"]);
    }

    [Fact]
    public void An_image_for_a_cluster_has_its_source_and_none_that_it_cannot_go_to()
    {
        string recorded = _project["seeds/kubernetes.json"];
        Directory.CreateDirectory(_project["seeds/secrets"]);
        string[] forCluster = ["--for-cluster", _project["seeds"]];
        _project.WritePlan(text => text + Folder);
        Succeed(_project.Bake(arguments: forCluster));
        File.ReadAllText(recorded).ShouldBe("{\n  \"source\": \"folder\",\n  \"version\": \"1.29.3\"\n}\n");
        _project.WritePlan(text => text + Folder.Replace("source: folder", "source: none", StringComparison.Ordinal));
        Succeed(_project.Bake(output: "again", arguments: forCluster));
        File.Exists(_project["again/node_0.1.0+k8s1.29.3-folder.raw"]).ShouldBeTrue("the cluster's source, not the plan's");
        File.WriteAllText(recorded, """{"source": "folder", "version": "1.27.1"}""");
        JudgeResult refused = _project.Bake(output: "third", arguments: forCluster);
        refused.ExitCode.ShouldBe(2);
        refused.Error.ShouldContain("BAKE0652");
        Directory.Exists(_project["third"]).ShouldBeFalse();
    }

    [Fact]
    public void The_command_line_may_leave_kubernetes_out()
    {
        _project.WritePlan(text => text + Folder);
        Succeed(_project.Bake(arguments: ["--kubernetes", "none"]));
        Report(_project.Image).ShouldContain("kubernetes: none");
    }

    [Fact]
    public void Upstream_s_programs_come_from_a_server_of_choice()
    {
        byte[] archive = SampleKubernetes.Archive("1.36.0");
        using FaultyServer server = new();
        server.Files["k8s/v1.36.0/kubernetes-server-linux-amd64.tar.gz"] = archive;
        _project.WritePlan(text => text + $"kubernetes: {{ source: none, upstream: {{ version: 1.36.0, sha512: {SampleKubernetes.Sha512(archive).Hex} }} }}\n" + SampleProject.Pause);
        Succeed(_project.Bake(new Dictionary<string, string> { ["CI"] = "true" }, arguments: ["--kubernetes", "upstream", "--kubernetes-mirror", server.Address + "k8s"]));
        Report(_project["out/node_0.1.0+k8s1.36.0-upstream.raw"]).ShouldContain("kubernetes: 1.36.0, source upstream, mended until 2027-06-28");
        File.ReadAllText(_project["out/node_0.1.0+k8s1.36.0-upstream.manifest.json"]).ShouldContain($"\"kubernetes-server-linux-amd64.tar.gz\": \"{SampleKubernetes.Sha512(archive)}\"");
        File.ReadAllText(_project["out/node_0.1.0+k8s1.36.0-upstream.spdx.json"]).ShouldContain("SPDXRef-Kubernetes");
        File.ReadAllText(_project["out/node_0.1.0+k8s1.36.0-upstream.spdx.json"]).ShouldContain("Short names in /usr/share/doc/kubernetes/copyright: Apache-2.0");
        LicencesOf(_project["out/node_0.1.0+k8s1.36.0-upstream.raw"]).ShouldBe(["Apache-2.0"]);
        ReadFile(_project["out/node_0.1.0+k8s1.36.0-upstream.raw"], "usr/share/doc/kubernetes/copyright").ShouldContain(SampleKubernetes.Licence);
        Directory.EnumerateDirectories(_project["cache/work"]).ShouldBeEmpty();
    }

    [Fact]
    public void A_tampered_program_is_refused_though_its_layer_is_known()
    {
        _project.WritePlan(text => text + Folder);
        Succeed(_project.Bake());
        File.AppendAllText(_project["programs/kubelet"], "!");
        Refused(_project.Bake(output: "again"), "BAKE0366", _project["programs/kubelet"]);
    }

    [Fact]
    public void A_program_whose_libraries_are_not_in_the_image_is_refused()
    {
        File.WriteAllBytes(_project["programs/kubelet"], SampleKubernetes.Program("kubelet", "1.29.3", "/lib64/ld-linux-x86-64.so.2", "libc.so.6"));
        _project.WritePlan(text => text + Folder);
        Refused(_project.Bake(), "BAKE0704", "/lib64/ld-linux-x86-64.so.2");
        Directory.EnumerateFiles(_project["out"]).ShouldBeEmpty();
    }

    [Fact]
    public void A_plan_that_does_not_carry_the_pods_pause_container_is_refused()
    {
        _project.WritePlan(text => text + Programs);
        Refused(_project.Bake(), "BAKE0487", "images.local/pause:1");
    }

    [Theory]
    [InlineData("auto", "BAKE0369")]
    [InlineData("upstream", "BAKE0369")]
    [InlineData("elsewhere", "BAKE0003")]
    public void A_source_that_cannot_be_used_is_refused(string source, string code)
    {
        _project.WritePlan(text => text + Folder);
        Refused(_project.Bake(arguments: ["--kubernetes", source]), code, source);
    }

    private static FileTree RootOf(string image)
    {
        using DiskImage disk = DiskImage.Open(image);
        using PartitionStream slot = disk.OpenPartition(NodeDisk.RootA);
        FileTree root = SquashFsReader.Read(slot, image).Tree;
        FileTreeBuilder kept = new(0);
        foreach (string path in (string[])["usr/bin/kubelet", "usr/lib/bootstrapper/image.json"])
        {
            kept.AddFile(path, new MemoryContent(root.ReadFile(path)), root.Find(path)!.Mode);
        }

        return kept.Build();
    }

    private static string ReadFile(string image, string path)
    {
        using DiskImage disk = DiskImage.Open(image);
        using PartitionStream slot = disk.OpenPartition(NodeDisk.RootA);
        return Encoding.UTF8.GetString(SquashFsReader.Read(slot, image).Tree.ReadFile(path));
    }

    private static string[] LicencesOf(string image)
    {
        using JsonDocument manifest = JsonDocument.Parse(File.ReadAllBytes(Path.ChangeExtension(image, "manifest.json")));
        return [.. manifest.RootElement.GetProperty("kubernetes").GetProperty("licences").EnumerateArray().Select(name => name.GetString()!)];
    }

    private static string Report(string image)
    {
        using StringWriter text = new();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = 300;
        ReportTable.Write(ImageInspector.Inspect(image), console);
        return text.ToString();
    }

    private static void Succeed(JudgeResult bake) => bake.ExitCode.ShouldBe(0, bake.Output + bake.Error);

    private static void Refused(JudgeResult result, params string[] said)
    {
        result.ExitCode.ShouldBe(2, result.Output + result.Error);
        result.Error.TrimEnd('\n').Split('\n').ShouldHaveSingleItem().ShouldMatch("^baker: BAKE[0-9]{4}  [^ ].+$");
        foreach (string part in said)
        {
            result.Error.ShouldContain(part);
        }
    }
}
