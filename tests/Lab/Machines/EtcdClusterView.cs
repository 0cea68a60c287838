namespace Images.Lab.Machines;

/// <summary>The cluster as one of its members sees it; members in the order of their addresses.</summary>
internal sealed record EtcdClusterView(ulong ClusterId, IReadOnlyList<EtcdMemberView> Members)
{
    public ulong IdAt(string address) => Members.Single(member => member.Address == address).Id;
}
