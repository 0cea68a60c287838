using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Images.Baker.Caching;

namespace Images.Baker.Fetching;

/// <summary>
/// Brings one file from one mirror, resuming where it broke off (RFC 9110, section 14: Range, If-Range, Content-Range).
/// Whether the bytes are the right ones is for the caller to check.
/// </summary>
internal sealed class HttpDownload(HttpClient client, DownloadOptions options)
{
    private const int BufferSize = 1 << 16;

    /// <summary>Downloads into the partial file until it has <paramref name="size"/> bytes.</summary>
    /// <param name="mirror">Whom to ask.</param>
    /// <param name="path">The file, below the mirror's root.</param>
    /// <param name="size">Bytes that the file must have.</param>
    /// <param name="file">Where they go.</param>
    /// <param name="position">Told how many bytes are there, after each read.</param>
    /// <param name="cancellationToken">Stops the download; what is there stays.</param>
    /// <returns>False where the server has no such file.</returns>
    /// <exception cref="DownloadException">
    /// The mirror cannot be reached, breaks off again and again, or sends what was not asked for.
    /// </exception>
    public Task<bool> RunAsync(
        Mirror mirror, string path, long size, PartialFile file, Action<long> position,
        CancellationToken cancellationToken) =>
        RunAsync(mirror.AddressOf(path), mirror.Authorization, size, file, position, cancellationToken);

    /// <summary>The same, from one address.</summary>
    public async Task<bool> RunAsync(
        Uri address, AuthenticationHeaderValue? authorization, long size, PartialFile file, Action<long> position,
        CancellationToken cancellationToken)
    {
        TimeSpan pause = options.FirstBackOff;

        // of all attempts: a file that is shorter on the server breaks off at the same place for ever
        long longest = file.Stream.Length;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await TryOnceAsync(address, authorization, size, file, position, cancellationToken);
            }
            catch (Exception exception) when (IsFailure(exception, cancellationToken))
            {
                bool progressed = file.Stream.Length > longest;
                longest = Math.Max(longest, file.Stream.Length);
                attempt = progressed ? 1 : attempt;
                if (attempt >= options.Attempts || !IsTransient(exception))
                {
                    throw new DownloadException($"{address}: {Reason(exception)}", exception);
                }

                pause = progressed ? options.FirstBackOff : pause;
            }

            await Task.Delay(pause, cancellationToken);
            pause = pause < TimeSpan.FromSeconds(10) ? pause * 2 : pause;
        }
    }

    private async Task<bool> TryOnceAsync(
        Uri address, AuthenticationHeaderValue? authorization, long size, PartialFile file, Action<long> position,
        CancellationToken cancellationToken)
    {
        if (file.Stream.Length >= size)
        {
            // complete, or longer than it may be: the digest tells the former, nothing mends the latter
            if (file.Stream.Length == size)
            {
                return true;
            }

            file.Restart(null);
        }

        using CancellationTokenSource stall = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using HttpRequestMessage request = new(HttpMethod.Get, address);
        request.Headers.Authorization = authorization;
        if (file.Validator is { } validator && file.Stream.Length > 0)
        {
            request.Headers.Range = new RangeHeaderValue(file.Stream.Length, null);
            request.Headers.TryAddWithoutValidation("If-Range", validator);
        }

        stall.CancelAfter(options.StallTimeout);
        using HttpResponseMessage response = await client.SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, stall.Token);
        switch (response.StatusCode)
        {
            case HttpStatusCode.NotFound or HttpStatusCode.Gone:
                return false;
            case HttpStatusCode.OK:
                file.Restart(ValidatorOf(response));
                break;
            case HttpStatusCode.PartialContent when request.Headers.Range is not null:
                RequireContinuation(response, size, file);
                break;
            case HttpStatusCode.RequestedRangeNotSatisfiable:
                file.Restart(null);
                throw new HttpProtocolMismatchException("the server cannot go on where the download broke off");
            default:
                throw new HttpRequestException(
                    $"the server answered {(int)response.StatusCode}", null, response.StatusCode);
        }

        await CopyAsync(response, size, file, position, stall);
        return true;
    }

    private async Task CopyAsync(
        HttpResponseMessage response, long size, PartialFile file, Action<long> position, CancellationTokenSource stall)
    {
        using Stream body = await response.Content.ReadAsStreamAsync(stall.Token);
        byte[] buffer = new byte[BufferSize];
        while (true)
        {
            stall.CancelAfter(options.StallTimeout);
            int read = await body.ReadAsync(buffer, stall.Token);
            if (read == 0)
            {
                break;
            }

            if (file.Stream.Length + read > size)
            {
                file.Restart(null);
                throw new DownloadException(
                    $"{response.RequestMessage?.RequestUri}: the server sends more than the {size} bytes "
                        + "that this file has")
                {
                    SentWrongBytes = true,
                };
            }

            await WriteAsync(file, buffer.AsMemory(0, read), stall.Token);
            position(file.Stream.Length);
        }

        if (file.Stream.Length < size)
        {
            throw new HttpProtocolMismatchException($"the connection ended after {file.Stream.Length} of {size} bytes");
        }
    }

    private static async Task WriteAsync(
        PartialFile file, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            await file.Stream.WriteAsync(bytes, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw CacheFolder.NotWritable(file.Path, exception);
        }
    }

    private static void RequireContinuation(HttpResponseMessage response, long size, PartialFile file)
    {
        ContentRangeHeaderValue? range = response.Content.Headers.ContentRange;
        long wanted = file.Stream.Length;
        if (range is not { Unit: "bytes" } || range.From != wanted || (range.Length ?? size) != size)
        {
            file.Restart(null);
            throw new HttpProtocolMismatchException(
                $"asked for the bytes from {wanted} on, the server sends '{range}'");
        }
    }

    // only a strong validator may continue a file (RFC 9110, section 13.1.5)
    private static string? ValidatorOf(HttpResponseMessage response) =>
        response.Headers.ETag is { IsWeak: false } tag ? tag.Tag : response.Content.Headers.LastModified?.ToString("r");

    private static bool IsFailure(Exception exception, CancellationToken cancellationToken) =>
        exception is HttpRequestException or HttpProtocolMismatchException or SocketException or IOException
        || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    /// <summary>Whether asking again may help.</summary>
    private static bool IsTransient(Exception exception) => exception switch
    {
        HttpRequestException { StatusCode: { } status } =>
            (int)status >= 500 || status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout,
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => false,
        _ => true,
    };

    private string Reason(Exception exception) => exception switch
    {
        OperationCanceledException => $"nothing came for {options.StallTimeout.TotalSeconds:0.#} s",
        _ => exception.Message,
    };
}
