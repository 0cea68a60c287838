namespace Images.NodeConfig.Metadata;

/// <summary>A key of cloud-config that this image does not honour.</summary>
public sealed record IgnoredKey(string Key, int Line);
