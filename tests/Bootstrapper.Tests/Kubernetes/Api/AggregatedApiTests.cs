using System.Text;
using System.Text.Json.Nodes;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Tests.Prepare;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Kubernetes.Api;

/// <summary>An API that another program serves behind a real API server's address, which comes to it with the front proxy's certificate.</summary>
[Collection("etcd")]
[Trait("Category", "Full")] // needs the programs of a bake with kubernetes.source debian
public sealed class AggregatedApiTests : IDisposable
{
    private const string Group = "tests.images.local";
    private const string ApiPath = $"/apis/{Group}/v1";

    /// <summary>By name: with the role's own setting it would ask Endpoints, which cannot be on the loopback.</summary>
    private readonly TestApiServer _server = new(("--enable-aggregator-routing=true", "--enable-aggregator-routing=false"));
    private readonly AuthorityPem _authority = AuthorityPem.Create("extension");
    private readonly TlsServer _extension;
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(2));

    public AggregatedApiTests() => _extension = new TlsServer(_authority, "200 OK", staysOpen: true, name: "extension.default.svc")
    {
        Body = $$"""{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"{{Group}}/v1","resources":[]}""",
    };

    public void Dispose()
    {
        _extension.Dispose();
        _limit.Dispose();
        _server.Dispose();
    }

    [Fact]
    public async Task The_front_proxy_shows_its_certificate_and_says_who_asks()
    {
        await _server.StartAsync();
        using KubernetesClient administrator = _server.Administrator.Connect(), asker = _server.As("olga", "system:masters");
        await administrator.CreateAsync("/api/v1/namespaces/default/services", Service(), _limit.Token);
        await administrator.CreateAsync("/apis/apiregistration.k8s.io/v1/apiservices", ApiService(), _limit.Token);

        KubernetesObject answer = await AskAsync(asker);

        answer.Text("groupVersion").ShouldBe($"{Group}/v1", "the other program's answer");
        _extension.Visitor.ShouldBe("front-proxy-client");
        _extension.VisitorsAuthority.ShouldBe("demo front-proxy");
        string question = _extension.Questions.First(asked => asked.Contains("\r\nX-Remote-User: olga\r\n", StringComparison.OrdinalIgnoreCase)); // the API server asks for itself, too
        question.ShouldStartWith($"GET {ApiPath} ");
        question.ShouldContain("\r\nX-Remote-Group: system:masters\r\n", Case.Insensitive);
    }

    private async Task<KubernetesObject> AskAsync(KubernetesClient asker)
    {
        while (true)
        {
            try
            {
                return await asker.GetAsync(ApiPath, CancellationToken.None);
            }
            catch (KubernetesApiException e) // 404 and 503 until the API server has looked at the other one
            {
                _limit.IsCancellationRequested.ShouldBeFalse($"{e.Message}; {_extension.Handshakes} visits, asked {string.Join('|', _extension.Questions)}\n{_server}");
                await Task.Delay(500);
            }
        }
    }

    /// <summary>On this host, whose network has no Services.</summary>
    private JsonObject Service() => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Service",
        ["metadata"] = new JsonObject { ["name"] = "extension" },
        ["spec"] = new JsonObject { ["type"] = "ExternalName", ["externalName"] = "localhost", ["ports"] = new JsonArray(new JsonObject { ["port"] = _extension.Url.Port }) },
    };

    private JsonObject ApiService() => new()
    {
        ["apiVersion"] = "apiregistration.k8s.io/v1",
        ["kind"] = "APIService",
        ["metadata"] = new JsonObject { ["name"] = $"v1.{Group}" },
        ["spec"] = new JsonObject
        {
            ["group"] = Group,
            ["version"] = "v1",
            ["groupPriorityMinimum"] = 1000,
            ["versionPriority"] = 10,
            ["service"] = new JsonObject { ["name"] = "extension", ["namespace"] = "default", ["port"] = _extension.Url.Port },
            ["caBundle"] = Convert.ToBase64String(Encoding.ASCII.GetBytes(_authority.Certificate)),
        },
    };
}
