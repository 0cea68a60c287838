using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Images.Bootstrapper.Pki;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Etcd;

/// <summary>
/// etcd's JSON gateway at one member, with a client certificate
/// (https://etcd.io/docs/v3.5/dev-guide/api_grpc_gateway/). 64-bit numbers travel as strings.
/// </summary>
internal sealed class EtcdGateway : IDisposable
{
    /// <summary>Each one that is listed is asked.</summary>
    private const int MostMembers = 100;

    private static readonly TimeSpan _usualPatience = TimeSpan.FromSeconds(8);

    private readonly string _url;
    private readonly TimeSpan _patience;
    private readonly KeptConnections _connections;
    private readonly HttpClient _client;

    /// <exception cref="IOException">The certificate is not there (yet).</exception>
    public EtcdGateway(string url, MutualTls tls, KeptConnections connections, TimeSpan? patience = null)
    {
        (_url, _connections, _patience) = (url, connections, patience ?? _usualPatience);
        _client = connections.Client(url, () => tls.ForClient(new Uri(url).Host.Trim('[', ']')), _patience);
    }

    public void Dispose() => _client.Dispose();

    /// <exception cref="EtcdGatewayException">
    /// Not reached, refused, or not answered as etcd does; so for every call.
    /// </exception>
    public Task<EtcdMemberList> ListAsync(CancellationToken cancellationToken) =>
        CallAsync("cluster/member/list", """{"linearizable":true}""", ReadList, cancellationToken);

    /// <summary>Adds a member without a vote; the answer lists all members.</summary>
    public Task<EtcdMemberList> AddLearnerAsync(string peerUrl, CancellationToken cancellationToken) => CallAsync(
        "cluster/member/add", $$"""{"peerURLs":["{{peerUrl}}"],"isLearner":true}""", ReadList, cancellationToken);

    /// <summary>Tells the cluster where a member is now.</summary>
    public Task UpdateAsync(ulong memberId, string peerUrl, CancellationToken cancellationToken) =>
        CallAsync(
            "cluster/member/update", $$"""{"ID":"{{memberId}}","peerURLs":["{{peerUrl}}"]}""", ReadNothing,
            cancellationToken);

    public Task RemoveAsync(ulong memberId, CancellationToken cancellationToken) =>
        CallAsync("cluster/member/remove", $$"""{"ID":"{{memberId}}"}""", ReadNothing, cancellationToken);

    public Task PromoteAsync(ulong memberId, CancellationToken cancellationToken) =>
        CallAsync("cluster/member/promote", $$"""{"ID":"{{memberId}}"}""", ReadNothing, cancellationToken);

    public Task<EtcdMemberStatus> StatusAsync(CancellationToken cancellationToken) =>
        CallAsync("maintenance/status", "{}", ReadStatus, cancellationToken);

    public static EtcdMemberStatus ReadStatus(JsonElement root)
    {
        JsonElement header = root.GetProperty("header");
        return new EtcdMemberStatus
        {
            MemberId = Number(header, "member_id"),
            ClusterId = Number(header, "cluster_id"),
            LeaderId = Number(root, "leader"),
            IsLearner = root.TryGetProperty("isLearner", out JsonElement learner) && learner.GetBoolean(),
        };
    }

    private async Task<T> CallAsync<T>(
        string method, string body, Func<JsonElement, T> read, CancellationToken cancellationToken)
    {
        try
        {
            using StringContent content = new(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
            using HttpResponseMessage response = await _client.PostAsync(
                $"{_url}/v3/{method}", content, cancellationToken);
            byte[] answer = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            return response.IsSuccessStatusCode
                ? Read(_url, answer, read)
                : throw new EtcdGatewayException(
                    Read(_url, answer, Refusal) ?? $"HTTP status {(int)response.StatusCode}");
        }
        catch (HttpRequestException e)
        {
            _connections.Forget(_url);
            throw new EtcdGatewayException($"{_url} is not reachable ({FaultText.Of(e)})", e);
        }
        catch (TaskCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            _connections.Forget(_url);
            throw new EtcdGatewayException($"{_url} gave no answer within {_patience.TotalSeconds:F0} s", e);
        }
    }

    /// <summary>Reads what a member answered.</summary>
    /// <exception cref="EtcdGatewayException">It is nothing that etcd says.</exception>
    public static T Read<T>(string url, byte[] answer, Func<JsonElement, T> read)
    {
        try
        {
            using JsonDocument document = ForeignJson.ParseDocument(answer);
            return read(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new EtcdGatewayException($"{url} answered with something that is no JSON", e);
        }
        catch (Exception e)
            when (e is InvalidOperationException or KeyNotFoundException or FormatException or OverflowException)
        {
            throw new EtcdGatewayException(
                $"{url} answered with something that etcd does not say ({FaultText.Of(e)})", e);
        }
    }

    private static bool ReadNothing(JsonElement root) => root.ValueKind == JsonValueKind.Object;

    private static string? Refusal(JsonElement root) =>
        root.ValueKind == JsonValueKind.Object
            && (root.TryGetProperty("message", out JsonElement text) || root.TryGetProperty("error", out text))
            ? text.GetString()
            : null;

    public static EtcdMemberList ReadList(JsonElement root) => new()
    {
        ClusterId = Number(root.GetProperty("header"), "cluster_id"),
        Members = root.GetProperty("members") is var members && members.GetArrayLength() <= MostMembers
            ? [.. members.EnumerateArray().Select(ReadMember)]
            : throw new FormatException($"more than {MostMembers} members"),
        AddedId = root.TryGetProperty("member", out JsonElement added) ? Number(added, "ID") : 0,
    };

    private static EtcdMemberInfo ReadMember(JsonElement member) => new()
    {
        Id = Number(member, "ID"),
        Name = member.TryGetProperty("name", out JsonElement name) ? name.GetString() ?? "" : "",
        PeerUrls = member.TryGetProperty("peerURLs", out JsonElement urls)
            ? [.. urls.EnumerateArray().Select(url => url.GetString() ?? "")]
            : [],
        IsLearner = member.TryGetProperty("isLearner", out JsonElement learner) && learner.GetBoolean(),
    };

    private static ulong Number(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.GetString() is string text
            ? ulong.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture)
            : 0;
}
