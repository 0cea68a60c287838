using Images.Baker.Tests.Cli;
using Images.Baker.Tests.Tree;
using Images.TestSupport;

namespace Images.Baker.Tests.Reproducibility;

/// <summary>The same inputs give the same four files, whatever the host is like. EndToEnd.Tests asks the same of the real image.</summary>
public sealed class BakeReproducibilityTests
{
    private static readonly string[] _names = ["node_0.1.0.raw", "node_0.1.0.manifest.json", "node_0.1.0.spdx.json", "node_0.1.0.upgrade"];

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
    public void Without_the_derived_cache_a_planted_layer_reaches_no_image_and_nothing_is_kept_or_left()
    {
        using SampleProject project = new();
        Succeed(project.Bake());
        string genuine = LayerOfExtra(project, out byte[] original);
        Plant(project, genuine);
        Succeed(project.Bake(output: "believed"));
        Judge.Try("cmp", project.Image, project["believed/node_0.1.0.raw"]).ExitCode.ShouldBe(1, "a layer vouches for itself");

        string[] before = Files(project);
        Succeed(project.Bake(output: "alone", arguments: "--no-derived-cache"));
        foreach (string name in _names)
        {
            Judge.Run("cmp", project[$"out/{name}"], project[$"alone/{name}"]);
        }

        Files(project).ShouldBe(before);
        Directory.GetDirectories(project["cache/work"]).ShouldBeEmpty();
        File.ReadAllBytes(genuine).ShouldNotBe(original, "the planted one is left alone");
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

    private static string[] Files(SampleProject project) =>
        [.. Directory.EnumerateFiles(project["cache"], "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private static string[] Layers(SampleProject project) => Directory.GetFiles(project["cache/layers"]);

    /// <summary>The one whose index names the package's file.</summary>
    private static string LayerOfExtra(SampleProject project, out byte[] content)
    {
        string layer = Layers(project).Single(file => File.ReadAllBytes(file).AsSpan().IndexOf("usr/lib/extra/note"u8) >= 0);
        content = File.ReadAllBytes(layer);
        return layer;
    }

    /// <summary>Puts the layer of another package there, whole and with its own digests.</summary>
    private static void Plant(SampleProject project, string layer)
    {
        using SampleProject other = new();
        other.ReplaceExtra(SampleDeb.Of(SampleImage.Package(SampleProject.Extra, tree => tree.AddText("usr/lib/extra/note", "another one"))));
        Succeed(other.Bake());
        string[] names = [.. Layers(project).Select(Path.GetFileName).OfType<string>()];
        string planted = Layers(other).Single(file => !names.Contains(Path.GetFileName(file)));
        File.Copy(planted, layer, overwrite: true);
    }

    /// <summary>The list of packages of one line of image.yaml, turned round.</summary>
    private static string Reversed(string line) =>
        line.StartsWith("packages: [", StringComparison.Ordinal) ? $"packages: [{string.Join(", ", line["packages: [".Length..^1].Split(", ").Reverse())}]" : line;

    private static void Succeed(JudgeResult bake) => bake.ExitCode.ShouldBe(0, bake.Output + bake.Error);
}
