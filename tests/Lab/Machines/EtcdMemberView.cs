namespace Images.Lab.Machines;

/// <summary>One member as etcd lists it.</summary>
/// <param name="Id">etcd's own number for it.</param>
/// <param name="Name">Empty until it has started.</param>
/// <param name="Address">The host of its peer URL.</param>
/// <param name="IsLearner">Whether it has no vote yet.</param>
internal sealed record EtcdMemberView(ulong Id, string Name, string Address, bool IsLearner);
