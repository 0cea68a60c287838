using Images.Formats;

namespace Images.Baker.Manifest;

/// <summary>A Debian package of the image, as its control file and the lock describe it.</summary>
public sealed record InstalledPackage
{
    public required string Name { get; init; }

    /// <summary>Full Debian version, with epoch.</summary>
    public required string Version { get; init; }

    public required string Architecture { get; init; }

    /// <summary>Name of the source package.</summary>
    public required string Source { get; init; }

    public required string SourceVersion { get; init; }

    /// <summary>Digest of the .deb.</summary>
    public required Digest Digest { get; init; }

    /// <summary>Size of the .deb in bytes.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>The archive it came from: debian or debian-security.</summary>
    public required string Archive { get; init; }

    /// <summary>Path in the archive, as in <c>pool/main/b/bash/bash_5.2.37-2_amd64.deb</c>.</summary>
    public required string ArchivePath { get; init; }

    /// <summary>The suite it was resolved from, as in trixie-security.</summary>
    public required string Suite { get; init; }

    /// <summary>The control file's paragraph as it stands in the .deb.</summary>
    public required string ControlText { get; init; }
}
