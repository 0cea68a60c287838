using System.Collections.Immutable;
using Images.Baker.Kubernetes.GoBuild;
using Images.Formats;
using Images.TestSupport;

namespace Images.Baker.Tests.Sources.GoBuild;

public sealed class SourceBuildRunnerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _lines = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_command_has_the_environment_of_the_recipe_and_nothing_of_the_host_s()
    {
        Perform(SourceBuildStep.Run(Judge.Find("env")));
        _lines.ShouldBe(["FLAGS=", $"HOME={_folder["scratch"]}"], ignoreOrder: true);
    }

    [Fact]
    public void A_command_runs_in_the_folder_of_the_recipe_with_the_arguments_of_its_step()
    {
        string folder = Directory.CreateDirectory(_folder["folder"]).FullName;
        Perform(SourceBuildStep.Run("/bin/sh", "-c", "pwd -P; for each; do echo \"<$each>\"; done", "sh", "-o", "{work}/out/", "a b", "{work}{work}"));
        _lines.ShouldBe([Judge.Run("readlink", "-f", folder).Trim(), "<-o>", $"<{_folder["out"]}/>", "<a b>", $"<{_folder.FullPath}{_folder.FullPath}>"]);
    }

    [Fact]
    public void Text_that_is_written_keeps_its_braces()
    {
        Perform(SourceBuildStep.WriteFile("{work}/file", "map[string]string{} {work}\n"));
        File.ReadAllText(_folder["file"]).ShouldBe("map[string]string{} {work}\n");
    }

    [Fact]
    public void What_a_step_names_those_behind_it_know()
    {
        Directory.CreateDirectory(_folder["debian"]);
        File.WriteAllText(_folder["debian/changelog"], "kubernetes (1) unstable; urgency=low\n\n  * It.\n\n -- A B <a@b>  Tue, 02 Feb 2021 01:30:00 +0200\n");
        Perform(SourceBuildStep.NameDate("{date}", "{work}", "yyyy-MM-ddTHH:mm:ssZ"), SourceBuildStep.Run("/bin/sh", "-c", "echo buildDate={date}"));
        _lines.ShouldBe(["buildDate=2021-02-01T23:30:00Z"]);
    }

    [Fact]
    public void Packages_are_named_where_a_file_asks_for_definitions()
    {
        const string Asks = "package a\n\n// +k8s:openapi-gen=true\n";
        Write("cmd/one/deeper/doc.go", Asks);
        Write("cmd/two/doc_test.go", Asks);
        Write("cmd/two/doc.go", "package two // +k8s:openapi-gen=true\n");
        Write("elsewhere/doc.go", Asks);
        Write("staging/api/v1/doc.go", "//+k8s:openapi-gen=true\n");
        Write("vendor/k8s.io/apart/doc.go", Asks);
        Write("vendor/k8s.io/code-generator/doc.go", Asks);
        Write("vendor/k8s.io/other/doc.go", "package other\n");
        Write("pkg/doc.go", Asks);
        Write("plugin/none", "");
        Write("test/none", "");
        Directory.CreateSymbolicLink(_folder["vendor/k8s.io/api"], "../../staging/api");
        Directory.CreateSymbolicLink(_folder["pkg/again"], "../cmd");
        OpenApiDefinitions.FindPackages(_folder.FullPath, OpenApiDefinitions.Marker, OpenApiDefinitions.Roots).ShouldBe(["cmd/one/deeper", "pkg", "vendor/k8s.io/apart", "vendor/k8s.io/api/v1"]);

        Perform(SourceBuildStep.NamePackages("{packages}", "{work}", "example", OpenApiDefinitions.Marker, "pkg", "cmd"), SourceBuildStep.Run("/bin/sh", "-c", "echo {packages}"));
        _lines.ShouldBe(["example/cmd/one/deeper,example/pkg"]);
    }

    [Fact]
    public void A_report_with_other_violations_is_refused()
    {
        Write("report", "one\n");
        Write("committed", "one\n");
        SourceBuildStep step = SourceBuildStep.RequireSameViolations("{work}/report", "{work}/committed");
        Perform(step);
        Write("report", "one\ntwo\n");
        Should.Throw<MalformedDataException>(() => Perform(step)).Message.ShouldStartWith("committed: the OpenAPI generator reports other violations");
    }

    private void Perform(params ImmutableArray<SourceBuildStep> steps)
    {
        SourceBuildRecipe recipe = new()
        {
            Folder = Directory.Exists(_folder["folder"]) ? "{work}/folder" : "{work}",
            Environment = new Dictionary<string, string> { ["HOME"] = "{work}/scratch", ["FLAGS"] = "" },
            Fixes = [],
            OpenApi = [],
            Compile = steps,
        };
        new SourceBuildRunner(recipe, SourceBuildNames.None.With("{work}", _folder.FullPath)).Perform(recipe.Compile, _lines.Add, CancellationToken.None);
    }

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[path])!);
        File.WriteAllText(_folder[path], text);
    }
}
