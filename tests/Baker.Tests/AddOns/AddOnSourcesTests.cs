using System.Collections.Immutable;
using Images.Baker.AddOns;
using Images.Baker.Plan;
using Images.Formats;
using Images.NodeConfig;
using Images.TestSupport;

namespace Images.Baker.Tests.AddOns;

public sealed class AddOnSourcesTests : IDisposable
{
    private const string One = "{ apiVersion: v1, kind: ConfigMap, metadata: { name: one } }\n";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Files_and_folders_give_manifests_sorted_by_name_with_their_bytes()
    {
        Put("z/b.yaml", One);
        Put("z/a.yml", "# two\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: { name: two, namespace: x }\n---\n{ apiVersion: v1, kind: Namespace, metadata: { name: x } }\n");
        Put("z/README.md", "- no manifest");
        Put("c.yaml", "{ apiVersion: v1, kind: ConfigMap, metadata: { name: three } }");
        ImmutableArray<AddOnFile> files = Read(Plan("z/"), Plan("c.yaml"));
        files.Select(file => $"{file.ImagePath} {file.WrittenPath}: {string.Join(", ", file.Objects)}").ShouldBe(
        [
            "/usr/share/kubernetes/addons/a.yaml z/a.yml: Deployment x/two, Namespace x",
            "/usr/share/kubernetes/addons/b.yaml z/b.yaml: ConfigMap one",
            "/usr/share/kubernetes/addons/c.yaml c.yaml: ConfigMap three",
        ]);
        files[1].Content.Digest.ShouldBe(Digest.Sha256("{ apiVersion: v1, kind: ConfigMap, metadata: { name: one } }\n"u8));
    }

    [Fact]
    public void A_file_that_is_not_there_is_named_with_its_line_in_the_plan() => Refuse("BAKE0480", "image.yaml:7:3", "'a.yaml' does not exist", Plan("a.yaml"));

    [Theory]
    [InlineData("a.json", "does not end in .yaml")]
    [InlineData("empty/", "holds no manifest")]
    [InlineData("deep", "holds the folder 'inner'")]
    public void What_would_be_left_out_is_refused(string path, string problem)
    {
        Put("a.json", "{}");
        Put("empty/notes.txt", "");
        Put("deep/a.yaml", One);
        Put("deep/inner/b.yaml", One);
        Refuse("BAKE0481", "image.yaml:7:3", problem, Plan(path));
    }

    [Fact]
    public void Two_files_of_one_name_are_refused()
    {
        Put("x/a.yml", One);
        Put("a.yaml", One);
        Refuse("BAKE0482", "x/a.yml", "a.yaml, is that of a.yaml too", Plan("a.yaml"), Plan("x"));
    }

    [Fact]
    public void A_file_without_an_object_is_refused()
    {
        Put("a.yaml", "# nothing\n---\n");
        Refuse("BAKE0483", "a.yaml", "no object", Plan("a.yaml"));
    }

    [Fact]
    public void A_file_that_is_no_text_is_refused()
    {
        File.WriteAllBytes(_folder["a.yaml"], [0xFF, 0xFE, 0xFD]);
        Refuse("BAKE0484", "a.yaml", "not UTF-8", Plan("a.yaml"));
    }

    [Fact]
    public void An_object_that_two_files_describe_is_refused_whatever_its_version()
    {
        Put("a.yaml", "{ apiVersion: apps/v1, kind: Deployment, metadata: { name: one } }\n");
        Put("b.yaml", "\n{ apiVersion: apps/v1beta1, kind: Deployment, metadata: { name: one } }\n");
        Refuse("BAKE0485", "b.yaml:2", "Deployment one is described a second time; first at a.yaml:1", Plan("a.yaml"), Plan("b.yaml"));
    }

    [Fact]
    public void An_object_that_is_none_is_refused_with_its_line()
    {
        Put("x/a.yaml", One + "---\nkind: ConfigMap\n");
        Should.Throw<ConfigurationException>(() => Read(Plan("x"))).Message.ShouldStartWith("x/a.yaml:3:1  The object that begins here has no apiVersion.");
    }

    private void Refuse(string code, string where, string problem, params AddOnPlan[] plans)
    {
        BakeException refusal = Should.Throw<BakeException>(() => Read(plans));
        refusal.Message.ShouldStartWith($"{code}  {where}  ");
        refusal.Message.ShouldContain(problem);
    }

    private static ImmutableArray<AddOnFile> Read(params AddOnPlan[] plans) => AddOnSources.Read([.. plans]);

    private AddOnPlan Plan(string path) => new() { WrittenPath = path, Path = Path.TrimEndingDirectorySeparator(_folder[path]), MayPull = false, Place = "image.yaml:7:3" };

    private void Put(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[path])!);
        File.WriteAllText(_folder[path], text);
    }
}
