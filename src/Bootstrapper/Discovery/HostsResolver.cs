using System.Net.Sockets;

namespace Images.Bootstrapper.Discovery;

/// <summary>Answers the names that others have put into /etc/hosts, and asks for the rest.</summary>
internal sealed class HostsResolver(NodeRoot root, AddressFamily family, IPeerResolver others) : IPeerResolver
{
    public Task<ResolverAnswer> ResolveAsync(string name, CancellationToken cancellationToken)
    {
        PeerSet found = Find(name);
        return found.Count > 0
            ? Task.FromResult(ResolverAnswer.Of(found))
            : others.ResolveAsync(name, cancellationToken);
    }

    private PeerSet Find(string name)
    {
        try
        {
            return PeerSet.Of(LocalHosts.Find(root, name).Where(address => address.AddressFamily == family));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return PeerSet.Empty; // a file that nobody can read says nothing
        }
    }
}
