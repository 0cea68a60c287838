using System.Net;
using System.Text;
using Images.Baker.Caching;
using Images.Baker.Containers.Oci;
using Images.Baker.Containers.Registry;
using Images.Baker.Fetching;
using Images.Baker.Plan;
using Images.Formats;
using Images.TestSupport;

namespace Images.Baker.Tests.Containers.Registry;

/// <summary>Registries that send us on, break off, or want what they should not have.</summary>
public sealed class RegistryMisbehaviourTests : IDisposable
{
    private static readonly byte[] _blob = Encoding.UTF8.GetBytes(new string('b', 300_000));

    private readonly TemporaryFolder _folder = new();
    private readonly RegistryClient _client = new(new DownloadOptions { FirstBackOff = TimeSpan.FromMilliseconds(5), Attempts = 3, StallTimeout = TimeSpan.FromSeconds(5) });

    public void Dispose()
    {
        _client.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_blob_is_had_from_where_the_registry_sends_us_and_the_token_stays_behind()
    {
        using LocalServer store = new((_, response) => response.OutputStream.Write(_blob));
        using LocalServer registry = new((request, response) =>
        {
            if (request.Url!.AbsolutePath == "/token")
            {
                Answer(response, 200, """{"access_token":"secret-token"}""");
            }
            else if (request.Headers["Authorization"] is null)
            {
                response.StatusCode = 401;
                response.Headers["WWW-Authenticate"] = $"Bearer realm=\"http://{request.UserHostName}/token\",service=s";
            }
            else
            {
                response.StatusCode = 307;
                response.RedirectLocation = $"http://{store.Host}/signed?signature=abc";
            }
        });

        (await PullAsync(registry.Host)).ShouldBe(_blob);

        store.Requests.ShouldBe(["/signed?signature=abc"]);
        registry.Requests.Last().ShouldEndWith(" Bearer secret-token");
        registry.Requests.ShouldContain("/token?service=s&scope=repository%3Ateam%2Fapp%3Apull");
    }

    [Fact]
    public async Task A_download_that_breaks_off_goes_on_where_it_stopped()
    {
        int asked = 0;
        using LocalServer registry = new((request, response) =>
        {
            response.Headers["ETag"] = "\"1\"";
            if (Interlocked.Increment(ref asked) == 1)
            {
                response.ContentLength64 = _blob.Length;
                response.OutputStream.Write(_blob, 0, 100_000);
                response.OutputStream.Flush();
                Thread.Sleep(200);
                response.Abort();
                return;
            }

            int from = int.Parse(request.Headers["Range"]!["bytes=".Length..].TrimEnd('-'), System.Globalization.CultureInfo.InvariantCulture);
            response.StatusCode = 206;
            response.Headers["Content-Range"] = $"bytes {from}-{_blob.Length - 1}/{_blob.Length}";
            response.OutputStream.Write(_blob, from, _blob.Length - from);
        });

        (await PullAsync(registry.Host)).ShouldBe(_blob);
        asked.ShouldBe(2);
    }

    [Theory]
    [InlineData("http://example.com/blob", "http://example.com")]
    [InlineData("ftp://127.0.0.1/blob", "ftp://127.0.0.1")]
    [InlineData("/again", "more than 5 times")]
    [InlineData("//[/again", "an address that is none")]
    public async Task A_way_on_that_is_not_safe_or_has_no_end_is_not_gone(string location, string named)
    {
        using LocalServer registry = new((_, response) =>
        {
            response.StatusCode = 302;
            response.RedirectLocation = location;
        });

        BakeException refusal = await Should.ThrowAsync<BakeException>(() => PullAsync(registry.Host));

        refusal.Code.ShouldBe("BAKE0625");
        refusal.Message.ShouldContain(named);
    }

    [Theory]
    [InlineData("""{"token":""}""")]
    [InlineData("""{"token":"two words"}""")]
    [InlineData("""{"nothing":1}""")]
    [InlineData("""{"token":1}""")]
    [InlineData("no json")]
    public async Task A_token_server_that_sends_no_token_is_named(string answer)
    {
        using LocalServer registry = new((request, response) =>
        {
            if (request.Url!.AbsolutePath == "/token")
            {
                Answer(response, 200, answer);
                return;
            }

            response.StatusCode = 401;
            response.Headers["WWW-Authenticate"] = $"Bearer realm=\"http://{request.UserHostName}/token\"";
        });

        (await Should.ThrowAsync<BakeException>(() => PullAsync(registry.Host))).Code.ShouldBe("BAKE0621");
    }

    [Fact]
    public async Task A_token_is_not_fetched_without_https_from_another_machine()
    {
        using LocalServer registry = new((_, response) =>
        {
            response.StatusCode = 401;
            response.Headers["WWW-Authenticate"] = "Bearer realm=\"http://example.com/token\"";
        });

        (await Should.ThrowAsync<BakeException>(() => PullAsync(registry.Host))).Message.ShouldContain("http://example.com");
    }

    [Fact]
    public async Task A_password_is_never_asked_for_and_the_refusal_says_so()
    {
        using LocalServer registry = new((_, response) =>
        {
            response.StatusCode = 401;
            response.Headers["WWW-Authenticate"] = "Basic realm=\"x\"";
        });

        (await Should.ThrowAsync<BakeException>(() => PullAsync(registry.Host))).Code.ShouldBe("BAKE0621");
        (await Should.ThrowAsync<BakeException>(() => ManifestAsync(registry.Host))).Code.ShouldBe("BAKE0621");
    }

    [Fact]
    public async Task A_registry_that_is_busy_is_asked_again()
    {
        int asked = 0;
        using LocalServer registry = new((_, response) => Answer(response, Interlocked.Increment(ref asked) < 3 ? 503 : 200, "{}"));

        (await ManifestAsync(registry.Host)).ShouldBe("{}"u8.ToArray());
        asked.ShouldBe(3);
    }

    [Fact]
    public async Task Documents_and_blobs_larger_than_they_may_be_are_not_read_to_their_end()
    {
        using LocalServer registry = new((_, response) => response.OutputStream.Write(new byte[(4 << 20) + 2]));

        (await Should.ThrowAsync<BakeException>(() => ManifestAsync(registry.Host))).Message.ShouldContain("larger than 4 MiB");
        (await Should.ThrowAsync<BakeException>(() => PullAsync(registry.Host))).Message.ShouldContain("more than the 300000 bytes");
    }

    [Theory]
    [InlineData("127.0.0.1:5000", "http")]
    [InlineData("localhost:5000", "http")]
    [InlineData("[::1]:5000", "http")]
    [InlineData("registry.k8s.io", "https")]
    [InlineData("192.168.1.1:5000", "https")]
    [InlineData("localhost.example.com", "https")]
    public void Plain_http_is_for_this_machine_only(string host, string scheme)
    {
        ContainerReference image = ContainerReference.TryParse($"{host}/team/app:1").ShouldNotBeNull();

        Uri address = RegistryAddress.OfManifest(image, "1");

        address.Scheme.ShouldBe(scheme);
        address.AbsoluteUri.ShouldBe($"{scheme}://{host}/v2/team/app/manifests/1");
        RegistryAddress.RepositoryOf(address).ShouldBe("team/app");
    }

    private async Task<byte[]> PullAsync(string host)
    {
        ContentCache cache = new(_folder["cache"], TimeProvider.System);
        Digest digest = Digest.Sha256(_blob);
        OciDescriptor blob = new() { MediaType = OciMediaTypes.PlainLayer, Digest = digest, Size = _blob.Length };
        await cache.AddAsync(
            digest,
            _blob.Length,
            "blob",
            async file =>
            {
                await _client.DownloadBlobAsync(ContainerReference.TryParse($"{host}/team/app:1")!, blob, file, _ => { }, CancellationToken.None);
                return true;
            },
            _ => { },
            CancellationToken.None);
        return await File.ReadAllBytesAsync(cache.PathOf(digest));
    }

    private Task<byte[]> ManifestAsync(string host) => _client.GetManifestAsync(ContainerReference.TryParse($"{host}/team/app:1")!, "1", CancellationToken.None);

    private static void Answer(HttpListenerResponse response, int status, string body)
    {
        response.StatusCode = status;
        response.OutputStream.Write(Encoding.UTF8.GetBytes(body));
    }
}
