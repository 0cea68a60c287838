using System.Net;
using System.Net.Http.Headers;
using Images.Baker.Caching;
using Images.Baker.Containers.Oci;
using Images.Baker.Fetching;
using Images.Baker.Plan;

namespace Images.Baker.Containers.Registry;

/// <summary>Pulls from registries (OCI distribution specification 1.1), without any login.</summary>
internal sealed class RegistryClient : IDisposable
{
    private readonly HttpClient _client;
    private readonly DownloadOptions _options;

    public RegistryClient(DownloadOptions options)
    {
        _options = options;
        SocketsHttpHandler sockets = new()
        {
            ConnectTimeout = TimeSpan.FromSeconds(15),
            AutomaticDecompression = DecompressionMethods.None,
            AllowAutoRedirect = false,
        };
        _client = new HttpClient(new RegistryHandler(sockets)) { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("images-baker");
    }

    /// <summary>The bytes of a manifest or index, as the registry has them.</summary>
    /// <param name="image">Host and repository.</param>
    /// <param name="tagOrDigest">Which one.</param>
    /// <exception cref="BakeException">The registry has none, or does not deliver.</exception>
    public async Task<byte[]> GetManifestAsync(
        ContainerReference image, string tagOrDigest, CancellationToken cancellationToken)
    {
        Uri address = RegistryAddress.OfManifest(image, tagOrDigest);
        TimeSpan pause = _options.FirstBackOff;
        for (int attempt = 1; ; attempt++, pause *= 2)
        {
            try
            {
                return await TryGetAsync(address, cancellationToken);
            }
            catch (Exception e) when (IsFailure(e, cancellationToken))
            {
                if (attempt >= _options.Attempts || IsFinal(e))
                {
                    throw Explain(image, address, e);
                }
            }

            await Task.Delay(pause, cancellationToken);
        }
    }

    /// <summary>
    /// Brings a configuration or a layer into a partial file, going on where an earlier attempt broke off.
    /// </summary>
    /// <exception cref="BakeException">The registry has none, or does not deliver.</exception>
    public async Task DownloadBlobAsync(
        ContainerReference image, OciDescriptor blob, PartialFile file, Action<long> position,
        CancellationToken cancellationToken)
    {
        Uri address = RegistryAddress.OfBlob(image, blob.Digest);
        try
        {
            if (!await new HttpDownload(_client, _options).RunAsync(
                address, authorization: null, blob.Size, file, position, cancellationToken))
            {
                throw Explain(image, address, new HttpRequestException(
                    "the registry has no such content", null, HttpStatusCode.NotFound));
            }
        }
        catch (DownloadException e)
        {
            throw Explain(
                image, address, e.InnerException is HttpRequestException { StatusCode: not null } answer ? answer : e);
        }
        catch (HttpRequestException e)
        {
            throw Explain(image, address, e);
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<byte[]> TryGetAsync(Uri address, CancellationToken cancellationToken)
    {
        using CancellationTokenSource stall = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        stall.CancelAfter(_options.StallTimeout);
        using HttpRequestMessage request = new(HttpMethod.Get, address);
        foreach (string type in OciMediaTypes.Documents)
        {
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(type));
        }

        using HttpResponseMessage response = await _client.SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, stall.Token);
        response.EnsureSuccessStatusCode();
        using Stream body = await response.Content.ReadAsStreamAsync(stall.Token);
        byte[] bytes = new byte[OciDocumentReader.MaximumSize + 1];
        int length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, stall.Token);
        return length <= OciDocumentReader.MaximumSize
            ? bytes[..length]
            : throw new HttpProtocolMismatchException($"it is larger than {OciDocumentReader.MaximumSize >> 20} MiB");
    }

    private static BakeException Explain(ContainerReference image, Uri address, Exception exception) => exception switch
    {
        HttpRequestException { StatusCode: HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden } =>
            new BakeException(
                "BAKE0621", image.ToString(), $"The registry wants a login for {address}.",
                "Only images that anyone may pull can be carried; put others into an archive.", BakeFault.Source,
                exception),
        HttpRequestException { StatusCode: HttpStatusCode.NotFound } => new BakeException(
            "BAKE0622", image.ToString(), $"The registry does not have {address}.",
            "Correct 'pull' in image.yaml, or run 'baker lock' if the image was replaced.", BakeFault.Source,
            exception),
        _ => new BakeException(
            "BAKE0623", image.ToString(),
            "The registry does not deliver: "
                + $"{(exception is OperationCanceledException ? "no answer in time" : exception.Message)}.",
            "Check the network and the registry's name.", BakeFault.Source, exception),
    };

    private static bool IsFailure(Exception exception, CancellationToken cancellationToken) =>
        exception is HttpRequestException or IOException or HttpProtocolMismatchException
        || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private static bool IsFinal(Exception exception) =>
        exception is HttpProtocolMismatchException
            or HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError }
        || (exception is HttpRequestException { StatusCode: { } status }
            && status is >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError
                and not HttpStatusCode.TooManyRequests and not HttpStatusCode.RequestTimeout);
}
