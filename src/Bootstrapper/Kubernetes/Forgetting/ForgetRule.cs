using Images.Bootstrapper.Kubernetes.Api;

namespace Images.Bootstrapper.Kubernetes.Forgetting;

/// <summary>
/// Which Node is deleted because its machine is gone for good: DNS proposes, and the Node's own silence agrees. Pure.
/// </summary>
internal static class ForgetRule
{
    /// <summary>Where more than one of so many would go, it is the network or DNS that is gone.</summary>
    private const int OneOf = 3;

    /// <summary>
    /// Counts from when on no answer has named a Node's machine. After a failure, or an answer without even one machine
    /// that is Ready, the count begins anew.
    /// </summary>
    /// <param name="unnamedSince">By the Node's uid: one of the same name may be another machine. Changed.</param>
    /// <param name="nodes">All.</param>
    /// <param name="named">The addresses that DNS names now; null after a failure.</param>
    /// <param name="now">When it answered.</param>
    public static void NoteNames(
        Dictionary<string, DateTimeOffset> unnamedSince, IReadOnlyList<KubernetesObject> nodes,
        IReadOnlyCollection<string>? named, DateTimeOffset now)
    {
        bool isBelieved = named is not null && nodes.Any(node => IsReady(node) && IsNamed(node, named));
        string[] unnamed = isBelieved
            ? [.. nodes.Where(node => Addresses(node).Length > 0 && !IsNamed(node, named!)).Select(Uid)]
            : [];
        foreach (string uid in unnamedSince.Keys.Except(unnamed, StringComparer.Ordinal).ToArray())
        {
            unnamedSince.Remove(uid);
        }

        foreach (string uid in unnamed)
        {
            unnamedSince.TryAdd(uid, now);
        }
    }

    /// <summary>The one that goes next, and how many would; null where none does.</summary>
    /// <param name="nodes">All.</param>
    /// <param name="unnamedSince">See <see cref="NoteNames"/>.</param>
    /// <param name="now">The time by which that long is over or not.</param>
    /// <param name="after">How long is long enough, for both.</param>
    public static (KubernetesObject? Gone, int Candidates) Choose(
        IReadOnlyList<KubernetesObject> nodes, IReadOnlyDictionary<string, DateTimeOffset> unnamedSince,
        DateTimeOffset now, TimeSpan after)
    {
        KubernetesObject[] gone =
        [
            .. nodes.Where(node => unnamedSince.TryGetValue(Uid(node), out DateTimeOffset since) && now - since >= after
                && SilentSince(node) is { } silent && now - silent >= after)
                .OrderBy(node => node.Name, StringComparer.Ordinal),
        ];
        return (gone.Length * OneOf <= nodes.Count ? gone.FirstOrDefault() : null, gone.Length);
    }

    /// <summary>Since when it is not Ready; null where it is, or does not say.</summary>
    public static DateTimeOffset? SilentSince(KubernetesObject node) =>
        ReadyCondition(node) is { } ready && ready.Text("status") is ("False" or "Unknown")
            ? ready.Moment("lastTransitionTime")
            : null;

    private static bool IsReady(KubernetesObject node) => ReadyCondition(node)?.Text("status") == "True";

    private static KubernetesObject? ReadyCondition(KubernetesObject node) =>
        node.Items("status", "conditions").FirstOrDefault(condition => condition.Text("type") == "Ready");

    private static bool IsNamed(KubernetesObject node, IReadOnlyCollection<string> named) =>
        Addresses(node).Any(named.Contains);

    private static string[] Addresses(KubernetesObject node) =>
    [
        .. node.Items("status", "addresses").Where(item => item.Text("type") == "InternalIP")
            .Select(item => item.Text("address")),
    ];

    private static string Uid(KubernetesObject node) => node.Text("metadata", "uid");
}
