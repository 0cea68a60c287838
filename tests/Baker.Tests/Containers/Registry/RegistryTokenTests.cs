using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Images.Baker.Caching;
using Images.Baker.Containers;
using Images.Baker.Containers.Registry;
using Images.Baker.Fetching;
using Images.Baker.Plan;
using Images.TestSupport;

namespace Images.Baker.Tests.Containers.Registry;

/// <summary>Debian's docker-registry with token authentication: it believes tokens that this test's own server signs.</summary>
public sealed class RegistryTokenTests : IDisposable
{
    private const string Issuer = "test issuer", Service = "test \"registry\", the first";

    private readonly TemporaryFolder _folder = new();
    private readonly SampleContainers _samples = new();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _certificate;
    private readonly LocalServer _tokens;
    private readonly DockerRegistry _registry;
    private readonly RegistryClient _client = new(new DownloadOptions { FirstBackOff = TimeSpan.FromMilliseconds(10), Attempts = 2 });
    private string[] _actions = ["pull", "push"];

    public RegistryTokenTests()
    {
        CertificateRequest request = new("CN=tokens", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
        File.WriteAllText(_folder["tokens.crt"], _certificate.ExportCertificatePem());
        _tokens = new LocalServer(GiveToken);
        _registry = new DockerRegistry(_folder.FullPath, $"""
            auth:
              token:
                realm: "http://{_tokens.Host}/token"
                service: '{Service}'
                issuer: {Issuer}
                rootcertbundle: {_folder["tokens.crt"]}
            """);
    }

    public void Dispose()
    {
        _client.Dispose();
        _registry.Dispose();
        _tokens.Dispose();
        _certificate.Dispose();
        _key.Dispose();
        _samples.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task An_image_that_anyone_may_pull_is_pulled_with_one_token()
    {
        string archive = _samples.Make("app", "hello");
        Judge.Run("skopeo", "--insecure-policy", "copy", "--dest-tls-verify=false", "--dest-registry-token", Sign("team/app"), $"oci-archive:{archive}", $"docker://{_registry.Host}/team/app:1");
        ImagePlan plan = SamplePlan.Pulling("example.com/app:1", $"{_registry.Host}/team/app:1");
        ContainerSources sources = new(_client, new ContentCache(_folder["cache"], TimeProvider.System), new DownloadOptions());
        _tokens.Requests.Clear();

        var pinned = await sources.LockAsync(plan, _ => { }, CancellationToken.None);
        await sources.FetchAsync(plan, pinned, _ => { }, _ => { }, CancellationToken.None);

        pinned.Single().Digest.ToString().ShouldBe(SampleContainers.DigestOf(archive));
        sources.Open(plan.ContainerImages[0], pinned[0], "amd64").Blobs.Count.ShouldBe(3);
        _tokens.Requests.ShouldBe([$"/token?service={Uri.EscapeDataString(Service)}&scope={Uri.EscapeDataString("repository:team/app:pull")}"]);
    }

    [Fact]
    public async Task An_image_that_wants_a_login_is_refused_as_such()
    {
        _actions = [];

        BakeException refusal = await Should.ThrowAsync<BakeException>(() =>
            _client.GetManifestAsync(ContainerReference.TryParse($"{_registry.Host}/team/app:1")!, "1", CancellationToken.None));

        refusal.Code.ShouldBe("BAKE0621");
        refusal.Message.ShouldContain("login");
    }

    private void GiveToken(HttpListenerRequest request, HttpListenerResponse response)
    {
        request.QueryString["service"].ShouldBe(Service);
        string repository = request.QueryString["scope"]!.Split(':')[1];
        response.OutputStream.Write(Encoding.UTF8.GetBytes($$"""{"token":"{{Sign(repository)}}","expires_in":300}"""));
    }

    /// <summary>A JSON web token as the registry's token specification has it, signed by the key that the registry knows.</summary>
    private string Sign(string repository)
    {
        long now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        string header = Encode($$"""{"typ":"JWT","alg":"ES256","x5c":["{{Convert.ToBase64String(_certificate.RawData)}}"]}""");
        string claims = Encode($$"""
            {"iss":"{{Issuer}}","sub":"","aud":{{JsonSerializer.Serialize(Service)}},"exp":{{now + 300}},"nbf":{{now - 60}},"iat":{{now}},"jti":"1",
            "access":[{"type":"repository","name":"{{repository}}","actions":{{JsonSerializer.Serialize(_actions)}}}]}
            """);
        byte[] signature = _key.SignData(Encoding.ASCII.GetBytes($"{header}.{claims}"), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return $"{header}.{claims}.{System.Buffers.Text.Base64Url.EncodeToString(signature)}";
    }

    private static string Encode(string json) => System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
