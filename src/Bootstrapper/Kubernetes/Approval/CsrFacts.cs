using Images.Bootstrapper.Discovery;

namespace Images.Bootstrapper.Kubernetes.Approval;

/// <summary>What the cluster and DNS say at the moment of a decision.</summary>
internal sealed record CsrFacts
{
    /// <summary>What <c>workers.&lt;cluster&gt;.&lt;domain&gt;</c> names.</summary>
    public required PeerSet Workers { get; init; }

    public required IReadOnlyList<CsrNode> Nodes { get; init; }

    /// <summary>
    /// The addresses of <see cref="Workers"/> at which a machine says that it asks under this name with this key.
    /// </summary>
    public required IReadOnlyList<string> ClaimedAt { get; init; }

    /// <summary>
    /// The addresses of <see cref="Workers"/> at which a machine says that it is the Node that asks. What a Node's
    /// status says of its addresses its kubelet has written itself.
    /// </summary>
    public IReadOnlyList<string> StandsAt { get; init; } = [];

    /// <summary>To whom certificates of which signer were given within <see cref="CsrRule.Counted"/>.</summary>
    public IReadOnlyList<(string User, string Signer)> Given { get; init; } = [];

    /// <summary>Every request by a token for a kubelet's first certificate that there is.</summary>
    public IReadOnlyList<CsrRequest> Newcomers { get; init; } = [];

    public required ReservedNames Reserved { get; init; }

    /// <summary>The time of the decision.</summary>
    public required DateTimeOffset Now { get; init; }
}
