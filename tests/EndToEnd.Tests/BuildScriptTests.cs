using Images.TestSupport;

namespace Images.EndToEnd.Tests;

/// <summary>What build.sh says where it cannot even begin.</summary>
public sealed class BuildScriptTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public BuildScriptTests() => File.Copy(Path.Combine(Checkout.Folder, "build.sh"), _folder["build.sh"]);

    [Fact]
    public void An_sdk_older_than_global_json_asks_for_ends_in_one_sentence_that_says_which_is_needed_and_where_it_is()
    {
        File.WriteAllText(_folder["global.json"], """{ "sdk": { "version": "99.0.100", "rollForward": "latestFeature" } }""");
        JudgeResult build = Judge.Try("bash", _folder["build.sh"]);
        ShouldExplain(build);
        build.Error.ShouldContain($"{Judge.Run("dotnet", "--version").Trim()}"); // what there is instead
    }

    [Fact]
    public void No_sdk_at_all_ends_in_the_same_sentence()
    {
        File.WriteAllText(_folder["global.json"], """{ "sdk": { "version": "99.0.100" } }""");
        string programs = Directory.CreateDirectory(_folder["bin"]).FullName;
        foreach (string program in new[] { "dirname", "sed", "cut", "paste" })
        {
            File.CreateSymbolicLink(Path.Combine(programs, program), Judge.Find(program));
        }

        JudgeResult build = Judge.Try("bash", [_folder["build.sh"]], input: null, environment: new Dictionary<string, string> { ["PATH"] = programs });
        ShouldExplain(build);
        build.Error.ShouldContain("none is installed");
    }

    public void Dispose() => _folder.Dispose();

    private static void ShouldExplain(JudgeResult build)
    {
        build.ExitCode.ShouldBe(2);
        build.Output.ShouldBeEmpty();
        build.Error.Trim().Split('\n').Length.ShouldBe(1, build.Error);
        build.Error.ShouldContain("99.0.100");
        build.Error.ShouldContain("https://dotnet.microsoft.com/download/dotnet/99.0");
    }
}
