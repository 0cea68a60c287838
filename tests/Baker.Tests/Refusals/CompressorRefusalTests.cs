using Images.Baker.Tests.Cli;
using Images.Formats.SquashFs;
using Images.TestSupport;

namespace Images.Baker.Tests.Refusals;

/// <summary>A runtime that compresses otherwise makes another image from the same lock.</summary>
public sealed class CompressorRefusalTests : IDisposable
{
    private readonly SampleProject _project = new();
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void The_runtime_that_the_tests_run_under_is_the_known_one() => CompressorIdentity.Current.ShouldBe(CompressorIdentity.Known);

    [Fact]
    public void Whoever_insists_on_the_lock_is_refused_and_others_are_told()
    {
        string dotnet = OtherRuntime.Make(_folder);
        JudgeResult[] refusals =
        [
            _project.Bake(new Dictionary<string, string> { ["CI"] = "" }, dotnet: dotnet, arguments: "--locked"),
            _project.Bake(new Dictionary<string, string> { ["CI"] = "true" }, dotnet: dotnet),
        ];
        foreach (JudgeResult refusal in refusals)
        {
            refusal.ExitCode.ShouldBe(2, refusal.Output + refusal.Error);
            refusal.Error.TrimEnd('\n').Split('\n').ShouldHaveSingleItem().ShouldStartWith("baker: BAKE0405  compressor  ");
            refusal.Error.ShouldContain(CompressorIdentity.Known);
            refusal.Error.ShouldContain("global.json");
            Directory.Exists(_project["out"]).ShouldBeFalse();
        }

        JudgeResult made = _project.Bake(new Dictionary<string, string> { ["CI"] = "" }, dotnet: dotnet);
        made.ExitCode.ShouldBe(0, made.Output + made.Error);
        string notice = made.Output.Split('\n').Where(line => line.StartsWith("notice: The zlib ", StringComparison.Ordinal)).ShouldHaveSingleItem();
        notice.ShouldContain(CompressorIdentity.Known);
        string other = notice.Split(' ').First(word => word.StartsWith("zlib-ng-9-", StringComparison.Ordinal)).TrimEnd(',');
        other.ShouldNotBe(CompressorIdentity.Known);
        File.ReadAllText(_project["out/node_0.1.0.manifest.json"]).ShouldContain(other);
    }

    public void Dispose()
    {
        _project.Dispose();
        _folder.Dispose();
    }
}
