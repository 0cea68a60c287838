using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Images.Bootstrapper.Machine;
using Images.Bootstrapper.Pki;
using Images.Bootstrapper.Reporting;
using Images.NodeConfig;

namespace Images.Bootstrapper.Datasources;

/// <summary>
/// Fetches small files from a metadata server, each try bounded in time and size. No proxy is ever asked, and a server
/// sends nobody elsewhere: what it answers decides who this machine is.
/// </summary>
internal sealed class MetadataDownload(TimeProvider time)
{
    private const int MaximumRedirects = 5;

    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(10);

    /// <summary>No server keeps a machine waiting for longer between two questions.</summary>
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(30);

    private readonly Dictionary<Uri, Pause> _pauses = [];

    /// <summary>Null when the server says there is no such file; empty when it says that none was given.</summary>
    /// <exception cref="IOException">No answer, or another one than the file; the message names the URL.</exception>
    public async Task<byte[]?> ReadAsync(string url, CancellationToken cancellationToken)
    {
        string shown = ShownUrl.Of(url);
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https"))
        {
            throw new IOException($"'{shown}' is no http or https URL");
        }

        if (_pauses.TryGetValue(address, out Pause? pause)
            && time.GetElapsedTime(pause.Since) < pause.Length)
        {
            throw new IOException(pause.Reason);
        }

        _pauses.Remove(address);
        string? refusal = null;

        // made when it is needed: most machines never ask a server, and its start-up would be paid by all
        using SocketsHttpHandler handler = new() { UseProxy = false, AllowAutoRedirect = false, UseCookies = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
        {
            refusal = errors == SslPolicyErrors.None
                ? null
                : ServerRefusal.Of(
                    errors, address.Host, certificate as X509Certificate2, chain, "that this image trusts")
                    .Reason;
            return refusal is null;
        };
        using HttpClient client = new(handler)
        {
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = FoundMetadata.MaximumBytes,
        };
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(_timeout);
        try
        {
            using HttpResponseMessage response = await FollowAsync(client, address, shown, patience.Token);
            return response.StatusCode switch
            {
                HttpStatusCode.OK => await response.Content.ReadAsByteArrayAsync(patience.Token),
                HttpStatusCode.NoContent => [],
                HttpStatusCode.NotFound => null,
                _ => throw Refused(address, shown, response),
            };
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            throw new IOException(
                $"{shown} has more than {FoundMetadata.MaximumBytes} (1 MiB) bytes; no more are read", e);
        }
        catch (HttpRequestException e)
        {
            string reason = refusal is null ? FaultText.Of(e) : $"its certificate is not accepted: {refusal}";
            throw new IOException($"{shown}: {reason}", e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"{shown}: no answer within {_timeout.TotalSeconds} s", e);
        }
    }

    private static async Task<HttpResponseMessage> FollowAsync(
        HttpClient client, Uri address, string shown, CancellationToken cancellationToken)
    {
        Uri asked = address;
        for (int redirects = 0; ; redirects++)
        {
            HttpResponseMessage response = await client.GetAsync(asked, cancellationToken);
            if (response.StatusCode is not (
                HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
                or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect))
            {
                return response;
            }

            using (response)
            {
                asked = Next(asked, response.Headers.Location, shown);
            }

            if (redirects == MaximumRedirects)
            {
                throw new IOException($"{shown} redirects more than {MaximumRedirects} times");
            }
        }
    }

    /// <summary>
    /// The same host may move its file, to https as well. Another host never: whoever answers for the first one would
    /// choose whom the machine believes. A cloud's service has no reason to move anything.
    /// </summary>
    private static Uri Next(Uri asked, Uri? location, string shown)
    {
        if (location is null || !Uri.TryCreate(asked, location, out Uri? next))
        {
            throw new IOException($"{shown} redirects to nowhere");
        }

        string there = ShownUrl.Of(next.AbsoluteUri);
        if (MetadataAddress.IsAny(asked.Host))
        {
            throw new IOException($"{shown} redirects to {there}; a redirect of a cloud's metadata is not followed");
        }

        bool isSafer = asked.Scheme == "http" && next.Scheme == "https" && next.IsDefaultPort;
        return next.Host.Equals(asked.Host, StringComparison.OrdinalIgnoreCase)
            && (isSafer || (next.Scheme == asked.Scheme && next.Port == asked.Port))
                ? next
                : throw new IOException(
                    $"{shown} redirects to {there}; only one to the same host and port, or to its https, is followed: "
                        + "name the other URL in its place if you trust it");
    }

    /// <summary>The answer in words; where the server asks for a pause, it is not asked before.</summary>
    private IOException Refused(Uri address, string shown, HttpResponseMessage response)
    {
        int status = (int)response.StatusCode;
        string words = status switch
        {
            401 => ": it wants a user and password, or a token, which this machine does not send",
            403 => ": it does not allow this machine to read it",
            407 => ": it is a proxy, and none is asked",
            408 or 504 => ": it took too long",
            410 => ": it is gone, or not there yet",
            425 or 429 => ": it is asked too often",
            500 => ": it has a fault of its own",
            502 => ": who answers for it cannot reach it",
            503 => ": it is busy, or not ready yet",
            >= 500 => ": it has a fault",
            >= 400 => ": it refuses the request",
            _ => "",
        };
        string reason = $"{shown} answers {status}{words}";
        if ((status is 408 or 410 or 425 or 429 or >= 500) && TryReadPause(response.Headers, out TimeSpan pause))
        {
            reason += $"; it asks for a pause of {pause.TotalSeconds:0} s";
            _pauses[address] = new Pause(time.GetTimestamp(), pause, reason);
        }

        return new IOException(reason);
    }

    /// <summary>A date counts from the server's own: this machine's clock may not be right yet.</summary>
    private static bool TryReadPause(HttpResponseHeaders headers, out TimeSpan pause)
    {
        TimeSpan asked = headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } when headers.Date is { } now => date - now,
            _ => TimeSpan.Zero,
        };
        pause = asked < _longestPause ? asked : _longestPause;
        return pause > TimeSpan.Zero;
    }

    private sealed record Pause(long Since, TimeSpan Length, string Reason);
}
