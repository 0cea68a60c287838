// A pure function, what it looks at and what comes of it.
#pragma warning disable MA0048
namespace Images.Bootstrapper.LoadBalancing;

/// <summary>How an API server, or the haproxy in front of some, answers.</summary>
internal enum VipAnswer
{
    /// <summary>It is ready.</summary>
    Good,

    /// <summary>It says that it is not ready, or nothing for as long as is waited.</summary>
    Bad,

    /// <summary>Nobody listens there.</summary>
    Gone,
}

/// <summary>What one look sees.</summary>
internal sealed record VipLook
{
    public required VipAnswer Own { get; init; }

    /// <summary>Whether another machine that may hold the address is ready; asked only where it matters.</summary>
    public bool AnotherIsGood { get; init; }

    /// <summary>For how long DNS has named this machine to the others.</summary>
    public TimeSpan NamedFor { get; init; }

    /// <summary>For how long nobody has answered at the virtual address.</summary>
    public TimeSpan NobodyFor { get; init; }
}

/// <summary>How a machine stands to the virtual address after a look.</summary>
internal sealed record VipStanding
{
    /// <summary>A machine that has just started.</summary>
    public static VipStanding New { get; } = new();

    /// <summary>
    /// Whether the others can know of it. One that they do not list would make itself a second holder beside theirs.
    /// </summary>
    public bool IsAdmitted { get; init; }

    /// <summary>What the file for keepalived says.</summary>
    public bool MayHold { get; init; }

    /// <summary>How often it was bad, without a good answer since.</summary>
    public int Misses { get; init; }
}

/// <summary>
/// Whether a machine may hold the virtual address. It lets it go when its own server is bad and another's is good;
/// where none is good, all keep what they have: an election of etcd makes every API server fail for some seconds.
/// </summary>
internal static class VipRule
{
    /// <summary>Agents look for their peers every few seconds, and DNS servers take some to agree.</summary>
    public static readonly TimeSpan Known = TimeSpan.FromSeconds(30);

    /// <summary>Longer than any move of the address takes.</summary>
    public static readonly TimeSpan Deserted = TimeSpan.FromSeconds(10);

    /// <summary>One bad answer, as such an election gives them, moves nothing.</summary>
    private const int MissesUntilBad = 2;

    public static VipStanding Next(VipStanding before, VipLook look)
    {
        bool isAdmitted = before.IsAdmitted || look.NamedFor >= Known || look.NobodyFor >= Deserted;
        int misses = look.Own == VipAnswer.Good ? 0 : Math.Min(before.Misses + 1, MissesUntilBad);
        bool isBad = look.Own == VipAnswer.Gone || misses >= MissesUntilBad;
        return new VipStanding
        {
            IsAdmitted = isAdmitted,
            Misses = misses,
            MayHold = isAdmitted
                && (look.Own == VipAnswer.Good || (before.MayHold && !(isBad && look.AnotherIsGood))),
        };
    }

    /// <summary>Whether the next look must know of the others.</summary>
    public static bool AsksOthers(VipStanding standing, VipAnswer own) => own != VipAnswer.Good && standing.MayHold;
}
