using Images.TestSupport;

namespace Images.Fuzz.Tests;

/// <summary>The program as it is run by hand, in a process of its own: what a parser does to it, it does to nobody else.</summary>
public sealed class FuzzTests
{
    [Fact]
    public void What_once_broke_a_parser_breaks_none_and_a_moment_of_changed_inputs_finds_nothing() => Run("--seconds", "0.2");

    [Fact]
    [Trait("Category", "Full")]
    public void Half_a_minute_of_changed_inputs_finds_nothing_in_any_parser() => Run("--seconds", "30");

    [Theory]
    [InlineData("--parser", "nobody")]
    [InlineData("--seconds")]
    [InlineData("--input", "file")]
    [InlineData("corpus")]
    public void Options_that_cannot_be_are_refused_with_the_usage(params string[] arguments)
    {
        JudgeResult refused = Try(arguments);
        refused.ExitCode.ShouldBe(2);
        refused.Error.ShouldContain("usage: dotnet run --project tests/Fuzz");
    }

    [Fact]
    public void One_input_is_read_by_hand()
    {
        string corpus = Path.Combine(Checkout.Folder, "tests", "Fuzz", "corpus");
        Try("--parser", "release", "--input", Path.Combine(corpus, "release", "plain")).Output.Trim().ShouldBe("release: read");
        Try("--parser", "release", "--input", Path.Combine(corpus, "xz", "crc64")).Output.ShouldStartWith("release: refused, as declared: fuzz");
    }

    [Fact]
    public void Each_folder_of_the_corpus_is_a_parser_s()
    {
        string[] parsers = Try("--list").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        parsers.Length.ShouldBeGreaterThan(55);
        parsers.ShouldBeUnique();
        Directory.GetDirectories(Path.Combine(Checkout.Folder, "tests", "Fuzz", "corpus")).Select(Path.GetFileName).Except(parsers).ShouldBeEmpty();
    }

    private static void Run(params string[] arguments)
    {
        JudgeResult run = Try(arguments);
        run.ExitCode.ShouldBe(0, run.Output + run.Error);
    }

    private static JudgeResult Try(params string[] arguments) => Judge.Try("dotnet", [Path.Combine(AppContext.BaseDirectory, "fuzz.dll"), .. arguments]);
}
