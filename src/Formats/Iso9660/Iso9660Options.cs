namespace Images.Formats.Iso9660;

/// <summary>What an ISO image needs beside its files.</summary>
internal sealed record Iso9660Options
{
    /// <summary>
    /// 1 to 16 characters, so that it fits the Joliet descriptor too. NoCloud looks for <c>cidata</c>, in lower case
    /// although ECMA-119 knows only capitals.
    /// </summary>
    public string VolumeLabel { get; init; } = "cidata";

    /// <summary>The volume's own dates, in seconds since 1970 UTC. Files have their nodes' times.</summary>
    public required long TimeUnixSeconds { get; init; }
}
