using System.Net;

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
            throw new IOException($"'{url}' is no http or https URL");
        }

        // made when it is needed: most machines never ask a server, and its start-up would be paid by all
        using HttpClient client =
            new() { Timeout = _timeout, MaxResponseContentBufferSize = FoundMetadata.MaximumBytes };
        try
        {
            using HttpResponseMessage response = await client.GetAsync(address, cancellationToken);
            return response.StatusCode switch
            {
                HttpStatusCode.OK => await response.Content.ReadAsByteArrayAsync(cancellationToken),
                HttpStatusCode.NotFound => null,
                _ => throw new IOException($"{url} answers {(int)response.StatusCode}"),
            };
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            throw new IOException(
                $"{url} has more than {FoundMetadata.MaximumBytes} (1 MiB) bytes; no more are read", e);
        }
        catch (HttpRequestException e)
        {
            throw new IOException($"{url}: {(e.InnerException ?? e).Message}", e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"{url}: no answer within {_timeout.TotalSeconds} s", e);
        }
    }
}
