using Images.Baker.Tests.Cli;
using Images.TestSupport;

namespace Images.Baker.Tests.Reproducibility;

/// <summary>The same inputs give the same three files, whatever the host is like. EndToEnd.Tests asks the same of the real image.</summary>
public sealed class BakeReproducibilityTests
{
    private static readonly string[] _names = ["node_0.1.0.raw", "node_0.1.0.manifest.json", "node_0.1.0.spdx.json"];

    [Fact]
    public void Another_folder_time_zone_language_umask_cache_and_order_of_inputs_change_no_byte()
    {
        using SampleProject first = new();
        using SampleProject second = new();
        second.WritePlan(text => string.Join('\n', text.Split('\n').Select(Reversed)));
        byte[] lockBefore = File.ReadAllBytes(second["image.lock.json"]);
        Succeed(first.Bake());
        Dictionary<string, string> elsewhere = new()
        {
            ["TZ"] = "Asia/Kathmandu",
            ["LC_ALL"] = "tr_TR.UTF-8",
            ["LANG"] = "tr_TR.UTF-8",
            ["HOME"] = second.Image,
            ["HOSTNAME"] = "elsewhere",
            ["DOTNET_PROCESSOR_COUNT"] = "1",
        };
        Succeed(second.Bake(elsewhere, prefix: ["/bin/sh", "-c", "umask 077; exec \"$@\"", "sh"]));
        foreach (string name in _names)
        {
            Judge.Run("cmp", first[$"out/{name}"], second[$"out/{name}"]);
        }

        Succeed(second.Bake(output: "warm"));
        Judge.Run("cmp", first.Image, second["warm/node_0.1.0.raw"]);
        File.ReadAllBytes(second["image.lock.json"]).ShouldBe(lockBefore);
    }

    [Fact]
    public void The_source_date_reaches_the_image()
    {
        using SampleProject project = new();
        Dictionary<string, string> later = new() { ["SOURCE_DATE_EPOCH"] = "1750086400" };
        Succeed(project.Bake());
        Succeed(project.Bake(later, output: "later"));
        Judge.Try("cmp", project.Image, project["later/node_0.1.0.raw"]).ExitCode.ShouldBe(1);
        File.ReadAllText(project["later/node_0.1.0.manifest.json"]).ShouldContain("\"created\": \"2025-06-16T15:06:40Z\"");
    }

    /// <summary>The list of packages of one line of image.yaml, turned round.</summary>
    private static string Reversed(string line) =>
        line.StartsWith("packages: [", StringComparison.Ordinal) ? $"packages: [{string.Join(", ", line["packages: [".Length..^1].Split(", ").Reverse())}]" : line;

    private static void Succeed(JudgeResult bake) => bake.ExitCode.ShouldBe(0, bake.Output + bake.Error);
}
