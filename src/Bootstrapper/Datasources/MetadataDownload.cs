using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Images.Bootstrapper.Pki;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Datasources;

/// <summary>Fetches small files from a metadata server, each try bounded in time and size.</summary>
internal sealed class MetadataDownload
{
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(10);

    /// <summary>Null when the server says there is no such file.</summary>
    /// <exception cref="IOException">No answer, or another one than the file; the message names the URL.</exception>
    public async Task<byte[]?> ReadAsync(string url, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https"))
        {
            throw new IOException($"'{ShownUrl.Of(url)}' is no http or https URL");
        }

        string shown = ShownUrl.Of(url);
        string? refusal = null;

        // made when it is needed: most machines never ask a server, and its start-up would be paid by all
        using SocketsHttpHandler handler = new();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
        {
            refusal = errors == SslPolicyErrors.None
                ? null
                : ServerRefusal.Of(
                    errors, address.Host, certificate as X509Certificate2, chain, "that this image trusts")
                    .Reason;
            return refusal is null;
        };
        using HttpClient client =
            new(handler) { Timeout = _timeout, MaxResponseContentBufferSize = FoundMetadata.MaximumBytes };
        try
        {
            using HttpResponseMessage response = await client.GetAsync(address, cancellationToken);
            return response.StatusCode switch
            {
                HttpStatusCode.OK => await response.Content.ReadAsByteArrayAsync(cancellationToken),
                HttpStatusCode.NotFound => null,
                _ => throw new IOException($"{shown} answers {(int)response.StatusCode}"),
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
}
