namespace Images.NodeConfig.Upgrades;

/// <summary>One group and version with the kinds that went with it.</summary>
/// <param name="Since">The first Kubernetes without it.</param>
/// <param name="ApiVersion">As manifests write it.</param>
/// <param name="Kinds">Which kinds had it.</param>
/// <param name="Instead">What serves them now.</param>
public sealed record RemovedApi(string Since, string ApiVersion, IReadOnlyList<string> Kinds, string Instead);
