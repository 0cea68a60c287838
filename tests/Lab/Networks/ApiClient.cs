using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Images.Lab.Networks;

/// <summary>
/// A client that waits for nobody: each tenth of a second it begins a question in a connection of its own, one in a connection that it keeps, and a
/// write, and tells of each that has ended. Run inside a lab network by <see cref="ApiProbe"/> until it is killed.
/// </summary>
internal static partial class ApiClient
{
    private static readonly TimeSpan _between = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _patienceWithWrites = TimeSpan.FromSeconds(2);

    /// <param name="kubeconfig">As <c>baker kubeconfig</c> writes it.</param>
    /// <param name="name">What the names of the ConfigMaps that it writes begin with.</param>
    public static async Task<int> RunAsync(string kubeconfig, string name)
    {
        string text = await File.ReadAllTextAsync(kubeconfig);
        Uri server = new(Server().Match(text).Groups[1].Value);
        using X509Certificate2 authority = X509Certificate2.CreateFromPem(Pem(text, "certificate-authority-data"));
        using X509Certificate2 own = X509Certificate2.CreateFromPem(Pem(text, "client-certificate-data"), Pem(text, "client-key-data"));
        using HttpClient kept = Client(server, authority, own);
        ConcurrentDictionary<long, Task> open = new();
        using PeriodicTimer timer = new(_between);
        for (long number = 0; await timer.WaitForNextTickAsync(); number++)
        {
            long each = number;
            open[number] = Task.Run(async () =>
            {
                await Task.WhenAll(
                    TellAsync(ApiProbe.NewConnection, each, () => AloneAsync(client => AskAsync(client, _patience))),
                    TellAsync(ApiProbe.KeptConnection, each, () => AskAsync(kept, _patience)),
                    TellAsync(ApiProbe.Write, each, () => AloneAsync(client => WriteAsync(client, $"{name}-{each}"))),
                    each % 10 == 0 ? AloneAsync(TellLeasesAsync) : Task.CompletedTask);
                open.TryRemove(each, out _);
            });
        }

        return 0;

        async Task AloneAsync(Func<HttpClient, Task> use)
        {
            using HttpClient client = Client(server, authority, own);
            await use(client);
        }
    }

    private static async Task TellAsync(string kind, long number, Func<Task> attempt)
    {
        long begin = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        string outcome = ApiProbe.Good;
        try
        {
            await attempt();
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            outcome = (e.InnerException ?? e).Message.ReplaceLineEndings(" ");
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kind} {number} {begin} {DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()} {outcome}"));
    }

    private static async Task TellLeasesAsync(HttpClient client)
    {
        using CancellationTokenSource limit = new(_patience);
        try
        {
            await using Stream answer = await client.GetStreamAsync(new Uri("/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases", UriKind.Relative), limit.Token);
            using JsonDocument leases = await JsonDocument.ParseAsync(answer, cancellationToken: limit.Token);
            foreach (JsonElement lease in leases.RootElement.GetProperty("items").EnumerateArray())
            {
                Console.WriteLine($"{ApiProbe.Lease} {lease.GetProperty("metadata").GetProperty("name").GetString()} {lease.GetProperty("spec").GetProperty("renewTime").GetString()}");
            }
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            // the next answer holds the same
        }
    }

    private static async Task AskAsync(HttpClient client, TimeSpan patience)
    {
        using CancellationTokenSource limit = new(patience);
        using HttpResponseMessage answer = await client.GetAsync(new Uri("/version", UriKind.Relative), limit.Token);
        answer.EnsureSuccessStatusCode();
    }

    private static async Task WriteAsync(HttpClient client, string name)
    {
        using CancellationTokenSource limit = new(_patienceWithWrites);
        using StringContent body = new($$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{name}}"} }""", Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await client.PostAsync(new Uri("/api/v1/namespaces/default/configmaps", UriKind.Relative), body, limit.Token);
        answer.EnsureSuccessStatusCode();
    }

    private static HttpClient Client(Uri server, X509Certificate2 authority, X509Certificate2 own)
    {
        SocketsHttpHandler handler = new()
        {
            PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
            // A connection that is being made outlives the question that asked for it, and keeps the next questions waiting: a frozen machine's
            // kernel still takes connections, in which nobody answers.
            ConnectTimeout = _patience,
            SslOptions = new SslClientAuthenticationOptions
            {
                LocalCertificateSelectionCallback = (_, _, _, _, _) => own,
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { authority },
                    RevocationMode = X509RevocationMode.NoCheck,
                },
            },
        };
        return new HttpClient(handler) { BaseAddress = server, DefaultRequestVersion = HttpVersion.Version11 };
    }

    private static string Pem(string kubeconfig, string key) =>
        Encoding.ASCII.GetString(Convert.FromBase64String(Regex.Match(kubeconfig, key + @":\s*[""']?([A-Za-z0-9+/=]+)").Groups[1].Value));

    [GeneratedRegex(@"server:\s*[""']?(https://[^\s""']+)")]
    private static partial Regex Server();
}
