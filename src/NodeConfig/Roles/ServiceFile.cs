namespace Images.NodeConfig.Roles;

/// <summary>A file rendered on the node from a template of the role.</summary>
public sealed record ServiceFile
{
    public const string DefaultMode = "0644";
    public const string DefaultOwner = "root:root";

    /// <summary>Absolute path on the node.</summary>
    public required string Path { get; init; }

    /// <summary>File name under <c>templates/</c> of the role.</summary>
    public required string Template { get; init; }

    /// <summary>Four octal digits.</summary>
    public string Mode { get; init; } = DefaultMode;

    /// <summary><c>user:group</c>, names of the image's accounts.</summary>
    public string Owner { get; init; } = DefaultOwner;
}
