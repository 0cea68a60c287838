using System.Globalization;

namespace Images.Bootstrapper.Reporting;

/// <summary>One peer as this machine sees it.</summary>
internal sealed record PeerStatusLine
{
    public const string Healthy = "healthy";
    public const string Unhealthy = "unhealthy";

    /// <summary>It answers, and belongs to no cluster that runs.</summary>
    public const string NoMember = "no member";

    /// <summary>It belongs to no cluster that is known here, and does not answer.</summary>
    public const string Silent = "silent";

    public required string Address { get; init; }

    /// <summary>One of the constants.</summary>
    public required string State { get; init; }

    /// <summary>Since when it is unhealthy or silent.</summary>
    public DateTimeOffset? Since { get; init; }

    public bool IsThisMachine { get; init; }

    /// <summary>Whether DNS names it.</summary>
    public bool InDns { get; init; }

    /// <summary>The member's name; null when it is not known.</summary>
    public string? Member { get; init; }

    /// <summary>The member's id in hexadecimal, as etcdctl prints it; null when it is in no cluster.</summary>
    public string? MemberId { get; init; }

    public bool IsLearner { get; init; }

    public bool IsLeader { get; init; }

    /// <summary>What was seen, in words.</summary>
    public string Detail { get; init; } = "";

    /// <summary>
    /// "10.0.0.12: unhealthy since 09:01:02, member m-2 (8e9e05c52164694d), not in DNS; https://… is not reachable".
    /// </summary>
    public override string ToString()
    {
        string[] words =
        [
            Since is { } since ? string.Create(CultureInfo.InvariantCulture, $"{State} since {since:HH:mm:ss}") : State,
            .. IsThisMachine ? ["this machine"] : Array.Empty<string>(),
            .. IsLeader ? ["leader"] : Array.Empty<string>(),
            .. MemberId is null
                ? Array.Empty<string>()
                : [(IsLearner ? "learner" : "member")
                    + $"{(Member is { Length: > 0 } name ? $" {name}" : "")} ({MemberId})"],
            .. InDns ? Array.Empty<string>() : ["not in DNS"],
        ];
        return $"{Address}: {string.Join(", ", words)}{(Detail.Length > 0 ? $"; {Detail}" : "")}";
    }
}
