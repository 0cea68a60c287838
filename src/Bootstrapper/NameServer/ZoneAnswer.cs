using Images.Formats.Dns;

namespace Images.Bootstrapper.NameServer;

/// <summary>What the zones say to a question.</summary>
internal sealed record ZoneAnswer
{
    public required DnsCode Code { get; init; }

    public IReadOnlyList<(string Owner, DnsRecord Record)> Answers { get; init; } = [];

    /// <summary>Says for how long nothing counts as nothing; null where there is something.</summary>
    public (string Owner, DnsRecord Record)? Authority { get; init; }

    /// <summary>Addresses of the servers that the answers name.</summary>
    public IReadOnlyList<(string Owner, DnsRecord Record)> Additionals { get; init; } = [];

    /// <summary>A name outside that the answers end at, whose records belong to the answer; null for none.</summary>
    public string? Outside { get; init; }
}
