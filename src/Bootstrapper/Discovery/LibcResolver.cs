using System.Net;
using System.Net.Sockets;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Discovery;

/// <summary>The C library's resolver: whatever nsswitch.conf says, caches included.</summary>
internal sealed class LibcResolver(AddressFamily family) : IPeerResolver
{
    public async Task<ResolverAnswer> ResolveAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return ResolverAnswer.Of(PeerSet.Of(await Dns.GetHostAddressesAsync(name, family, cancellationToken)));
        }
        catch (SocketException e)
        {
            return ResolverAnswer.Failed(e.SocketErrorCode switch
            {
                SocketError.HostNotFound => "the name does not exist",
                SocketError.NoData => "the name has no address",
                SocketError.TryAgain => "the DNS server gave no answer",
                _ => $"the look-up failed ({FaultText.Of(e)})",
            });
        }
    }
}
