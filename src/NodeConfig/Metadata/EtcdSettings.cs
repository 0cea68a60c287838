namespace Images.NodeConfig.Metadata;

/// <summary>What an etcd member must be told: how many members form the cluster at its birth.</summary>
public sealed record EtcdSettings(int Size);
