using System.Globalization;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Pki;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Health;

/// <summary>
/// Who leads, of the services of which one machine's process works at a time: by their Leases. Without a leader no new
/// Node gets its certificate, no pod is placed, and no Service learns of a pod that moved.
/// </summary>
/// <param name="connect">The API as one who may read these Leases.</param>
/// <param name="leases">Their names in kube-system.</param>
internal sealed class LeadersLook(Func<KubernetesClient> connect, IReadOnlyList<string> leases, TimeProvider time)
    : IDisposable
{
    private const long UsualSeconds = 15;

    /// <summary>A renewal may be under way, and the clocks of two masters differ a little.</summary>
    private static readonly TimeSpan _tolerance = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, string> _versions = new(StringComparer.Ordinal);
    private KubernetesClient? _client;
    private long _connectedAt;

    public void Dispose() => _client?.Dispose();

    /// <summary>Nothing where this machine's API server cannot be asked: that is said of the server.</summary>
    public async Task<IReadOnlyList<Surrounding>> AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            KubernetesClient client = Connect();
            List<Surrounding> found = [];
            foreach (string lease in leases)
            {
                found.Add(Describe(
                    lease,
                    await client.FindAsync(KubernetesResource.Leases.One(lease, "kube-system"), cancellationToken)));
            }

            return found;
        }
        catch (Exception e) when (e is KubernetesApiException or IOException)
        {
            _client?.Dispose();
            _client = null;
            return [];
        }
    }

    /// <summary>Kept for some minutes: a handshake costs more than the question.</summary>
    private KubernetesClient Connect()
    {
        if (_client is null || time.GetElapsedTime(_connectedAt) > KeptConnections.Age)
        {
            _client?.Dispose();
            (_client, _connectedAt) = (connect(), time.GetTimestamp());
        }

        return _client;
    }

    /// <summary>
    /// The clocks of two machines may differ, so a lease that has changed since the last look is one that is renewed.
    /// </summary>
    private Surrounding Describe(string lease, KubernetesObject? found)
    {
        string name = $"leader {lease}";
        string holder = found?.Text("spec", "holderIdentity") ?? "";
        if (found is null || holder.Length == 0)
        {
            return new Surrounding(name, IsWell: false, "nobody leads");
        }

        bool hasChanged = _versions.TryGetValue(lease, out string? before) && before != found.ResourceVersion;
        _versions[lease] = found.ResourceVersion;
        TimeSpan duration = TimeSpan.FromSeconds(found.Number("spec", "leaseDurationSeconds") ?? UsualSeconds);
        TimeSpan age = time.GetUtcNow() - (found.Moment("spec", "renewTime") ?? DateTimeOffset.MinValue);
        string leader = holder.Split('_')[0];
        return hasChanged || age < duration + _tolerance
            ? new Surrounding(name, IsWell: true, leader)
            : new Surrounding(name, IsWell: false, string.Create(
                CultureInfo.InvariantCulture,
                $"nobody leads: {leader} renewed its lease last at {found.Text("spec", "renewTime")}"));
    }
}
