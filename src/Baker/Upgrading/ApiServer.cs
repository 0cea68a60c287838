// The API and what it answers.
#pragma warning disable MA0048
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Images.Baker.Kubeconfigs;
using Images.Baker.Pki;
using Images.Baker.Seeds;
using Images.NodeConfig.Metadata;

namespace Images.Baker.Upgrading;

/// <summary>What an API server answered.</summary>
/// <param name="Status">Of HTTP.</param>
/// <param name="Body">Empty where it is no JSON object.</param>
internal sealed record ApiAnswer(int Status, JsonObject Body)
{
    public const int NotFound = 404, Conflict = 409, TooManyRequests = 429;

    public bool IsDone => Status is >= 200 and < 300;

    /// <summary>In the server's words, on one line.</summary>
    public string Message =>
        Body["message"] is JsonValue value && value.TryGetValue(out string? text) && text.Length > 0
            ? UpgradeRules.OneLine(text)
            : $"HTTP status {Status}";
}

/// <summary>
/// The cluster's API as its administrator has it, through whichever master answers: each of them restarts in turn.
/// </summary>
internal sealed class ApiServer : IDisposable
{
    private const string Merge = "application/merge-patch+json";
    private const string Json = "application/json";
    private const int MaximumBytes = 64 << 20;

    /// <summary>Longer than an upgrade takes.</summary>
    private static readonly TimeSpan _validity = TimeSpan.FromDays(7);

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan _patienceToConnect = TimeSpan.FromSeconds(5);

    private readonly IReadOnlyList<Uri> _servers;
    private readonly HttpClient _client;
    private int _last;

    /// <param name="servers">One at least; they are tried in turn, from the one on that answered last.</param>
    /// <param name="handler">Disposed of with this.</param>
    public ApiServer(IReadOnlyList<Uri> servers, HttpMessageHandler handler)
    {
        _servers = servers;
        _client = new HttpClient(handler) { Timeout = _patience, MaxResponseContentBufferSize = MaximumBytes };
    }

    /// <summary>Shows a certificate that is made for this run, and is kept nowhere.</summary>
    public static ApiServer Of(ClusterFolder folder, IReadOnlyList<Uri> servers, TimeProvider time)
    {
        CertificateAuthority authority = folder[ClusterSecrets.Kubernetes];
        DateTimeOffset now = time.GetUtcNow(), end = AdministratorCertificate.EndOf(authority);
        AdministratorCertificate minted = AdministratorCertificate.Mint(
            authority, "upgrade", [KubeconfigOrder.Administrators], now, end < now + _validity ? end : now + _validity);
        X509Certificate2 shown = X509Certificate2.CreateFromPem(minted.Certificate, minted.Key.Reveal());
        return new ApiServer(servers, new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            ConnectTimeout = _patienceToConnect,
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificates = [shown],
                LocalCertificateSelectionCallback = (_, _, _, _, _) => shown,
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    RevocationMode = X509RevocationMode.NoCheck,
                    CustomTrustStore = { X509Certificate2.CreateFromPem(authority.Certificate) },
                },
            },
        });
    }

    /// <exception cref="BakeException">No server answers; so for every call.</exception>
    public Task<ApiAnswer> GetAsync(string path, CancellationToken cancellationToken) =>
        AskAsync(HttpMethod.Get, path, body: null, Json, cancellationToken);

    public Task<ApiAnswer> CreateAsync(string path, JsonObject body, CancellationToken cancellationToken) =>
        AskAsync(HttpMethod.Post, path, body, Json, cancellationToken);

    /// <summary>A conflict where the object is no longer at the body's resource version.</summary>
    public Task<ApiAnswer> ReplaceAsync(string path, JsonObject body, CancellationToken cancellationToken) =>
        AskAsync(HttpMethod.Put, path, body, Json, cancellationToken);

    /// <summary>JSON merge patch (RFC 7386).</summary>
    public Task<ApiAnswer> PatchAsync(string path, JsonObject body, CancellationToken cancellationToken) =>
        AskAsync(HttpMethod.Patch, path, body, Merge, cancellationToken);

    public void Dispose() => _client.Dispose();

    /// <exception cref="BakeException">It was refused.</exception>
    public static JsonObject Require(ApiAnswer answer, string what) => answer.IsDone
        ? answer.Body
        : throw new BakeException(
            "BAKE0982", what, $"the API refuses it: {answer.Message}.",
            "See how the masters are: 'bootstrapper status' on one of them.", BakeFault.Source);

    private async Task<ApiAnswer> AskAsync(
        HttpMethod method, string path, JsonObject? body, string type, CancellationToken cancellationToken)
    {
        List<string> faults = [];
        for (int turn = 0; turn < _servers.Count; turn++)
        {
            int number = (_last + turn) % _servers.Count;
            try
            {
                using HttpRequestMessage request = new(method, new Uri(_servers[number], path));
                request.Content = body is null
                    ? null
                    : new StringContent(body.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue(type));
                using HttpResponseMessage response = await _client.SendAsync(request, cancellationToken)
                    .ConfigureAwait(false);
                ApiAnswer answer = new((int)response.StatusCode, Parse(
                    await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false)));
                _last = number;
                return answer;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or AuthenticationException
                || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                string message = (e.InnerException as AuthenticationException)?.Message ?? e.Message;
                faults.Add($"{_servers[number].Authority}: {UpgradeRules.OneLine(message)}");
            }
        }

        throw new BakeException(
            "BAKE0982", "the cluster's API", $"does not answer: {string.Join("; ", faults)}.",
            "See that a master is up and reached from here; --server names another way.", BakeFault.Source);
    }

    private static JsonObject Parse(byte[] content)
    {
        try
        {
            return JsonNode.Parse(content) as JsonObject ?? [];
        }
        catch (JsonException)
        {
            return []; // a proxy's page; the status says enough
        }
    }
}
