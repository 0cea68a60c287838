namespace Images.Bootstrapper.Discovery;

/// <summary>One name of the directory, for who wants to know of that one.</summary>
internal sealed class PeerWatch(string name, PeerDirectory directory)
{
    /// <summary>What is known without asking.</summary>
    public PeerView View => directory.View(name);

    public Task<PeerView> AskAsync(CancellationToken cancellationToken) => directory.AskAsync(name, cancellationToken);

    public IAsyncEnumerable<PeerView> FollowAsync(CancellationToken cancellationToken) =>
        directory.FollowAsync(name, cancellationToken);
}
