using Images.TestSupport;

namespace Images.Baker.Tests.Cli;

/// <summary><c>baker bake --dry-run</c>.</summary>
public sealed class BakePreviewTests : IDisposable
{
    private readonly SampleProject _project = new();

    [Fact]
    public void It_says_what_would_be_made_and_makes_nothing()
    {
        string[] before = Files();
        JudgeResult preview = _project.Bake(arguments: "--dry-run");
        preview.ExitCode.ShouldBe(0, preview.Error);
        preview.Output.ShouldStartWith("node 0.1.0 for amd64\n  kubernetes: none\n  roles: ");
        preview.Output.ShouldContain("esp 34 MiB, bios 1 MiB, root-a 4 MiB, root-b 4 MiB, state 1 MiB");
        preview.Output.ShouldContain($"  {_project["out/node_0.1.0.raw"]}\n  {_project["out/node_0.1.0.upgrade"]}\n");
        preview.Output.ShouldEndWith("Nothing was asked of the network and nothing was written.\n");
        Files().ShouldBe(before);
    }

    [Fact]
    public void What_a_bake_would_refuse_before_it_asks_the_network_it_refuses()
    {
        _project.EditPlan(text => text.Replace("packages: [", "packages: [another, ", StringComparison.Ordinal));
        _project.Bake(arguments: "--dry-run").Error.ShouldContain("BAKE0302");
        JudgeResult unknown = _project.Bake(arguments: ["--dry-run", "--kubernetes", "upstream"]);
        unknown.ExitCode.ShouldBe(2);
    }

    public void Dispose() => _project.Dispose();

    private string[] Files() => [.. Directory.EnumerateFileSystemEntries(_project["."], "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
