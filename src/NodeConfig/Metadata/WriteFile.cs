namespace Images.NodeConfig.Metadata;

/// <summary>One entry of <c>write_files</c>, decoded.</summary>
public sealed record WriteFile
{
    public const string DefaultMode = "0644";
    public const string DefaultOwner = "root:root";

    public required string Path { get; init; }

    public required byte[] Content { get; init; }

    /// <summary>Four octal digits.</summary>
    public string Mode { get; init; } = DefaultMode;

    public string Owner { get; init; } = DefaultOwner;

    public bool Append { get; init; }

    /// <summary>The content may hold keys.</summary>
    public override string ToString() => $"{Path} ({Content.Length} bytes)";
}
