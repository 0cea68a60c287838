using Images.TestSupport;

namespace Images.Cluster.Tests;

/// <summary>What the build left in artifacts/.</summary>
internal static class BakedClusters
{
    public static string Artifacts { get; } =
        Environment.GetEnvironmentVariable("IMAGES_ARTIFACTS") ?? Path.Combine(Checkout.Folder, "artifacts");

    /// <summary>Newest <c>node_*.raw</c> of artifacts/.</summary>
    public static string Image { get; } = new DirectoryInfo(Artifacts).EnumerateFiles("node_*.raw").MaxBy(file => file.LastWriteTimeUtc)?.FullName
        ?? throw new InvalidOperationException($"There is no image in {Artifacts}. Bake it first: ./build.sh");
}
