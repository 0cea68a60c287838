using System.Net;
using Images.Baker.Fetching;
using Images.Formats;

namespace Images.Baker.Kubernetes;

/// <summary>The server of upstream's releases, or one that has the same files at the same paths.</summary>
internal sealed class UpstreamServer(Mirror mirror, HttpClient client, SmallDownload small)
{
    public const string DefaultAddress = "https://dl.k8s.io/";

    /// <summary>Long enough for a slow name server, short enough to wait for where there is no network.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    /// <summary>For who has something else at hand.</summary>
    public static readonly TimeSpan LittlePatience = TimeSpan.FromSeconds(2);

    public Mirror Mirror => mirror;

    public Uri AddressOf(string path) => mirror.AddressOf(path);

    /// <exception cref="BakeException">The option is no http address.</exception>
    public static Mirror MirrorOf(string? option) =>
        Uri.TryCreate(option ?? DefaultAddress, UriKind.Absolute, out Uri? address)
            && address.Scheme is "http" or "https"
            ? new Mirror(address)
            : throw new BakeException(
                "BAKE0341", "--kubernetes-mirror", "This is not an http or https address.",
                $"Write for example --kubernetes-mirror {DefaultAddress}.");

    /// <summary>The SHA-512 that upstream publishes beside a file.</summary>
    /// <exception cref="BakeException">It cannot be had, or is no digest.</exception>
    public async Task<Digest> ReadDigestAsync(string path, CancellationToken cancellationToken)
    {
        string address = mirror.AddressOf(path + ".sha512").ToString();
        byte[] bytes = await small.GetAsync(mirror, path + ".sha512", cancellationToken);
        string text = System.Text.Encoding.ASCII.GetString(bytes).Trim();
        return Digest.TryParse(text) is { Algorithm: "sha512" } digest
            ? digest
            : throw new BakeException(
                "BAKE0360", address, "It does not hold a SHA-512.",
                "Write 'sha512' into image.yaml, or use another server (--kubernetes-mirror).", BakeFault.Source);
    }

    /// <summary>Asks how large a file is, and so whether it can be had at all.</summary>
    public async Task<UpstreamAnswer> AskAsync(string path, TimeSpan patience, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        using HttpRequestMessage request = new(HttpMethod.Head, mirror.AddressOf(path));
        request.Headers.Authorization = mirror.Authorization;
        try
        {
            using HttpResponseMessage response = await client.SendAsync(
                request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            return response switch
            {
                { StatusCode: HttpStatusCode.OK, Content.Headers.ContentLength: > 0 and { } size } =>
                    new UpstreamAnswer(size, null),
                { StatusCode: HttpStatusCode.OK } =>
                    new UpstreamAnswer(null, "the server does not say how large the file is"),
                _ => new UpstreamAnswer(null, $"the server answered {(int)response.StatusCode}"),
            };
        }
        catch (HttpRequestException exception)
        {
            return new UpstreamAnswer(null, exception.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new UpstreamAnswer(null, $"no answer within {patience.TotalSeconds:0} s");
        }
    }
}
