using System.Text.Json;
using Images.Baker.Inspect;
using Images.Baker.Tests.Cli;
using Images.Baker.Tests.Sources.Kubernetes;
using Images.Formats;
using Images.Formats.Disk;
using Images.Formats.SquashFs;
using Images.NodeConfig;
using Images.TestSupport;
using Spectre.Console;

namespace Images.Baker.Tests.AddOns;

/// <summary>Whole bakes through the command line.</summary>
public sealed class AddOnBakeTests : IDisposable
{
    private const string Image = "out/node_0.1.0+k8s1.29.3-folder.raw";
    private const string Shop = "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: shop, namespace: kube-system }\nspec: { template: { spec: { containers: [{ image: images.local/pause:1 }] } } }\n";

    private readonly SampleProject _project = new();

    public AddOnBakeTests()
    {
        SampleKubernetes.WriteFolder(_project["programs"], "1.29.3");
        Directory.CreateDirectory(_project["addons"]);
        File.WriteAllText(_project["addons/shop.yaml"], Shop);
        File.WriteAllText(_project["addons/more.yml"], "{ apiVersion: v1, kind: ConfigMap, metadata: { name: more } }\n");
        _project.WritePlan(text => text + SampleProject.Pause + """
            kubernetes: { source: folder, folder: { path: programs, version: 1.29.3 } }
            addons: [addons]

            """);
    }

    public void Dispose() => _project.Dispose();

    [Fact]
    public void Add_ons_are_in_the_image_the_manifest_and_the_inspection_and_the_same_again_gives_the_same_bytes()
    {
        Succeed(_project.Bake());
        ImageVerifier.Verify(_project[Image], (_, _) => { });
        ReadRoot("usr/share/kubernetes/addons/shop.yaml").ShouldBe(Shop);
        ReadRoot("usr/share/kubernetes/addons/more.yaml").ShouldContain("more");
        using JsonDocument manifest = JsonDocument.Parse(File.ReadAllBytes(_project["out/node_0.1.0+k8s1.29.3-folder.manifest.json"]));
        manifest.RootElement.GetProperty("addons").EnumerateObject().Select(file => $"{file.Name}: {string.Join(", ", file.Value.EnumerateArray())}").ShouldBe(
            ["/usr/share/kubernetes/addons/more.yaml: v1 ConfigMap more", "/usr/share/kubernetes/addons/shop.yaml: apps/v1 Deployment kube-system/shop"]);
        manifest.RootElement.GetProperty("files").GetProperty("/usr/share/kubernetes/addons/shop.yaml").GetString().ShouldBe(Digest.Sha256(System.Text.Encoding.UTF8.GetBytes(Shop)).ToString());
        Report().ShouldContain("add-on: /usr/share/kubernetes/addons/shop.yaml: apps/v1 Deployment kube-system/shop");
        Succeed(_project.Bake(output: "again"));
        Judge.Run("cmp", _project[Image], _project["again/node_0.1.0+k8s1.29.3-folder.raw"]);
    }

    [Fact]
    public void A_container_image_that_is_missing_is_refused_and_nothing_is_written()
    {
        File.AppendAllText(_project["addons/more.yml"], "---\n{ apiVersion: v1, kind: Pod, metadata: { name: p }, spec: { containers: [{ image: registry.k8s.io/pause:3.10 }] } }\n");
        JudgeResult refused = _project.Bake();
        refused.ExitCode.ShouldBe(2, refused.Output + refused.Error);
        refused.Error.ShouldStartWith("baker: BAKE0486  addons/more.yml:3  Pod p runs the container image 'registry.k8s.io/pause:3.10', which the image does not carry.");
        Directory.Exists(_project["out"]).ShouldBeFalse();
    }

    [Fact]
    public void Nodes_may_pull_it_where_the_plan_says_so_which_the_bake_repeats()
    {
        File.AppendAllText(_project["addons/more.yml"], "---\n{ apiVersion: v1, kind: Pod, metadata: { name: p }, spec: { containers: [{ image: registry.k8s.io/pause:3.10 }] } }\n");
        _project.EditPlan(text => text.Replace("addons: [addons]", "addons: [{ path: addons, pull: allowed }]", StringComparison.Ordinal));
        JudgeResult bake = _project.Bake();
        Succeed(bake);
        (bake.Output + bake.Error).ShouldContain("'registry.k8s.io/pause:3.10', which the image does not carry. Nodes must reach its registry.");
    }

    [Fact]
    public void An_image_without_Kubernetes_leaves_them_out_and_says_so()
    {
        JudgeResult bake = _project.Bake(arguments: ["--kubernetes", "none"]);
        Succeed(bake);
        (bake.Output + bake.Error).ShouldContain("the add-ons are left out: this image holds no kubernetes");
        File.ReadAllText(_project["out/node_0.1.0.manifest.json"]).ShouldNotContain("addons");
    }

    [Fact]
    public void A_manifest_that_is_none_is_refused_with_its_line()
    {
        File.WriteAllText(_project["addons/more.yml"], "apiVersion: v1\nkind: ConfigMap\n");
        JudgeResult refused = _project.Bake();
        refused.ExitCode.ShouldBe(2, refused.Output + refused.Error);
        refused.Error.ShouldContain("addons/more.yml:1:1  The object that begins here has no metadata.name.");
    }

    private string ReadRoot(string path)
    {
        using DiskImage disk = DiskImage.Open(_project[Image]);
        using PartitionStream slot = disk.OpenPartition(NodeDisk.RootA);
        return System.Text.Encoding.UTF8.GetString(SquashFsReader.Read(slot, Image).Tree.ReadFile(path));
    }

    private string Report()
    {
        using StringWriter text = new();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = 300;
        ReportTable.Write(ImageInspector.Inspect(_project[Image]), console);
        return text.ToString();
    }

    private static void Succeed(JudgeResult bake) => bake.ExitCode.ShouldBe(0, bake.Output + bake.Error);
}
