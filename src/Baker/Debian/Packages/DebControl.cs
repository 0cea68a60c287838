namespace Images.Baker.Debian.Packages;

/// <summary>What a package says about itself: the members of its control archive.</summary>
public sealed record DebControl
{
    /// <summary>The only paragraph of the file "control".</summary>
    public required ControlParagraph Fields { get; init; }

    public required string Package { get; init; }

    public required DebVersion Version { get; init; }

    public required string Architecture { get; init; }

    /// <summary>Absolute paths of configuration files, in the order of the file "conffiles".</summary>
    public required IReadOnlyList<string> Conffiles { get; init; }

    /// <summary>Names of the scripts that the package brings: preinst, postinst, prerm, postrm, config.</summary>
    public required IReadOnlyList<string> MaintainerScripts { get; init; }

    /// <summary>Every member by its name, such as "md5sums" or "triggers", in ordinal order.</summary>
    public required IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Members { get; init; }
}
