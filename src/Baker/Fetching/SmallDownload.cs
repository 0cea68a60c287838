using System.Net;

namespace Images.Baker.Fetching;

/// <summary>Reads a small file whose digest nobody knows yet (an InRelease) into memory, always anew.</summary>
internal sealed class SmallDownload(HttpClient client, DownloadOptions options)
{
    private const int MaximumSize = 8 << 20;

    /// <param name="mirror">Whom to ask.</param>
    /// <param name="path">The file, below the mirror's root.</param>
    /// <exception cref="BakeException">The mirror does not deliver.</exception>
    public async Task<byte[]> GetAsync(Mirror mirror, string path, CancellationToken cancellationToken)
    {
        Uri address = mirror.AddressOf(path);
        TimeSpan pause = options.FirstBackOff;
        for (int attempt = 1; ; attempt++, pause *= 2)
        {
            try
            {
                return await TryAsync(mirror, address, cancellationToken);
            }
            catch (Exception exception) when (IsFailure(exception, cancellationToken))
            {
                if (attempt >= options.Attempts || IsFinal(exception))
                {
                    string reason = exception is OperationCanceledException
                        ? "no answer came in time"
                        : exception.Message.TrimEnd('.');
                    throw new BakeException(
                        "BAKE0332", address.ToString(), $"It could not be fetched: {reason}.",
                        "Check the network, or name a mirror with --mirror.", BakeFault.Source, exception);
                }
            }

            await Task.Delay(pause, cancellationToken);
        }
    }

    private async Task<byte[]> TryAsync(Mirror mirror, Uri address, CancellationToken cancellationToken)
    {
        using CancellationTokenSource stall = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stall.CancelAfter(options.StallTimeout);
        using HttpRequestMessage request = new(HttpMethod.Get, address);
        request.Headers.Authorization = mirror.Authorization;
        using HttpResponseMessage response = await client.SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, stall.Token);
        response.EnsureSuccessStatusCode();
        using Stream body = await response.Content.ReadAsStreamAsync(stall.Token);
        using MemoryStream bytes = new();
        byte[] buffer = new byte[1 << 16];
        int read;
        while ((read = await body.ReadAsync(buffer, stall.Token)) > 0)
        {
            stall.CancelAfter(options.StallTimeout);
            bytes.Write(buffer, 0, read);
            if (bytes.Length > MaximumSize)
            {
                throw new HttpProtocolMismatchException($"it is larger than {MaximumSize >> 20} MiB");
            }
        }

        return bytes.ToArray();
    }

    private static bool IsFailure(Exception exception, CancellationToken cancellationToken) =>
        exception is HttpRequestException or IOException or HttpProtocolMismatchException
        || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private static bool IsFinal(Exception exception) =>
        exception is HttpProtocolMismatchException
            or HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError }
        || (exception is HttpRequestException { StatusCode: { } status }
            && status is >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError);
}
