using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Images.Bootstrapper.Kubernetes;
using Images.Bootstrapper.Kubernetes.Joining;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Tests.Kubernetes.Api;
using Images.Bootstrapper.Tests.Kubernetes.Approval;

namespace Images.Bootstrapper.Tests.Kubernetes.Joining;

public sealed class KubeletRenewalTests : IDisposable
{
    private const string Serving = "/var/lib/kubelet/pki/kubelet-server-current.pem";
    private const string Requests = "/apis/certificates.k8s.io/v1/certificatesigningrequests";

    private static readonly DateTimeOffset _begin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly FakeMachine _node = new();
    private readonly FakeWatchApi _api = new();
    private readonly FixedResolver _dns = new("10.0.0.1");
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private DateTimeOffset _now = _begin.AddDays(16);

    public KubeletRenewalTests()
    {
        _node.Put(KubernetesNode.KubeletCertificate, Certificate());
        _node.Put(Serving, Certificate());
    }

    public void Dispose()
    {
        _key.Dispose();
        _api.Dispose();
        _node.Dispose();
    }

    [Theory]
    [InlineData(14, 0)]
    [InlineData(16, 2)]
    public async Task From_half_of_their_life_on_a_machine_that_DNS_does_not_name_says_so_and_what_to_do(int days, int lines)
    {
        _dns.Set("10.0.0.2");
        _now = _begin.AddDays(days);
        IReadOnlyList<string> said = await LinesAsync();
        said.Count.ShouldBe(lines);
        if (lines > 0)
        {
            const string Reason = "certificate ends on 2026-01-31 00:00 UTC, in 14 days, and is not renewed: DNS does not name 10.0.0.1 as a worker (workers.demo.k8s. 10.0.0.2); "
                + "add it there, or shut the machine down if it was taken out on purpose";
            said.ShouldBe(["kubelet.service: its client " + Reason, "kubelet.service: its serving " + Reason]);
        }
    }

    [Fact]
    public async Task Nothing_is_said_while_the_kubelet_may_still_ask_nor_of_a_DNS_that_fails()
    {
        (await LinesAsync()).ShouldBeEmpty();
        _dns.Set();
        (await LinesAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_request_that_the_masters_leave_alone_is_named_and_an_API_that_refuses()
    {
        JsonObject old = CsrSample.Client("w1", _key), another = CsrSample.Client("w2", _key);
        Put(another, "w2", _now.AddHours(-1));
        Put(old, "w1", _now.AddSeconds(-30));
        (await LinesAsync()).ShouldBeEmpty("masters look every ten seconds");
        Put(old, "w1", _now.AddMinutes(-5));
        (await LinesAsync())[0].ShouldEndWith($"the masters leave its request {(string)old["metadata"]!["name"]!} alone; 'bootstrapper why' on a master says the reason");

        _api.Answer = (_, _) => (401, """{"kind":"Status","message":"Unauthorized"}""");
        (await LinesAsync())[1].ShouldEndWith("is not renewed: the API cannot be asked: Unauthorized");
    }

    [Fact]
    public async Task A_kubelet_that_has_not_asked_when_it_must_have_is_said_in_its_last_days()
    {
        _now = _begin.AddDays(28);
        (await LinesAsync())[0].ShouldEndWith("in 2 days, and is not renewed: it has not asked for the next one; 'systemctl restart kubelet.service' makes it");
    }

    private void Put(JsonObject request, string node, DateTimeOffset created)
    {
        request["metadata"]!["creationTimestamp"] = created.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        _api.Put(Requests, request.AskedBy($"system:node:{node}", "system:nodes"));
    }

    private Task<IReadOnlyList<string>> LinesAsync() => new KubeletRenewal(
        _node.Root, "w1", "10.0.0.1", [TestPeers.Watch("workers.demo.k8s.", _dns, _node.Time)], _api.Connect, () => _now, new Narrator(_ => { }), _node.Time)
        .LinesAsync(TestContext.Current.CancellationToken);

    /// <summary>Thirty days, as the file of a kubelet: the key follows.</summary>
    private string Certificate()
    {
        CertificateRequest request = new("O=system:nodes, CN=system:node:w1", _key, HashAlgorithmName.SHA256);
        using X509Certificate2 made = request.CreateSelfSigned(_begin, _begin.AddDays(30));
        return made.ExportCertificatePem() + "\n" + _key.ExportECPrivateKeyPem() + "\n";
    }
}
