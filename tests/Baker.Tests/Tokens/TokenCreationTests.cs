using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Images.Baker.Kubeconfigs;
using Images.Baker.Seeds;
using Images.Baker.Tokens;
using Images.NodeConfig;
using Images.NodeConfig.Kubernetes;
using Images.NodeConfig.Metadata;
using Images.TestSupport;

namespace Images.Baker.Tests.Tokens;

/// <summary>A token made over the API's wire; that a real API server takes it is judged where a whole cluster runs.</summary>
public sealed class TokenCreationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(1));

    public TokenCreationTests()
    {
        SeedWriter.Write(new SeedOrder { Cluster = "demo", Role = "master", OutputFolder = _folder["seeds"] }, TimeProvider.System);
        _listener.Start();
        KubeconfigWriter.Write(
            new KubeconfigOrder { Cluster = "demo", SeedFolder = _folder["seeds"], Server = $"https://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}", OutputFile = _folder["admin.conf"] },
            TimeProvider.System);
    }

    public void Dispose()
    {
        _limit.Cancel();
        _listener.Dispose();
        _limit.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_API_gets_a_Secret_that_no_masters_boot_removes_and_the_next_seeds_carry_the_token()
    {
        Task<string> server = ServeAsync(201, "{}");
        BootstrapToken token = await CreateAsync(Order() with { Secrets = _folder["seeds"], Cluster = "demo" });
        string[] request = (await server).Split("\r\n\r\n");
        request[0].ShouldStartWith("POST /api/v1/namespaces/kube-system/secrets HTTP/1.1");
        using JsonDocument body = JsonDocument.Parse(request[1]);
        body.RootElement.GetProperty("type").GetString().ShouldBe("bootstrap.kubernetes.io/token");
        JsonElement metadata = body.RootElement.GetProperty("metadata");
        metadata.GetProperty("name").GetString().ShouldBe($"bootstrap-token-{token.Id}");
        metadata.TryGetProperty("labels", out _).ShouldBeFalse("masters remove what bears their label and is not in their metadata");
        JsonElement data = body.RootElement.GetProperty("stringData");
        data.GetProperty("token-secret").GetString().ShouldBe(token.Secret.Reveal());
        data.GetProperty("auth-extra-groups").GetString().ShouldBe("system:bootstrappers:worker");
        data.GetProperty("expiration").GetString().ShouldBe(token.ExpiresText);

        SeedWriter.Write(new SeedOrder { Cluster = "demo", Role = "worker", OutputFolder = _folder["seeds"] }, TimeProvider.System);
        CloudConfig.Parse(File.ReadAllText(_folder["seeds/worker/user-data"]), "user-data", RolesOfProduct.Named("worker")).Node.Kubernetes.Token!.Text.Reveal().ShouldBe(token.Text.Reveal());
    }

    [Fact]
    public async Task A_token_of_lbs_goes_into_the_next_seeds_of_lbs_and_workers_keep_theirs()
    {
        string workers = File.ReadAllText(_folder["seeds/secrets/worker.token"]);
        Task<string> server = ServeAsync(201, "{}");
        BootstrapToken token = await CreateAsync(Order() with { Role = "lb", Secrets = _folder["seeds"], Cluster = "demo" });
        (await server).ShouldContain("system:bootstrappers:lb");

        SeedWriter.Write(new SeedOrder { Cluster = "demo", Role = "lb", OutputFolder = _folder["seeds"] }, TimeProvider.System);
        CloudConfig.Parse(File.ReadAllText(_folder["seeds/lb/user-data"]), "user-data", RolesOfProduct.Named("lb")).Node.Kubernetes.Token!.Text.Reveal().ShouldBe(token.Text.Reveal());
        File.ReadAllText(_folder["seeds/secrets/worker.token"]).ShouldBe(workers);
        (await Should.ThrowAsync<BakeException>(CreateAsync(Order() with { Role = "master" }))).Message.ShouldContain("--role  'master' joins by no token");
    }

    [Fact]
    public async Task A_refusal_is_said_in_the_servers_words_and_nothing_is_kept()
    {
        string before = File.ReadAllText(_folder["seeds/secrets/worker.token"]);
        Task<string> server = ServeAsync(403, """{"kind":"Status","message":"secrets is forbidden"}""");
        BakeException refused = await Should.ThrowAsync<BakeException>(CreateAsync(Order() with { Secrets = _folder["seeds"], Cluster = "demo" }));
        (refused.Code, refused.Fault).ShouldBe(("BAKE0834", BakeFault.Source));
        refused.Problem.ShouldBe("does not take the token: secrets is forbidden.");
        await server;
        File.ReadAllText(_folder["seeds/secrets/worker.token"]).ShouldBe(before);
    }

    [Fact]
    public async Task A_server_of_another_authority_and_one_that_is_away_are_named()
    {
        CertificateAuthorityOf("other");
        Task<string> server = ServeAsync(201, "{}", "other");
        (await Should.ThrowAsync<BakeException>(CreateAsync(Order()))).Code.ShouldBe("BAKE0833");
        await Task.WhenAny(server);
        server.IsFaulted.ShouldBeTrue("nobody spoke to it");
        _listener.Stop();
        (await Should.ThrowAsync<BakeException>(CreateAsync(Order()))).Code.ShouldBe("BAKE0833");
    }

    [Theory]
    [InlineData("1y", null, null, "BAKE0832")]
    [InlineData("0h", null, null, "BAKE0832")]
    [InlineData("24h", "seeds", null, "BAKE0832")]
    [InlineData("24h", null, "demo", "BAKE0832")]
    [InlineData("24h", "nowhere", "demo", "BAKE0808")]
    public async Task A_wrong_order_makes_no_token(string ttl, string? secrets, string? cluster, string code) =>
        (await Should.ThrowAsync<BakeException>(CreateAsync(Order() with { TimeToLive = ttl, Secrets = secrets is null ? null : _folder[secrets], Cluster = cluster })))
            .Code.ShouldBe(code);

    [Theory]
    [InlineData("    client-certificate-data: .*\n", "", "The user has neither a client certificate with its key nor a token.")]
    [InlineData("    certificate-authority-data: .*\n", "", "There is no 'certificate-authority-data' beside it.")]
    [InlineData("    client-key-data: .*", "    exec: { command: aws }", "'exec' is not supported here.")]
    [InlineData("current-context: .*", "current-context: other", "There is no 'other' under 'contexts'.")]
    [InlineData("(?s).*", "a: [", "")]
    public async Task A_kubeconfig_that_says_something_else_is_refused_with_the_place(string from, string to, string problem)
    {
        string text = File.ReadAllText(_folder["admin.conf"]);
        File.WriteAllText(_folder["admin.conf"], System.Text.RegularExpressions.Regex.Replace(text, from, to));
        ConfigurationException refused = await Should.ThrowAsync<ConfigurationException>(CreateAsync(Order()));
        refused.Problem.ShouldContain(problem);
        refused.Message.ShouldContain("admin.conf:");
    }

    [Fact]
    public async Task A_kubeconfig_with_a_token_and_files_beside_it_is_read_too()
    {
        File.Copy(_folder["seeds/secrets/kubernetes.crt"], _folder["ca.crt"]);
        File.WriteAllText(_folder["admin.conf"], System.Text.RegularExpressions.Regex.Replace(
            System.Text.RegularExpressions.Regex.Replace(File.ReadAllText(_folder["admin.conf"]), "certificate-authority-data: .*", "certificate-authority: ca.crt"),
            "(?m)^    client-certificate-data: .*\n    client-key-data: .*$", "    token: sesame"));
        Task<string> server = ServeAsync(201, "{}");
        (await CreateAsync(Order() with { TimeToLive = TokenCreation.Never })).Expires.ShouldBeNull();
        string request = await server;
        request.ShouldContain("Authorization: Bearer sesame");
        request.ShouldNotContain("expiration");
    }

    private TokenOrder Order() => new() { Kubeconfig = _folder["admin.conf"] };

    private Task<BootstrapToken> CreateAsync(TokenOrder order) => TokenCreation.CreateAsync(order, TimeProvider.System, _limit.Token);

    private void CertificateAuthorityOf(string name)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
        using X509Certificate2 made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
        File.WriteAllText(_folder[$"seeds/secrets/{name}.crt"], made.ExportCertificatePem());
        File.WriteAllText(_folder[$"seeds/secrets/{name}.key"], key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>One request, as an API server with a certificate of an authority takes it.</summary>
    private async Task<string> ServeAsync(int status, string answer, string authority = "kubernetes")
    {
        using X509Certificate2 signer = X509Certificate2.CreateFromPemFile(_folder[$"seeds/secrets/{authority}.crt"], _folder[$"seeds/secrets/{authority}.key"]);
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=kube-apiserver", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 made = request.Create(signer, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddMinutes(30), [1, 2, 3]);
        using X509Certificate2 shown = made.CopyWithPrivateKey(key);

        using TcpClient client = await _listener.AcceptTcpClientAsync(_limit.Token);
        await using SslStream tls = new(client.GetStream());
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = shown }, _limit.Token);
        StringBuilder said = new();
        byte[] buffer = new byte[64 << 10];
        while (!IsWhole(said.ToString()))
        {
            int count = await tls.ReadAsync(buffer, _limit.Token);
            if (count == 0)
            {
                throw new EndOfStreamException();
            }

            said.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }

        await tls.WriteAsync(Encoding.UTF8.GetBytes($"HTTP/1.1 {status} x\r\nContent-Type: application/json\r\nContent-Length: {answer.Length}\r\nConnection: close\r\n\r\n{answer}"), _limit.Token);
        return said.ToString();
    }

    private static bool IsWhole(string request)
    {
        string[] parts = request.Split("\r\n\r\n", 2);
        const string Length = "Content-Length: ";
        int at = parts[0].IndexOf(Length, StringComparison.Ordinal);
        return parts.Length == 2 && at >= 0
            && parts[1].Length >= int.Parse(parts[0][(at + Length.Length)..].Split('\r')[0], System.Globalization.CultureInfo.InvariantCulture);
    }
}
