namespace Images.Bootstrapper.Kubernetes.PodRouting;

/// <summary>A route of ours. <paramref name="Device"/> is null where the kernel finds it by the gateway.</summary>
internal sealed record PodRoute(string Destination, string Gateway, string? Device);
