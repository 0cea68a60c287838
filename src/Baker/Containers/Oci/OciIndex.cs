using System.Collections.Immutable;

namespace Images.Baker.Containers.Oci;

/// <summary>Manifests of one image for several platforms, or of several images in a layout's index.json.</summary>
internal sealed record OciIndex : OciDocument
{
    public required ImmutableArray<OciDescriptor> Manifests { get; init; }

    /// <summary>The manifest for Linux on this architecture; one without a variant before others.</summary>
    /// <param name="architecture">amd64.</param>
    /// <param name="name">How errors call the image.</param>
    /// <exception cref="BakeException">There is none.</exception>
    public OciDescriptor For(string architecture, string name) =>
        Manifests
            .Where(manifest => manifest.Platform?.Is(architecture) == true
                && OciMediaTypes.IsManifest(manifest.MediaType))
            .OrderBy(manifest => manifest.Platform!.Variant ?? "", StringComparer.Ordinal)
            .FirstOrDefault()
            ?? throw new BakeException(
                "BAKE0610", name, $"There is none for linux/{architecture}, only for: {Offered()}.",
                "Take an image that is made for it.");

    private string Offered()
    {
        string[] platforms = [.. Manifests.Select(manifest => manifest.Platform?.ToString() ?? "(not said)")
            .Distinct(StringComparer.Ordinal)];
        return platforms.Length == 0 ? "nothing" : string.Join(", ", platforms);
    }
}
