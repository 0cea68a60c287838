using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Images.Baker.Kubeconfigs;
using Images.Baker.Pki;
using Images.Baker.Seeds;
using Images.NodeConfig.Metadata;

namespace Images.Baker.Clusters;

/// <summary>Asks the cluster's API a few questions, as its administrator.</summary>
internal sealed class ClusterApi : IDisposable
{
    private static readonly TimeSpan _validity = TimeSpan.FromDays(1);

    private readonly HttpClient _client;
    private readonly X509Certificate2 _authority;
    private readonly X509Certificate2 _certificate;

    /// <param name="plan">The cluster, whose secrets make the certificate.</param>
    /// <param name="port">Of 127.0.0.1.</param>
    /// <param name="clock">Certificates begin now.</param>
    public ClusterApi(ClusterPlan plan, int port, TimeProvider clock)
    {
        CertificateAuthority authority = ClusterFolder.Open(plan.Seeds, plan.Name)[ClusterSecrets.Kubernetes];
        DateTimeOffset now = clock.GetUtcNow();
        AdministratorCertificate minted = AdministratorCertificate.Mint(
            authority, "supervisor", [KubeconfigOrder.Administrators], now, now + _validity);
        _authority = X509Certificate2.CreateFromPem(authority.Certificate);
        _certificate = X509Certificate2.CreateFromPem(minted.Certificate, minted.Key.Reveal());
        SocketsHttpHandler handler = new()
        {
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificates = [_certificate],
                LocalCertificateSelectionCallback = (_, _, _, _, _) => _certificate,
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    RevocationMode = X509RevocationMode.NoCheck,
                    CustomTrustStore = { _authority },
                },
            },
        };
        _client = new HttpClient(handler)
        {
            BaseAddress = new Uri($"https://127.0.0.1:{port}"),
            Timeout = TimeSpan.FromSeconds(5),
        };
    }

    /// <summary>Names of the Nodes that are Ready; null while the API does not answer.</summary>
    public async Task<IReadOnlyList<string>?> ReadyNodesAsync(CancellationToken cancellationToken)
    {
        using JsonDocument? nodes = await GetAsync("/api/v1/nodes", cancellationToken).ConfigureAwait(false);
        return nodes is null
            ? null
            : [.. nodes.RootElement.GetProperty("items").EnumerateArray().Where(IsReady).Select(Name)];
    }

    /// <summary>Services with a port on each node, by namespace and name; null while the API does not answer.</summary>
    public async Task<IReadOnlyList<(string Service, int Port)>?> NodePortsAsync(CancellationToken cancellationToken)
    {
        using JsonDocument? services = await GetAsync("/api/v1/services", cancellationToken).ConfigureAwait(false);
        return services is null
            ? null
            :
            [
                .. services.RootElement.GetProperty("items").EnumerateArray()
                    .SelectMany(service => NodePorts(service).Select(port => (QualifiedName(service), port))),
            ];
    }

    public void Dispose()
    {
        _client.Dispose();
        _certificate.Dispose();
        _authority.Dispose();
    }

    private static bool IsReady(JsonElement node) =>
        node.GetProperty("status").TryGetProperty("conditions", out JsonElement conditions)
        && conditions.EnumerateArray().Any(condition =>
            condition.GetProperty("type").GetString() == "Ready"
            && condition.GetProperty("status").GetString() == "True");

    private static IEnumerable<int> NodePorts(JsonElement service) =>
        service.GetProperty("spec").TryGetProperty("ports", out JsonElement ports)
            ? ports.EnumerateArray()
                .Where(port => port.TryGetProperty("nodePort", out _))
                .Where(port => port.GetProperty("protocol").GetString() == "TCP")
                .Select(port => port.GetProperty("nodePort").GetInt32())
            : [];

    private static string Name(JsonElement item) => item.GetProperty("metadata").GetProperty("name").GetString()!;

    private static string QualifiedName(JsonElement item) =>
        $"{item.GetProperty("metadata").GetProperty("namespace").GetString()}/{Name(item)}";

    private async Task<JsonDocument?> GetAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            using Stream stream = await _client.GetStreamAsync(new Uri(path, UriKind.Relative), cancellationToken)
                .ConfigureAwait(false);
            return await JsonDocument.ParseAsync(stream, cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (Exception fault) when (
            fault is HttpRequestException or IOException or JsonException or AuthenticationException
            || (fault is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }
}
