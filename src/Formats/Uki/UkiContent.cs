namespace Images.Formats.Uki;

/// <summary>What a unified kernel image is made of.</summary>
internal sealed record UkiContent
{
    /// <summary>systemd's <c>linuxx64.efi.stub</c>.</summary>
    public required byte[] Stub { get; init; }

    /// <summary>The bytes of os-release; systemd-boot reads name and version from it.</summary>
    public required byte[] OsRelease { get; init; }

    public required string CommandLine { get; init; }

    /// <summary>As <c>uname -r</c> prints it.</summary>
    public required string KernelRelease { get; init; }

    /// <summary>Compressed or not; several archives may follow each other.</summary>
    public required ReadOnlyMemory<byte> Initrd { get; init; }

    /// <summary>The bzImage.</summary>
    public required ReadOnlyMemory<byte> Kernel { get; init; }
}
