using System.Net;
using System.Net.Sockets;

namespace Images.Bootstrapper.Discovery;

/// <summary>
/// Leaves out of answers what leads to no other machine: 0.0.0.0, as DNS that blocks names answers, and loopback
/// addresses, as a server answers from its own /etc/hosts.
/// </summary>
/// <param name="others">Who is asked.</param>
/// <param name="own">The machine's own address: where that is a loopback one, so are its peers'.</param>
internal sealed class ReachableResolver(IPeerResolver others, IPAddress own) : IPeerResolver
{
    public async Task<ResolverAnswer> ResolveAsync(string name, CancellationToken cancellationToken)
    {
        ResolverAnswer answer = await others.ResolveAsync(name, cancellationToken);
        IPAddress[] reachable = [.. answer.Addresses.Addresses.Select(IPAddress.Parse).Where(IsReachable)];
        return reachable.Length == answer.Addresses.Count ? answer
            : reachable.Length > 0 ? ResolverAnswer.Of(PeerSet.Of(reachable))
            : ResolverAnswer.Failed($"the answer is {answer.Addresses}, where no other machine can be");
    }

    private bool IsReachable(IPAddress address) =>
        !IsNowhere(address) && (IPAddress.IsLoopback(own) || !IPAddress.IsLoopback(address));

    /// <summary>0.0.0.0/8 (RFC 1122, 3.2.1.3) and ::.</summary>
    private static bool IsNowhere(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork
        ? address.GetAddressBytes()[0] == 0
        : address.Equals(IPAddress.IPv6Any);
}
