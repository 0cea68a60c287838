using Images.Bootstrapper.Kubernetes.Api;

namespace Images.Bootstrapper.Kubernetes.Approval;

/// <summary>
/// Which of the open requests are looked at in a round. All newcomers share a token's user, and one of them may make
/// any number of requests; those for which a machine stands come first, so that he keeps nobody else waiting.
/// </summary>
internal sealed record CsrChoice
{
    public const int MostOfOneUser = 100;

    /// <summary>The oldest first, so that all masters give a name to the same one.</summary>
    public required IReadOnlyList<KubernetesObject> Requests { get; init; }

    /// <param name="open">In any order.</param>
    /// <param name="claimed">Names of requests for which a machine stands.</param>
    public static CsrChoice Of(IEnumerable<KubernetesObject> open, IReadOnlySet<string> claimed)
    {
        return new CsrChoice
        {
            Requests = [.. open.GroupBy(User, StringComparer.Ordinal)
                .SelectMany(requests => Ranked(requests, claimed).Take(MostOfOneUser))
                .OrderBy(Created, StringComparer.Ordinal)
                .ThenBy(item => item.Name, StringComparer.Ordinal)],
        };
    }

    /// <summary>
    /// One user's in the order in which they matter: those for which a machine stands, those of kubelets, and of these
    /// the newest: who asks again and again waits for the last.
    /// </summary>
    public static IEnumerable<KubernetesObject> Ranked(
        IEnumerable<KubernetesObject> requests, IReadOnlySet<string> claimed) => requests
        .OrderByDescending(item => claimed.Contains(item.Name))
        .ThenByDescending(CsrRequest.IsForKubelets)
        .ThenByDescending(Created, StringComparer.Ordinal)
        .ThenBy(item => item.Name, StringComparer.Ordinal);

    private static string User(KubernetesObject item) => item.Text("spec", "username");

    private static string Created(KubernetesObject item) => item.Text("metadata", "creationTimestamp");
}
