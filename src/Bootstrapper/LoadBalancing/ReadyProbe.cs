using System.Net.Security;
using Images.Bootstrapper.Pki;

namespace Images.Bootstrapper.LoadBalancing;

/// <summary>
/// Asks an API server, or a haproxy in front of some, whether it is ready, over a kept connection: a handshake every
/// second would cost more than all else that the agent does.
/// </summary>
/// <param name="name">That the server's certificate must bear: addresses of lbs stand in none.</param>
/// <param name="port">Of all of them.</param>
/// <param name="tls">Whom to believe and what to show.</param>
/// <param name="needsSuccess">Whether only success is good; else "who are you?" is, too.</param>
internal sealed class ReadyProbe(
    string name, int port, Func<SslClientAuthenticationOptions> tls, bool needsSuccess, TimeProvider time)
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);

    private readonly KeptConnections _connections = new(time);

    public async Task<VipAnswer> AskAsync(string address, CancellationToken cancellationToken)
    {
        VipAnswer answer = await TryAsync(address, cancellationToken);
        if (answer != VipAnswer.Good)
        {
            _connections.Forget(address); // who listens there next may be another
        }

        return answer;
    }

    private async Task<VipAnswer> TryAsync(string address, CancellationToken cancellationToken)
    {
        try
        {
            using HttpClient client = _connections.Client(address, tls, _patience);
            using HttpRequestMessage request = new(HttpMethod.Get, new Uri($"https://{address}:{port}/readyz"));
            request.Headers.Host = name; // also what the certificate is compared with
            using HttpResponseMessage response = await client.SendAsync(request, cancellationToken);
            return response.IsSuccessStatusCode || (!needsSuccess && (int)response.StatusCode < 500)
                ? VipAnswer.Good
                : VipAnswer.Bad;
        }
        catch (HttpRequestException e)
        {
            return e.HttpRequestError == HttpRequestError.ConnectionError ? VipAnswer.Gone : VipAnswer.Bad;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return VipAnswer.Bad;
        }
        catch (IOException)
        {
            return VipAnswer.Bad; // what it would show is not there yet
        }
    }
}
