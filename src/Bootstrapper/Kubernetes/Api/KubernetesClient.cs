using System.Net.Http.Headers;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Images.Bootstrapper.Reporting;
using Images.NodeConfig;

namespace Images.Bootstrapper.Kubernetes.Api;

/// <summary>
/// The API server over HTTPS (https://kubernetes.io/docs/reference/using-api/api-concepts/). A client is short-lived:
/// it shows the certificate that was on disk when it was made, so whoever works for long makes a new one now and then.
/// </summary>
internal sealed class KubernetesClient : IDisposable
{
    /// <summary>Under which this program owns the fields that it applies.</summary>
    public const string FieldManager = "images";

    private const int MaxAnswerBytes = 64 << 20;
    private static readonly TimeSpan _connectPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    /// <summary>How long the server keeps a watch open; the next one goes on where it ended.</summary>
    private static readonly TimeSpan _watchFor = TimeSpan.FromMinutes(5);

    private static readonly KubernetesResource _any = new("", "", "");

    private readonly string _server;
    private readonly HttpClient _client;

    /// <param name="server">For example <c>https://127.0.0.1:6443</c>.</param>
    /// <param name="tls">Whom to believe, and perhaps what to show.</param>
    /// <param name="token">Shown as a bearer token; null where the certificate says who this is.</param>
    public KubernetesClient(string server, SslClientAuthenticationOptions tls, Secret? token = null)
    {
        _server = server;
        SocketsHttpHandler handler =
            new() { SslOptions = tls, UseProxy = false, AllowAutoRedirect = false, ConnectTimeout = _connectPatience };
        _client = new HttpClient(handler) { Timeout = _patience, MaxResponseContentBufferSize = MaxAnswerBytes };
        if (token is not null)
        {
            _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.Reveal());
        }
    }

    public void Dispose() => _client.Dispose();

    /// <exception cref="KubernetesApiException">Refused, not there, or not reached; so for every call.</exception>
    public Task<KubernetesObject> GetAsync(string path, CancellationToken cancellationToken) =>
        CallAsync(HttpMethod.Get, path, body: null, "", cancellationToken);

    /// <summary>Null where there is none.</summary>
    public async Task<KubernetesObject?> FindAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await GetAsync(path, cancellationToken);
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    /// <summary>All objects of a kind in the whole cluster, page by page.</summary>
    /// <param name="selector">A label selector; empty for all.</param>
    public Task<KubernetesList> ListAsync(
        KubernetesResource resource, string selector, CancellationToken cancellationToken) =>
        ListAsync(resource, resource.Path, selector, cancellationToken);

    /// <summary>Those at a path.</summary>
    public Task<KubernetesList> ListAsync(string path, string selector, CancellationToken cancellationToken) =>
        ListAsync(_any, path, selector, cancellationToken);

    private async Task<KubernetesList> ListAsync(
        KubernetesResource resource, string path, string selector, CancellationToken cancellationToken)
    {
        List<KubernetesObject> items = [];
        string next = "";
        while (true)
        {
            KubernetesObject page;
            string continuation = next.Length == 0 ? "" : $"&continue={Uri.EscapeDataString(next)}";
            try
            {
                page = await GetAsync(
                    $"{path}?limit={resource.PageSize}{Selection(selector)}{continuation}", cancellationToken);
            }
            catch (KubernetesApiException e) when (e.IsGone && next.Length > 0)
            {
                items.Clear(); // the listing took longer than its version is kept
                next = "";
                continue;
            }

            items.AddRange(page.Items("items").Select(resource.Keep));
            next = page.Text("metadata", "continue");
            if (next.Length == 0)
            {
                return new KubernetesList { Items = items, ResourceVersion = page.ResourceVersion };
            }
        }
    }

    /// <summary>
    /// Changes after a version, until the server ends the watch. A version that is no longer kept is
    /// <see cref="KubernetesApiException.IsGone"/>.
    /// </summary>
    public async IAsyncEnumerable<KubernetesEvent> WatchAsync(
        string path, string selector, string resourceVersion,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_watchFor + _patience); // a server that went away without a word
        string query = $"watch=true&allowWatchBookmarks=true&timeoutSeconds={(int)_watchFor.TotalSeconds}"
            + $"&resourceVersion={Uri.EscapeDataString(resourceVersion)}";
        using HttpRequestMessage request = new(HttpMethod.Get, $"{_server}{path}?{query}{Selection(selector)}");
        using HttpResponseMessage response = await SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw Refusal(response, await ReadAsync(response, limit.Token));
        }

        await using Stream stream = await response.Content.ReadAsStreamAsync(limit.Token);
        WatchLines lines = new(stream, MaxAnswerBytes);
        while (await NextLineAsync(lines, limit.Token, cancellationToken) is byte[] line)
        {
            yield return ReadEvent(line);
        }
    }

    public Task<KubernetesObject> CreateAsync(string path, JsonObject body, CancellationToken cancellationToken) =>
        CallAsync(HttpMethod.Post, $"{path}?fieldManager={FieldManager}", body, "application/json", cancellationToken);

    /// <summary>Writes a whole object; a conflict if it is no longer at the body's resource version.</summary>
    public Task<KubernetesObject> ReplaceAsync(string path, JsonObject body, CancellationToken cancellationToken) =>
        CallAsync(HttpMethod.Put, $"{path}?fieldManager={FieldManager}", body, "application/json", cancellationToken);

    /// <summary>JSON merge patch (RFC 7386).</summary>
    public Task<KubernetesObject> PatchAsync(string path, JsonObject body, CancellationToken cancellationToken) =>
        CallAsync(
            HttpMethod.Patch, $"{path}?fieldManager={FieldManager}", body,
            "application/merge-patch+json", cancellationToken);

    /// <summary>Server-side apply: makes the object, or makes its fields as given, whoever set them before.</summary>
    public Task<KubernetesObject> ApplyAsync(string path, JsonObject body, CancellationToken cancellationToken) =>
        CallAsync(
            HttpMethod.Patch, $"{path}?fieldManager={FieldManager}&force=true", body,
            "application/apply-patch+yaml", cancellationToken);

    /// <summary>True when there was one.</summary>
    public async Task<bool> DeleteAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await CallAsync(
                HttpMethod.Delete, $"{path}?propagationPolicy=Background", body: null, "", cancellationToken);
            return true;
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            return false;
        }
    }

    private static string Selection(string selector) =>
        selector.Length == 0 ? "" : $"&labelSelector={Uri.EscapeDataString(selector)}";

    private async Task<KubernetesObject> CallAsync(
        HttpMethod method, string path, JsonObject? body, string contentType, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(method, _server + path);
        if (body is not null)
        {
            request.Content = new StringContent(
                body.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue(contentType));
        }

        using HttpResponseMessage response = await SendAsync(
            request, HttpCompletionOption.ResponseContentRead, cancellationToken);
        byte[] content = await ReadAsync(response, cancellationToken);
        return response.IsSuccessStatusCode ? Parse(content) : throw Refusal(response, content);
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        try
        {
            return await _client.SendAsync(request, completion, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            throw Unreachable(FaultText.Of(e), e);
        }
        catch (TaskCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw Unreachable($"no answer within {_patience.TotalSeconds:F0} s", e);
        }
    }

    private async Task<byte[]> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            return await response.Content.ReadAsByteArrayAsync(cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw Unreachable(FaultText.Of(e), e);
        }
    }

    private async Task<byte[]?> NextLineAsync(
        WatchLines lines, CancellationToken limit, CancellationToken cancellationToken)
    {
        try
        {
            return await lines.NextAsync(limit);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw Unreachable($"the watch broke off: {FaultText.Of(e)}", e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw Unreachable("the watch was not ended in time", e);
        }
    }

    private KubernetesEvent ReadEvent(byte[] line)
    {
        KubernetesObject read = Parse(line);
        KubernetesObject subject = read.Json["object"] is JsonObject json
            ? new KubernetesObject(json)
            : throw Unreachable("a watch line without an object", null);
        return read.Text("type") switch
        {
            "ADDED" => new KubernetesEvent(KubernetesEventKind.Added, subject),
            "MODIFIED" => new KubernetesEvent(KubernetesEventKind.Modified, subject),
            "DELETED" => new KubernetesEvent(KubernetesEventKind.Deleted, subject),
            "BOOKMARK" => new KubernetesEvent(KubernetesEventKind.Bookmark, subject),
            // ERROR with a Status
            _ => throw new KubernetesApiException(
                int.CreateSaturating(subject.Number("code") ?? 0), subject.Text("message")),
        };
    }

    private KubernetesObject Parse(byte[] content)
    {
        try
        {
            return KubernetesObject.Parse(content);
        }
        catch (JsonException e)
        {
            throw Unreachable("the answer is no JSON", e);
        }
    }

    private static KubernetesApiException Refusal(HttpResponseMessage response, byte[] content)
    {
        try
        {
            if (KubernetesObject.Parse(content) is { Kind: "Status" } status
                && status.Text("message") is { Length: > 0 } message)
            {
                return new KubernetesApiException((int)response.StatusCode, message.ReplaceLineEndings(" "));
            }
        }
        catch (JsonException)
        {
            // a proxy's page, or plain text; the status says enough
        }

        return new KubernetesApiException(
            (int)response.StatusCode,
            $"HTTP status {(int)response.StatusCode} for {response.RequestMessage?.RequestUri?.AbsolutePath}");
    }

    private KubernetesApiException Unreachable(string reason, Exception? cause) =>
        new(0, $"{_server}: {reason}", cause);
}
