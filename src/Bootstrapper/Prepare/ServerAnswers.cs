using System.Net;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Pki;
using Images.Bootstrapper.Reporting;
using Images.NodeConfig;
using Images.NodeConfig.Roles;
using Images.NodeConfig.Templates;

namespace Images.Bootstrapper.Prepare;

/// <summary>
/// Waits until servers that a unit needs answer over TLS, with a certificate of the cluster's authority.
/// </summary>
/// <param name="state">Its authorities and certificates.</param>
/// <param name="clock">By which certificates are judged.</param>
/// <param name="beginsLater">
/// Told of a server whose certificate is good but begins later than the clock says, and when that is.
/// </param>
internal sealed class ServerAnswers(
    NodeRoot root, NodeState state, TimeProvider clock, TimeProvider steady,
    Func<Uri, DateTimeOffset, CancellationToken, Task>? beginsLater = null)
{
    /// <summary>Several units of a machine wait for one server, which has other things to do while it starts.</summary>
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(5);

    /// <summary>Who gives up and comes again costs a server that is behind another handshake.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly ClusterTls _tls = new(root, state, clock);
    private readonly KeptConnections _connections = new(steady);

    public async Task WaitAsync(
        RoleService service, TemplateValues values, WaitReport report, CancellationToken cancellationToken)
    {
        foreach (ServiceAnswer answer in service.Answers)
        {
            Uri url = new(Template.Render(answer.Url, NodePaths.CompiledRoles, values));
            GrowingPause pause = new(_longestPause, steady);
            while (await TryAsync(url, answer, cancellationToken) is (string fault, var begin))
            {
                report.Waiting($"an answer of {url}", fault);
                if (begin is DateTimeOffset later && beginsLater is not null)
                {
                    await beginsLater(url, later, cancellationToken);
                }

                await pause.WaitAsync(cancellationToken);
            }
        }
    }

    /// <summary>Null once the server answers as it should.</summary>
    public async Task<string?> FaultAsync(Uri url, ServiceAnswer answer, CancellationToken cancellationToken) =>
        (await TryAsync(url, answer, cancellationToken)).Fault;

    private async Task<(string? Fault, DateTimeOffset? Begin)> TryAsync(
        Uri url, ServiceAnswer answer, CancellationToken cancellationToken)
    {
        string server = $"{url.Authority} {answer.Authority} {answer.Certificate}";
        ServerRefusal? refusal = null;
        (string? fault, bool isKept) =
            await AskAsync(server, url, answer, refused => refusal = refused, cancellationToken);
        if (!isKept)
        {
            _connections.Forget(server);
        }

        return fault is null || refusal is null
            ? (fault, null)
            : ($"its certificate is not accepted: {refusal.Reason}", refusal.Begin);
    }

    /// <summary>
    /// A server that answers, even that it is not ready yet, is not put behind another handshake. Who it does not know
    /// may have another certificate by the next question, or the clock another time.
    /// </summary>
    private async Task<(string? Fault, bool IsKept)> AskAsync(
        string server, Uri url, ServiceAnswer answer, Action<ServerRefusal> refused,
        CancellationToken cancellationToken)
    {
        try
        {
            using HttpClient client = _connections.Client(
                server,
                () => _tls.ForClient(
                    url.Host, answer.Authority,
                    answer.Certificate is null ? null : _tls.Own(answer.Certificate), refused),
                _patience);
            using HttpResponseMessage response = await client.GetAsync(url, cancellationToken);
            int code = (int)response.StatusCode;
            // without a certificate even "401" comes from a server that is up
            bool isGood = answer.Certificate is null ? code < 500 : response.IsSuccessStatusCode;
            return isGood
                ? (null, true)
                : ($"it answers {code} {response.ReasonPhrase}", response.StatusCode != HttpStatusCode.Unauthorized);
        }
        catch (HttpRequestException e)
        {
            return (FaultText.Of(e), false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ($"no answer within {_patience.TotalSeconds:F0} s", false);
        }
        catch (IOException e)
        {
            return (FaultText.Of(e), false);
        }
    }
}
