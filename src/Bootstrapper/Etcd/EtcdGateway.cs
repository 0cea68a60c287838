using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Images.Bootstrapper.Kubernetes.Api;
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

    /// <summary>A part of a snapshot, 32 KiB in base64, and what stands around it.</summary>
    private const int LongestPart = 1 << 20;

    private static readonly TimeSpan _patienceWithPart = TimeSpan.FromSeconds(30);
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

    /// <summary>Lets another member lead; to be asked of the one that leads.</summary>
    public Task MoveLeaderAsync(ulong memberId, CancellationToken cancellationToken) => CallAsync(
        "maintenance/transfer-leadership", $$"""{"targetID":"{{memberId}}"}""", ReadNothing, cancellationToken);

    public Task<EtcdMemberStatus> StatusAsync(CancellationToken cancellationToken) =>
        CallAsync("maintenance/status", "{}", ReadStatus, cancellationToken);

    /// <summary>How many keys there were at a revision; all of them, whatever their names.</summary>
    public Task<long> CountAsync(long revision, CancellationToken cancellationToken) => CallAsync(
        "kv/range",
        $$"""{"key":"AA==","range_end":"AA==","revision":"{{revision}}","count_only":true}""",
        root => checked((long)Number(root, "count")), cancellationToken);

    /// <summary>Forgets what was before a revision; answers once it is gone from the disk's pages.</summary>
    public Task CompactAsync(long revision, CancellationToken cancellationToken) => CallAsync(
        "kv/compaction", $$"""{"revision":"{{revision}}","physical":true}""", ReadNothing, cancellationToken);

    /// <summary>
    /// Writes this member's database anew without its free pages. Meanwhile the member answers nobody.
    /// </summary>
    public Task DefragmentAsync(CancellationToken cancellationToken) =>
        CallAsync("maintenance/defragment", "{}", ReadNothing, cancellationToken);

    /// <summary>Those of all members.</summary>
    public Task<IReadOnlyList<EtcdAlarm>> AlarmsAsync(CancellationToken cancellationToken) =>
        CallAsync("maintenance/alarm", """{"action":"GET"}""", ReadAlarms, cancellationToken);

    public Task DisarmAsync(EtcdAlarm alarm, CancellationToken cancellationToken) =>
        SetAsync("DEACTIVATE", alarm, cancellationToken);

    public Task RaiseAsync(EtcdAlarm alarm, CancellationToken cancellationToken) =>
        SetAsync("ACTIVATE", alarm, cancellationToken);

    private Task SetAsync(string action, EtcdAlarm alarm, CancellationToken cancellationToken) => CallAsync(
        "maintenance/alarm",
        $$"""{"action":"{{action}}","memberID":"{{alarm.MemberId}}","alarm":"{{alarm.Kind}}"}""",
        ReadNothing, cancellationToken);

    /// <summary>
    /// This member's database as one file, its SHA-256 behind it: what <c>etcdctl snapshot save</c> writes.
    /// </summary>
    public async Task SnapshotAsync(Stream target, CancellationToken cancellationToken)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, $"{_url}/v3/maintenance/snapshot")
        {
            Content = new StringContent("{}", Encoding.UTF8, new MediaTypeHeaderValue("application/json")),
        };
        using CancellationTokenSource silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            using HttpResponseMessage response = await _client.SendAsync(
                request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                throw new EtcdGatewayException($"HTTP status {(int)response.StatusCode}");
            }

            await using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken);
            WatchLines lines = new(stream, LongestPart);
            silence.CancelAfter(_patienceWithPart);
            while (await lines.NextAsync(silence.Token) is byte[] line)
            {
                await target.WriteAsync(Read(_url, line, ReadPart), cancellationToken);
                silence.CancelAfter(_patienceWithPart);
            }
        }
        catch (HttpRequestException e)
        {
            _connections.Forget(_url);
            throw new EtcdGatewayException($"{_url} is not reachable ({FaultText.Of(e)})", e);
        }
        catch (HttpIOException e)
        {
            _connections.Forget(_url);
            throw new EtcdGatewayException($"{_url} broke off the snapshot ({FaultText.Of(e)})", e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            _connections.Forget(_url);
            throw new EtcdGatewayException($"{_url} gave no part of the snapshot in time", e);
        }
    }

    private static byte[] ReadPart(JsonElement root) =>
        !root.TryGetProperty("result", out JsonElement result)
            ? throw new EtcdGatewayException(
                root.TryGetProperty("error", out JsonElement error) && error.ValueKind == JsonValueKind.Object
                    ? Refusal(error) ?? "the snapshot broke off"
                    : "the snapshot broke off")
            : result.TryGetProperty("blob", out JsonElement blob) ? blob.GetBytesFromBase64()
            : [];

    public static IReadOnlyList<EtcdAlarm> ReadAlarms(JsonElement root) =>
        root.TryGetProperty("alarms", out JsonElement alarms)
            ? [.. alarms.EnumerateArray().Take(MostMembers).Select(alarm => new EtcdAlarm(
                Number(alarm, "memberID"),
                alarm.TryGetProperty("alarm", out JsonElement kind) ? kind.GetString() ?? "" : ""))]
            : [];

    public static EtcdMemberStatus ReadStatus(JsonElement root)
    {
        JsonElement header = root.GetProperty("header");
        return new EtcdMemberStatus
        {
            MemberId = Number(header, "member_id"),
            ClusterId = Number(header, "cluster_id"),
            LeaderId = Number(root, "leader"),
            IsLearner = root.TryGetProperty("isLearner", out JsonElement learner) && learner.GetBoolean(),
            Revision = checked((long)Number(header, "revision")),
            DatabaseBytes = checked((long)Number(root, "dbSize")),
            DatabaseBytesInUse = checked((long)Number(root, "dbSizeInUse")),
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
