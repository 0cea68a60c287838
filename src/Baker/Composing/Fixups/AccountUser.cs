namespace Images.Baker.Composing.Fixups;

/// <summary>A user without a password. Where <see cref="Gid"/> is null, a group of the same name and number comes with it.</summary>
public sealed record AccountUser
{
    public required string Name { get; init; }

    public required int Uid { get; init; }

    public int? Gid { get; init; }

    public string Comment { get; init; } = "";

    public string Home { get; init; } = "/";

    public string Shell { get; init; } = "/usr/sbin/nologin";

    /// <summary>Groups that list the user as a member.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];
}
