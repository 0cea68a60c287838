namespace Images.Bench;

/// <summary>Hosting programs that the agent is compared with, published as it is.</summary>
/// <param name="EmptyHost">The leanest empty one.</param>
/// <param name="PlainHost">The empty one of Microsoft's documentation.</param>
/// <param name="QuietClient">As lean, but it asks the API.</param>
internal sealed record AgentPeers(string EmptyHost, string PlainHost, string QuietClient);
