using System.Net.Security;

namespace Images.Bootstrapper.Pki;

/// <summary>
/// Connections to servers that are asked again and again. A handshake costs more than all else that an agent does which
/// has nothing to do; a connection is therefore kept for some minutes, and no longer, so that renewed certificates come
/// into use on both sides.
/// </summary>
/// <param name="time">Of their age: a clock that nobody sets.</param>
internal sealed class KeptConnections(TimeProvider time)
{
    /// <summary>
    /// Also how long the moment counts at which a server's certificate must be valid: it is fixed with the
    /// first connection.
    /// </summary>
    public static readonly TimeSpan Age = TimeSpan.FromMinutes(5);

    private const int MaxAnswerBytes = 1 << 20;
    private static readonly TimeSpan _connectPatience = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (SocketsHttpHandler Handler, long Since)> _handlers =
        new(StringComparer.Ordinal);

    /// <summary>A client over a kept connection; to dispose of it leaves the connection open.</summary>
    /// <param name="server">Whatever tells apart whom to ask, and as whom.</param>
    /// <param name="tls">Asked where there is no connection to keep; whatever it throws comes through.</param>
    /// <param name="patience">For one request.</param>
    public HttpClient Client(string server, Func<SslClientAuthenticationOptions> tls, TimeSpan patience)
    {
        lock (_gate)
        {
            if (!_handlers.TryGetValue(server, out (SocketsHttpHandler Handler, long Since) kept)
                || time.GetElapsedTime(kept.Since) >= Age)
            {
                kept = (
                    new SocketsHttpHandler
                    {
                        SslOptions = tls(),
                        UseProxy = false,
                        AllowAutoRedirect = false,
                        ConnectTimeout = _connectPatience,
                    },
                    time.GetTimestamp());
                // who still asks over the older one ends that first; its connections close when they have been idle
                _handlers[server] = kept;
            }

            return new HttpClient(kept.Handler, disposeHandler: false)
            {
                Timeout = patience,
                MaxResponseContentBufferSize = MaxAnswerBytes,
            };
        }
    }

    /// <summary>The next one connects anew: a certificate may have changed, or the clock.</summary>
    public void Forget(string server)
    {
        lock (_gate)
        {
            _handlers.Remove(server);
        }
    }
}
