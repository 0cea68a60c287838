using System.Globalization;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Etcd;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Kubernetes;
using Images.Bootstrapper.Pki;
using Images.Bootstrapper.Prepare;
using Images.Bootstrapper.Reporting;
using Images.NodeConfig;
using Images.NodeConfig.Kubernetes;
using Images.NodeConfig.Metadata;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Health;

/// <summary>
/// Looks at what this machine's services need and that is not among them: the names of its peers in DNS, the servers
/// that stand behind them, who leads the cluster's controllers, and room on the state partition. All at a time.
/// </summary>
/// <param name="state">Its roles say what is needed.</param>
/// <param name="directory">Of names in DNS.</param>
/// <param name="patience">With each server.</param>
internal sealed class SurroundingsLook(
    NodeRoot root, NodeState state, PeerDirectory directory, TimeSpan patience, TimeProvider time) : IDisposable
{
    /// <summary>With less than that free, kubelets evict pods and logs are lost.</summary>
    private const int LeastFreePercent = 10;

    private readonly ServerAnswers _servers = new(root, state, time, time);
    private readonly LeadersLook? _leaders = Has(state, KubernetesNode.Master)
        ? new LeadersLook(
            new KubernetesNode(root, state, time).ConnectAsMaster,
            [.. Services(state).Select(service => service.Lease).OfType<string>()], time)
        : null;
    private readonly (string Role, PeerWatch Watch)[] _peers =
    [
        .. Services(state).SelectMany(service => service.Waits).Select(wait => wait.Peers)
            .Distinct(StringComparer.Ordinal)
            .Select(role => (role, directory.Of(role))),
    ];

    public void Dispose() => _leaders?.Dispose();

    public async Task<IReadOnlyList<Surrounding>> AskAsync(CancellationToken cancellationToken)
    {
        Task<IReadOnlyList<Surrounding>> leaders = BoundedAsync(
            limit => _leaders?.AskAsync(limit) ?? Task.FromResult<IReadOnlyList<Surrounding>>([]), [],
            cancellationToken);
        IReadOnlyList<Surrounding>[] peers =
            await Task.WhenAll(_peers.Select(peers => AskAsync(peers.Role, peers.Watch, cancellationToken)));
        return [.. Room(), .. Snapshots(), .. peers.SelectMany(found => found), .. await leaders];
    }

    /// <summary>How the state partition is.</summary>
    public static Surrounding RoomOf(long freeBytes, long wholeBytes)
    {
        long percent = freeBytes / (wholeBytes / 100 + 1);
        return new Surrounding(
            "state partition", percent >= LeastFreePercent,
            string.Create(
                CultureInfo.InvariantCulture, $"{percent} % free, {freeBytes >> 20} MiB of {wholeBytes >> 20} MiB"));
    }

    private static IEnumerable<RoleService> Services(NodeState state) =>
        ServiceFiles.Services(state).Select(item => item.Service);

    /// <summary>The name, and each server behind it that is another machine's.</summary>
    private async Task<IReadOnlyList<Surrounding>> AskAsync(
        string role, PeerWatch watch, CancellationToken cancellationToken)
    {
        PeerView view = await BoundedAsync<PeerView>(watch.AskAsync, watch.View, cancellationToken);
        Surrounding name = new(
            "DNS", view.Failure is null && view.LastSuccess is not null,
            view.Failure is null && view.LastSuccess is not null
                ? $"{view.Name} names {view.Good}"
                : view.DescribeFailure(NameServers.Describe(root[NameServers.ResolvedList]))
                    + (view.Good.Count == 0 ? "" : $"; the last good answer counts: {view.Good}"));
        Surrounding?[] servers = await Task.WhenAll(
            view.Good.Addresses.Where(address => address != state.Identity.Address)
                .Select(address => AskServerAsync(role, address, cancellationToken)));
        return [name, .. servers.OfType<Surrounding>()];
    }

    /// <summary>Null for who is nobody's server.</summary>
    private async Task<Surrounding?> AskServerAsync(string role, string address, CancellationToken cancellationToken)
    {
        (string what, Uri url, ServiceAnswer answer)? server = role switch
        {
            KubernetesNode.Master when !Has(state, KubernetesNode.Master) => Server(
                $"master {address}", $"https://{Host(address)}:{KubernetesSettings.ApiPort}/readyz",
                ClusterSecrets.Kubernetes, certificate: null),
            // etcd's own machines look at each other more closely
            EtcdAgent.Role when !Has(state, EtcdAgent.Role) && Has(state, KubernetesNode.Master) => Server(
                $"etcd {address}", $"{EtcdPaths.ClientUrl(address)}/health", "etcd-client",
                CertificateCatalogue.ApiServerEtcdClient),
            _ => null,
        };
        if (server is not (string what, Uri url, ServiceAnswer answer))
        {
            return null;
        }

        string silence = string.Create(
            CultureInfo.InvariantCulture, $"no answer within {patience.TotalSeconds:0.#} s");
        string? fault = await BoundedAsync(
            limit => _servers.FaultAsync(url, answer, limit), silence, cancellationToken);
        return new Surrounding(what, fault is null, fault ?? "answers");
    }

    private static (string, Uri, ServiceAnswer) Server(
        string what, string url, string authority, string? certificate) =>
        (what, new Uri(url), new ServiceAnswer { Url = url, Authority = authority, Certificate = certificate });

    private static string Host(string address) =>
        address.Contains(':', StringComparison.Ordinal) ? $"[{address}]" : address;

    private static bool Has(NodeState state, string role) =>
        state.Identity.Roles.Contains(role, StringComparer.Ordinal);

    /// <summary>Of a member's machine that keeps any; a new one has none yet.</summary>
    private IEnumerable<Surrounding> Snapshots() =>
        Has(state, EtcdAgent.Role) && state.Metadata.Node.Etcd?.Snapshots is { Keep: > 0 } settings
            ? [EtcdSnapshotRule.Describe(EtcdSnapshots.Names(root), time.GetUtcNow(), settings.Every)]
            : [];

    private IEnumerable<Surrounding> Room()
    {
        long free, whole;
        try
        {
            DriveInfo drive = new(root[NodePaths.StateFolder]);
            (free, whole) = (drive.AvailableFreeSpace, Math.Max(1, drive.TotalSize));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            yield break;
        }

        yield return RoomOf(free, whole);
    }

    private async Task<T> BoundedAsync<T>(
        Func<CancellationToken, Task<T>> ask, T otherwise, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        try
        {
            return await ask(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return otherwise;
        }
    }
}
