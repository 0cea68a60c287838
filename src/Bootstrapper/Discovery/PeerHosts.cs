using System.Net;
using System.Security.Cryptography;
using System.Text;
using Images.NodeConfig.Metadata;

namespace Images.Bootstrapper.Discovery;

/// <summary>
/// Has every program of this machine find its peers by DNS's last good answer, whatever DNS says at the moment:
/// an API server that must connect to etcd anew while DNS is silent would end otherwise.
/// </summary>
/// <param name="peers">Names that programs of this machine use.</param>
/// <param name="own">The machine's own address.</param>
internal sealed class PeerHosts(NodeRoot root, IReadOnlyList<PeerWatch> peers, string own)
{
    private readonly Lock _gate = new();

    public async Task RunAsync(CancellationToken cancellationToken) =>
        await await Task.WhenAny(peers.Select(peer => FollowAsync(peer, cancellationToken)));

    /// <summary>
    /// In this order programs try them, the first one mostly. DNS's servers turn their answers about; a file does not,
    /// so each machine has another order, and its own server is the nearest.
    /// </summary>
    public static IEnumerable<string> InOrderOf(string own, PeerSet peers) => peers.Addresses
        .OrderBy(address => address != own)
        .ThenBy(address => Convert.ToHexString(SHA256.HashData(Encoding.ASCII.GetBytes($"{own} {address}"))),
            StringComparer.Ordinal);

    private async Task FollowAsync(PeerWatch peer, CancellationToken cancellationToken)
    {
        await foreach (PeerView _ in peer.FollowAsync(cancellationToken))
        {
            lock (_gate)
            {
                LocalHosts.WriteAnswers(root, [.. peers.Select(each => each.View).Where(IsKnown).Select(AddressesOf)]);
            }
        }
    }

    private static bool IsKnown(PeerView view) => view.Good.Count > 0;

    private HostAddresses AddressesOf(PeerView view) =>
        new(view.Name.TrimEnd('.'), [.. InOrderOf(own, view.Good).Select(IPAddress.Parse)]);
}
