using Images.TestSupport;

namespace Images.Architecture.Tests;

internal static class Sources
{
    /// <summary>Every C# file that somebody wrote under src, sorted.</summary>
    public static IReadOnlyList<string> Files { get; } =
    [
        .. Directory.EnumerateFiles(Path.Combine(Checkout.Folder, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(path => !path.Split(Path.DirectorySeparatorChar).Any(folder => folder is "obj" or "bin"))
            .Order(StringComparer.Ordinal),
    ];
}
