namespace Images.Lab.Machines;

/// <summary>The cluster as one of its members sees it; members in the order of their addresses.</summary>
internal sealed record EtcdClusterView(ulong ClusterId, IReadOnlyList<EtcdMemberView> Members)
{
    public bool IsSameAs(EtcdClusterView other) => ClusterId == other.ClusterId && Members.SequenceEqual(other.Members);

    public override string ToString() => $"cluster {ClusterId:x} of {string.Join(", ", Members)}";

    public ulong IdAt(string address) => Members.Single(member => member.Address == address).Id;
}
