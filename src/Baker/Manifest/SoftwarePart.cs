using Images.Formats;

namespace Images.Baker.Manifest;

/// <summary>
/// Something that is in a program of the image, or that made it, and is no package of the image itself.
/// </summary>
public sealed record SoftwarePart
{
    public required string Name { get; init; }

    public required string Version { get; init; }

    /// <summary>https://github.com/package-url/purl-spec: what scanners look holes up by.</summary>
    public required string PackageUrl { get; init; }

    /// <summary>Whether it made the program and is not in it.</summary>
    public bool IsTool { get; init; }

    /// <summary>Of the file that it comes in; null where that is not known.</summary>
    public Digest? Digest { get; init; }
}
