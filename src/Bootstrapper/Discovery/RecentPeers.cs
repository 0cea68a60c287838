using System.Net;

namespace Images.Bootstrapper.Discovery;

/// <summary>
/// Machines that DNS names or has named lately: a service loses nothing by one peer too many, and a record that comes
/// and goes would have it read its file again and again.
/// </summary>
/// <param name="kept">How long one stays that is no longer named.</param>
internal sealed class RecentPeers(TimeSpan kept, TimeProvider time)
{
    private readonly Dictionary<string, long> _seen = new(StringComparer.Ordinal);

    public PeerSet With(PeerSet named)
    {
        foreach (string address in named.Addresses)
        {
            _seen[address] = time.GetTimestamp();
        }

        foreach (string old in _seen.Where(pair => time.GetElapsedTime(pair.Value) > kept)
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
