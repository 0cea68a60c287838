// The rules and what they say, read together.
#pragma warning disable MA0048
using System.Globalization;

namespace Images.NodeConfig.Upgrades;

/// <summary>What may follow what: an image changes all of a machine's programs at once.</summary>
/// <remarks>
/// Kubernetes: https://kubernetes.io/releases/version-skew-policy/. etcd: https://etcd.io/docs/v3.5/upgrades/.
/// </remarks>
public static class SkewRules
{
    /// <summary>Since this minor a kubelet may be three minors older than its API server, before it two.</summary>
    private const int SinceThreeOlder = 28;

    /// <summary>
    /// Whether machines may go from one Kubernetes to another: masters one minor at a time, never back.
    /// </summary>
    /// <param name="from">As 1.20.2; null where there is none.</param>
    /// <param name="to">The same of the newer image.</param>
    public static SkewVerdict Kubernetes(string? from, string? to)
    {
        if (from is null || to is null)
        {
            return from == to ? SkewVerdict.Allowed("neither image holds Kubernetes")
                : from is null ? SkewVerdict.Allowed($"Kubernetes {to} is new")
                : SkewVerdict.Refused(
                    $"the newer image holds no Kubernetes, and machines run {from}", "Bake it with Kubernetes.");
        }

        ((int oldMajor, int oldMinor), (int newMajor, int newMinor)) = (PartsOf(from), PartsOf(to));
        return (newMinor - oldMinor) switch
        {
            _ when oldMajor != newMajor => SkewVerdict.Refused(
                $"{from} → {to}: another major version", "Make a new cluster and move the workloads."),
            0 when from == to => SkewVerdict.Allowed($"the same, {to}"),
            0 => SkewVerdict.Allowed($"{from} → {to}: within 1.{newMinor} any order is allowed"),
            1 => SkewVerdict.Allowed($"{from} → {to}: one minor up"),
            > 1 => SkewVerdict.Refused(
                $"{from} → {to}: {newMinor - oldMinor} minors, and API servers may go up by one at a time",
                WayUp(oldMinor, newMinor)),
            _ => SkewVerdict.Refused(
                $"{from} → {to}: older, and what the newer API server stored the older may not read",
                "Take an image with the newer Kubernetes; "
                    + "before the first boot of one is blessed, going back is possible."),
        };
    }

    /// <summary>Whether a member's data may be opened by another version: one minor up at most, never down.</summary>
    /// <param name="from">As 3.4.23; null where there is none.</param>
    /// <param name="to">The same of the newer image.</param>
    public static SkewVerdict Etcd(string? from, string? to)
    {
        if (from is null || to is null)
        {
            return from == to ? SkewVerdict.Allowed("neither image holds etcd")
                : from is null ? SkewVerdict.Allowed($"etcd {to} is new")
                : SkewVerdict.Refused($"the newer image holds no etcd, and machines run {from}", "Bake it with etcd.");
        }

        ((int oldMajor, int oldMinor), (int newMajor, int newMinor)) = (PartsOf(from), PartsOf(to));
        if (oldMajor == newMajor && newMinor - oldMinor is 0 or 1)
        {
            return SkewVerdict.Allowed(
                from == to
                    ? $"the same, {to}"
                    : $"{from} → {to}: {(newMinor == oldMinor ? "within a minor" : "one minor up")}");
        }

        return newMajor < oldMajor || (newMajor == oldMajor && newMinor < oldMinor)
            ? SkewVerdict.Refused(
                $"{from} → {to}: older, and etcd does not open data that a newer minor has written",
                "Take an image with the newer etcd, or restore a snapshot of the older one into a new cluster.")
            : SkewVerdict.Refused(
                $"{from} → {to}: etcd goes up by one minor at a time",
                $"Bake an image with etcd {oldMajor}.{oldMinor + 1} and upgrade to it first.");
    }

    /// <summary>Whether a kubelet may ask an API server.</summary>
    public static bool MayServe(string apiServer, string kubelet)
    {
        int older = MinorOf(apiServer) - MinorOf(kubelet);
        return older >= 0 && older <= (MinorOf(apiServer) >= SinceThreeOlder ? 3 : 2);
    }

    private static string WayUp(int from, int to) => to - from > 4
        ? "Make a new cluster of the newer image beside this one and move the workloads: "
            + $"{to - from} upgrades in a row would each "
            + "need an image and a look at removed APIs. Where it must be this cluster, bake one image for each of "
            + $"1.{from + 1} to 1.{to} (kubernetes.upstream.version in image.yaml) and upgrade to them in turn."
        : $"Bake one image for each of 1.{from + 1} to 1.{to} (kubernetes.upstream.version in image.yaml) and "
            + "upgrade to them in turn.";

    private static int MinorOf(string version) => PartsOf(version).Minor;

    /// <exception cref="FormatException">It is no version.</exception>
    private static (int Major, int Minor) PartsOf(string version)
    {
        string[] parts = version.Split('.', 3);
        return parts.Length < 2
            ? throw new FormatException($"'{version}' is no version.")
            : (int.Parse(parts[0], CultureInfo.InvariantCulture), int.Parse(parts[1], CultureInfo.InvariantCulture));
    }
}

/// <summary>Whether one version may follow another.</summary>
/// <param name="IsAllowed">Whether machines take it.</param>
/// <param name="Reason">From what to what, and why.</param>
/// <param name="Remedy">What to do instead; empty where it is allowed.</param>
public sealed record SkewVerdict(bool IsAllowed, string Reason, string Remedy)
{
    public static SkewVerdict Allowed(string reason) => new(true, reason, "");

    public static SkewVerdict Refused(string reason, string remedy) => new(false, reason, remedy);
}
