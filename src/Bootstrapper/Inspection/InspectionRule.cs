using System.Globalization;
using Images.Bootstrapper.Reporting;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Inspection;

/// <summary>
/// Judges what was measured of a machine by what its roles are meant for. Reads nothing but its arguments.
/// </summary>
internal static class InspectionRule
{
    /// <summary>etcd's heartbeat is 100 ms: a round trip of a tenth of it is what members bear well.</summary>
    public static readonly TimeSpan LongestRoundTrip = TimeSpan.FromMilliseconds(10);

    /// <summary>What etcd's own guide asks of its disk: 99 of 100 writes within it.</summary>
    public static readonly TimeSpan LongestSync = TimeSpan.FromMilliseconds(10);

    /// <summary>A peer says the time in whole seconds, so less cannot be told from nothing.</summary>
    public static readonly TimeSpan LargestClockDifference = TimeSpan.FromSeconds(3);

    /// <summary>
    /// Firmware and kernel keep some memory, partitions some of the disk: what is sold as 1 GiB is less.
    /// </summary>
    private const double Nominal = 7.0 / 8;

    private const int MostShown = 9;

    /// <param name="roles">Of the machine.</param>
    /// <param name="address">Its own.</param>
    public static IReadOnlyList<Finding> Judge(
        IReadOnlyList<RoleDefinition> roles, string address, InspectionFacts facts) =>
    [
        .. Size(roles, facts),
        .. Ports(roles, facts.TakenPorts),
        .. facts.Names.Select(name => Forward(name, address)),
        .. Reverse(facts.Reverse, address),
        .. Clock(facts.Peers),
        .. Latency(facts.Peers),
        .. Disk(facts.Syncs),
    ];

