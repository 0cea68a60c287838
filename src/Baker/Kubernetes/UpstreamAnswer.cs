namespace Images.Baker.Kubernetes;

/// <summary>What the server says of a file.</summary>
/// <param name="Size">Bytes; null where the file cannot be had.</param>
/// <param name="Reason">Why not.</param>
internal sealed record UpstreamAnswer(long? Size, string? Reason);
