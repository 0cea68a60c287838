using Images.Baker.Baking;
using Images.Baker.Progress;

namespace Images.Baker.Cli;

/// <summary>The last lines of a bake: what was made, how big, how long, where the time went.</summary>
internal static class BakeSummary
{
    public static void Write(TextWriter output, BakeResult made, IEnumerable<StageTime> stages, TimeSpan duration)
    {
        output.WriteLine();
        output.WriteLine($"{made.Image}  version {made.Version}, {made.Packages} packages");
        output.WriteLine($"  disk {ByteText.Size(made.DiskBytes)}, root {ByteText.Size(made.RootBytes)} of "
            + $"{ByteText.Size(made.RootSlotBytes)}, verity root hash {made.Verity.RootHash}");
        output.WriteLine($"  {made.Manifest}");
        output.WriteLine($"  {made.Sbom}");
        foreach (string upgrade in ((string?[])[made.Upgrade, made.Delta]).OfType<string>())
        {
            output.WriteLine($"  {upgrade}");
        }

        output.WriteLine($"  in {ByteText.Duration(duration)}: "
            + $"{string.Join(", ", stages.Select(stage => $"{stage.Name} {ByteText.Duration(stage.Duration)}"))}");
    }
}
