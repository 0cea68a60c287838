namespace Images.Bench;

/// <summary>Published Hosting programs that the agent is compared with.</summary>
/// <param name="EmptyHost">The leanest empty one, a single file.</param>
/// <param name="PlainHost">The empty one as the SDK publishes it, in a folder of its own.</param>
/// <param name="QuietClient">As lean, but it asks the API.</param>
internal sealed record AgentPeers(string EmptyHost, string PlainHost, string QuietClient);