    private static IEnumerable<Finding> Size(IReadOnlyList<RoleDefinition> roles, InspectionFacts facts)
    {
        RoleDefinition[] known = [.. roles.Where(role => role.Minimum is not null)];
        if (known.Length == 0)
        {
            yield break;
        }

        RoleDefinition most = known.MaxBy(role => role.Minimum!.Cpus)!;
        yield return Judged(
            "processors", facts.Processors >= most.Minimum!.Cpus,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{facts.Processors}; the role {most.Role} is meant for {most.Minimum.Cpus} and more"));
        most = known.MaxBy(role => role.Minimum!.MemoryBytes)!;
        yield return Enough("memory", facts.MemoryBytes, most.Minimum!.MemoryBytes, most.Role);
        most = known.MaxBy(role => role.Minimum!.DiskBytes)!;
        yield return Enough("disk", facts.DiskBytes, most.Minimum!.DiskBytes, most.Role);
    }

    private static Finding Enough(string subject, long? bytes, long least, string role) => bytes is not long size
        ? new Finding(subject, FindingWeight.Unknown, "nothing says how much there is")
        : Judged(
            subject, size >= least * Nominal,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{size >> 20} MiB; the role {role} is meant for {least >> 20} MiB and more"));

    private static IEnumerable<Finding> Ports(IReadOnlyList<RoleDefinition> roles, IReadOnlyList<RolePort>? taken)
    {
        RolePort[] all = [.. roles.SelectMany(role => role.Ports).Distinct()];
        if (all.Length > 0 && taken is not null)
        {
            yield return Judged(
                "ports", taken.Count == 0,
                taken.Count == 0
                    ? $"{Listed(all.Select(Text))}: free"
                    : $"something listens at {Listed(taken.Select(Text))} already, which a role of this machine needs");
        }
    }

    private static Finding Forward(NameFact name, string address) => name.Failure is not null
        ? new Finding("DNS", FindingWeight.Fault, $"{name.Name} gives no address ({name.Failure})")
        : name.Addresses.Contains(address, StringComparer.Ordinal)
            ? new Finding("DNS", FindingWeight.Good, $"{name.Name} names this machine, {address}")
            : new Finding(
                "DNS", FindingWeight.Fault,
                $"{name.Name} names {Listed(name.Addresses)} and not this machine, {address}, "
                    + $"which has the role {name.Role}");

    /// <summary>Nothing of a cluster asks for it; a name that leads elsewhere is most likely an old record.</summary>
    private static IEnumerable<Finding> Reverse(ReverseFact? reverse, string address)
    {
        if (reverse is not null)
        {
            string names = Listed(reverse.Names);
            yield return reverse.Names.Count == 0
                ? new Finding("reverse DNS", FindingWeight.Unknown, $"{address} has no name, and needs none")
                : reverse.NamesBack.Count > 0
                    ? new Finding("reverse DNS", FindingWeight.Good, $"{address} is {Listed(reverse.NamesBack)}")
                    : new Finding(
                        "reverse DNS", FindingWeight.Notice, $"{address} is {names}, which does not lead back to it");
        }
    }

    /// <summary>Where most peers differ it is our clock, where few do it is theirs.</summary>
    private static IEnumerable<Finding> Clock(IReadOnlyList<PeerFact> peers)
    {
        PeerFact[] known = [.. peers.Where(peer => peer.ClockAhead is not null)];
        if (peers.Count == 0)
        {
            yield break;
        }

        PeerFact[] others = [.. known.Where(peer => peer.ClockAhead!.Value.Duration() > LargestClockDifference)];
        yield return known.Length == 0
            ? new Finding("clock", FindingWeight.Unknown, "no peer says what time it is yet")
            : others.Length == 0
                ? new Finding("clock", FindingWeight.Good, $"as that of {Addresses(known)}")
                : new Finding(
                    "clock", others.Length * 2 > known.Length ? FindingWeight.Fault : FindingWeight.Notice,
                    Listed(others.Select(Difference)));
    }

    private static string Difference(PeerFact peer) => string.Create(
        CultureInfo.InvariantCulture,
        $"{peer.ClockAhead!.Value.Duration().TotalSeconds:F0} s "
            + $"{(peer.ClockAhead > TimeSpan.Zero ? "behind" : "ahead of")} that of {peer.Address}");

    private static IEnumerable<Finding> Latency(IReadOnlyList<PeerFact> peers)
    {
        if (peers.Count == 0)
        {
            yield break;
        }

        PeerFact[] known = [.. peers.Where(peer => peer.RoundTrip is not null)];
        PeerFact[] far = [.. known.Where(peer => peer.RoundTrip > LongestRoundTrip)];
        string silent = known.Length == peers.Count
            ? ""
            : $"; no answer yet of {Addresses(peers.Except(known))}";
        yield return known.Length == 0
            ? new Finding("latency", FindingWeight.Unknown, silent[2..])
            : far.Length > 0
                ? new Finding(
                    "latency", FindingWeight.Fault,
                    $"{Listed(far.Select(peer => $"{Milliseconds(peer.RoundTrip!.Value)} to {peer.Address}"))}; "
                        + $"a cluster is meant for {Milliseconds(LongestRoundTrip)} and less{silent}")
                : new Finding(
                    "latency", FindingWeight.Good,
                    $"at most {Milliseconds(known.Max(peer => peer.RoundTrip!.Value))} to {Addresses(known)}{silent}");
    }

    /// <summary>A slow disk makes a slow member, and a slow member is better than none.</summary>
    private static IEnumerable<Finding> Disk(IReadOnlyList<TimeSpan> syncs)
    {
        if (syncs.Count > 0)
        {
            TimeSpan[] sorted = [.. syncs.Order()];
            TimeSpan most = sorted[(int)Math.Ceiling(0.99 * sorted.Length) - 1];
            string seen = $"99 of 100 writes are on it within {Milliseconds(most)}, half within "
                + Milliseconds(sorted[sorted.Length / 2]);
            yield return most > LongestSync
                ? new Finding(
                    "disk's speed", FindingWeight.Notice, $"{seen}; etcd is meant for {Milliseconds(LongestSync)}")
                : new Finding("disk's speed", FindingWeight.Good, seen);
        }
    }

    private static Finding Judged(string subject, bool isGood, string detail) =>
        new(subject, isGood ? FindingWeight.Good : FindingWeight.Fault, detail);

    private static string Addresses(IEnumerable<PeerFact> peers) =>
        Listed(peers.Select(peer => peer.Address).Distinct(StringComparer.Ordinal));

    private static string Text(RolePort port) =>
        string.Create(CultureInfo.InvariantCulture, $"{port.Number}/{port.Protocol}");

    private static string Milliseconds(TimeSpan time) =>
        string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.#} ms");

    /// <summary>DNS may name thousands.</summary>
    private static string Listed(IEnumerable<string> items)
    {
        string[] all = [.. items];
        return string.Join(", ", all.Take(MostShown))
            + (all.Length > MostShown
                ? string.Create(CultureInfo.InvariantCulture, $" and {all.Length - MostShown} more")
                : "");
    }
}
