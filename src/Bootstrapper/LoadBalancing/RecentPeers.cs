using System.Net;
using Images.Bootstrapper.Discovery;

namespace Images.Bootstrapper.LoadBalancing;

/// <summary>
/// Machines that DNS names or has named lately: keepalived loses nothing by one peer too many, and a record that comes
/// and goes would have it read its file again and again.
/// </summary>
internal sealed class RecentPeers(TimeProvider time)
{
    public static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, long> _seen = new(StringComparer.Ordinal);

    public PeerSet With(PeerSet named)
    {
        foreach (string address in named.Addresses)
        {
            _seen[address] = time.GetTimestamp();
        }

        foreach (string old in _seen.Where(pair => time.GetElapsedTime(pair.Value) > Kept)
            .Select(pair => pair.Key).ToArray())
        {
            if (named.Count > 0) // an answer that names nobody takes nobody away
            {
                _seen.Remove(old);
            }
        }

        return PeerSet.Of(_seen.Keys.Select(IPAddress.Parse));
    }
}
