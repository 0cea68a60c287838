// The facts of one look, read together.
#pragma warning disable MA0048
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Inspection;

/// <summary>What was measured of a machine, before anybody judges it. Null, or none: it could not be.</summary>
internal sealed record InspectionFacts
{
    public required int Processors { get; init; }

    public long? MemoryBytes { get; init; }

    /// <summary>Of the disk that the machine's state is on.</summary>
    public long? DiskBytes { get; init; }

    /// <summary>Those of its roles at which something listens already; null: not looked at.</summary>
    public IReadOnlyList<RolePort>? TakenPorts { get; init; }

    /// <summary>The names under which its roles should stand in DNS.</summary>
    public IReadOnlyList<NameFact> Names { get; init; } = [];

    /// <summary>What DNS says of its address.</summary>
    public ReverseFact? Reverse { get; init; }

    public IReadOnlyList<PeerFact> Peers { get; init; } = [];

    /// <summary>
    /// How long it took each time until a few bytes were on the disk; none where no role asks for it.
    /// </summary>
    public IReadOnlyList<TimeSpan> Syncs { get; init; } = [];
}

/// <param name="Role">Whose name it is.</param>
/// <param name="Name">Without a dot at the end.</param>
/// <param name="Addresses">What DNS says.</param>
/// <param name="Failure">Why it says nothing; null where it does.</param>
internal sealed record NameFact(string Role, string Name, IReadOnlyList<string> Addresses, string? Failure);

/// <param name="Names">Without dots at the end.</param>
/// <param name="NamesBack">Those of them that have the address.</param>
internal sealed record ReverseFact(IReadOnlyList<string> Names, IReadOnlyList<string> NamesBack);

/// <param name="Address">Another machine, which this one will need.</param>
/// <param name="RoundTrip">The fastest of several; null where nothing answers.</param>
/// <param name="ClockAhead">
/// By how much its clock is ahead of ours, to half a second; null where it does not say.
/// </param>
internal sealed record PeerFact(string Role, string Address, TimeSpan? RoundTrip, TimeSpan? ClockAhead);
