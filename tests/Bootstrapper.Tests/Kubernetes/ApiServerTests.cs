using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Kubernetes.Access;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Kubernetes.Approval;
using Images.Bootstrapper.Kubernetes.NodeRoles;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Tests.Kubernetes.Approval;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Kubernetes;

/// <summary>The agent's part beside a real API server, as a master would run it: access rules first, then tokens, joining, and what is refused.</summary>
[Collection("etcd")] // one cluster at a time: they want the disk and the processors
[Trait("Category", "Full")] // needs the programs of a bake with kubernetes.source debian
public sealed class ApiServerTests : IDisposable
{
    private readonly TestApiServer _server = new();
    private readonly TemporaryFolder _folder = new();
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(5));
    private IReadOnlyList<JsonObject> _tokens = [Token("abcdef"), Token("fedcba")];

    public void Dispose()
    {
        _limit.Dispose();
        _folder.Dispose();
        _server.Dispose();
    }

    [Fact]
    public async Task A_worker_joins_with_its_token_and_nobody_gets_more_than_that()
    {
        await _server.StartAsync();
        await _server.Access(() => _tokens).ApplyAsync(removeOldTokens: true, _limit.Token);
        await TokensFollowTheMetadataAsync();
        await WatchSeesWhatHappensAsync();
        await JoinAsync();
        await RolesAreShownAsync();
    }

    private async Task TokensFollowTheMetadataAsync()
    {
        using KubernetesClient administrator = _server.Administrator.Connect();
        (await SecretNamesAsync(administrator)).ShouldBe(["bootstrap-token-abcdef", "bootstrap-token-fedcba"]);
        await administrator.CreateAsync("/api/v1/namespaces/kube-system/secrets", Unlabelled(Token("zzzzzz")), _limit.Token);
        _tokens = [Token("abcdef", DateTimeOffset.UtcNow.AddDays(1))];
        await _server.Access(() => _tokens).ApplyAsync(removeOldTokens: false, _limit.Token);
        (await SecretNamesAsync(administrator)).Count.ShouldBe(3);
        await _server.Access(() => _tokens).ApplyAsync(removeOldTokens: true, _limit.Token);
        (await SecretNamesAsync(administrator)).ShouldBe(["bootstrap-token-abcdef", "bootstrap-token-zzzzzz"], "another's token is not ours to remove");
        (await administrator.GetAsync("/api/v1/namespaces/kube-system/secrets/bootstrap-token-abcdef", _limit.Token)).Text("data", "expiration").ShouldNotBeEmpty();
    }

    private async Task WatchSeesWhatHappensAsync()
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(_limit.Token);
        ResourceWatch watch = new(_server.Administrator.Connect, KubernetesResource.ConfigMaps, () => { }, new Narrator(Say), TimeProvider.System);
        Task running = watch.RunAsync(stop.Token);
        using KubernetesClient client = _server.Administrator.Connect();
        JsonObject map = new() { ["apiVersion"] = "v1", ["kind"] = "ConfigMap", ["metadata"] = new JsonObject { ["name"] = "one" }, ["data"] = new JsonObject { ["a"] = "1" } };
        string path = KubernetesResource.ConfigMaps.One("one", "default");
        await client.ApplyAsync(path, map, _limit.Token);
        await UntilAsync(() => watch.Objects?.Any(item => item.Name == "one" && item.Text("data", "a") == "1") == true);
        await client.PatchAsync(path, new JsonObject { ["data"] = new JsonObject { ["a"] = "2" } }, _limit.Token);
        await UntilAsync(() => watch.Objects!.Any(item => item.Name == "one" && item.Text("data", "a") == "2"));
        (await client.DeleteAsync(path, _limit.Token)).ShouldBeTrue();
        (await client.DeleteAsync(path, _limit.Token)).ShouldBeFalse();
        await UntilAsync(() => watch.Objects!.All(item => item.Name != "one"));
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(running);
        KubernetesApiException refused = await Should.ThrowAsync<KubernetesApiException>(client.GetAsync("/api/v1/namespaces/default/configmaps/one", _limit.Token));
        (refused.Status, refused.IsNotFound, refused.Message).ShouldBe((404, true, "configmaps \"one\" not found"));
    }

    private async Task JoinAsync()
    {
        string worker = "127.0.0.1";
        string other = "127.0.0.2";
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using ECDsa otherKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Task server = Task.WhenAll(ClaimAsync(worker, key), ClaimAsync(other, otherKey));
        CsrApproval approval = new(
            _server.Agent,
            [TestPeers.Watch("workers.demo.k8s.", new FixedResolver(worker, other), TimeProvider.System)], new CsrClaimClient(), CsrSample.Reserved, CsrSample.WorkerGroup, new Narrator(Say), TimeProvider.System);

        using KubernetesClient token = _server.WithToken("abcdef.0123456789abcdef");
        using ECDsa strangerKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string honest = await AskAsync(token, CsrSample.Client("w1", key));
        string stranger = await AskAsync(token, CsrSample.Client("w1", strangerKey));
        string otherName = await AskAsync(token, CsrSample.Client("w2", key));
        string sameName = await AskAsync(token, CsrSample.Client("w1", otherKey)); // a machine of the same host name, at the same time
        Task running = approval.RunAsync(_limit.Token);
        using KubernetesClient administrator = _server.Administrator.Connect();
        await UntilAsync(() => Said(honest, stranger, otherName, sameName) && Said("was approved for the Node w1"));
        (await ConditionsAsync(administrator, stranger)).ShouldBeEmpty();
        (await ConditionsAsync(administrator, otherName)).ShouldBeEmpty();
        (await ConditionsAsync(administrator, honest) + await ConditionsAsync(administrator, sameName))
            .ShouldBeOneOf("Approved" + CsrApproval.LeftAlone, CsrApproval.LeftAlone + "Approved"); // the older, or by name within one second, and the other is told
        _server.Said.Count(line => line.Contains(stranger, StringComparison.Ordinal)).ShouldBe(1, "it is said once");

        await RefusalsAsync(token);
        server.IsFaulted.ShouldBeFalse();
        running.IsFaulted.ShouldBeFalse();
    }

    private Task ClaimAsync(string address, ECDsa key)
    {
        string keyPath = _folder[$"{address}.key"];
        File.WriteAllText(keyPath, key.ExportECPrivateKeyPem());
        return new CsrClaimServer(new IPEndPoint(IPAddress.Parse(address), CsrClaim.Port), "w1", keyPath, TimeProvider.System).RunAsync(_limit.Token);
    }

    private async Task RolesAreShownAsync()
    {
        using KubernetesClient administrator = _server.Administrator.Connect();
        JsonObject node = new()
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Node",
            ["metadata"] = new JsonObject { ["name"] = "w1", ["labels"] = new JsonObject { ["node-role.kubernetes.io/master"] = "" } },
            ["status"] = new JsonObject { ["addresses"] = new JsonArray(new JsonObject { ["type"] = "InternalIP", ["address"] = "127.0.0.1" }) },
        };
        await administrator.CreateAsync(KubernetesResource.Nodes.Path, node, _limit.Token);
        Dictionary<string, IReadOnlyList<PeerWatch>> names = new(StringComparer.Ordinal)
        {
            ["worker"] = [TestPeers.Watch("workers.demo.k8s.", new FixedResolver("127.0.0.1"), TimeProvider.System)],
            ["master"] = [TestPeers.Watch("masters.demo.k8s.", new FixedResolver("127.0.0.2"), TimeProvider.System)],
        };
        Task running = new NodeRoleLabels(
            _server.Agent, names, (_, _, _) => Task.FromResult<IReadOnlyCollection<string>?>(["w1"]), new Narrator(Say), TimeProvider.System).RunAsync(_limit.Token);
        await UntilAsync(async () => (await administrator.GetAsync(KubernetesResource.Nodes.One("w1"), _limit.Token)).Json["metadata"]!["labels"] is JsonObject labels
            && labels.ContainsKey("node-role.kubernetes.io/worker") && !labels.ContainsKey("node-role.kubernetes.io/master"));
        running.IsFaulted.ShouldBeFalse();
    }

    private async Task RefusalsAsync(KubernetesClient token)
    {
        (await RefusedAsync(token.ListAsync("/api/v1/nodes", "", _limit.Token))).ShouldBe(403);
        (await RefusedAsync(token.ListAsync("/api/v1/secrets", "", _limit.Token))).ShouldBe(403);
        using KubernetesClient removed = _server.WithToken("fedcba.0123456789abcdef");
        (await RefusedAsync(removed.ListAsync("/api/v1/nodes", "", _limit.Token))).ShouldBe(401);
        using KubernetesClient agent = _server.As("images:masters-agent");
        (await agent.ListAsync("/api/v1/nodes", "", _limit.Token)).Items.ShouldBeEmpty();
        (await RefusedAsync(agent.ListAsync("/api/v1/secrets", "", _limit.Token))).ShouldBe(403);
        (await RefusedAsync(agent.CreateAsync("/api/v1/namespaces", new JsonObject { ["metadata"] = new JsonObject { ["name"] = "n" } }, _limit.Token))).ShouldBe(403);
        using KubernetesClient node = _server.As("system:node:w1", "system:nodes");
        (await node.ListAsync("/api/v1/services", "", _limit.Token)).Items.ShouldNotBeEmpty();
        (await node.ListAsync("/apis/discovery.k8s.io/v1beta1/endpointslices", "", _limit.Token)).ShouldNotBeNull();
        (await RefusedAsync(node.ListAsync("/api/v1/secrets", "", _limit.Token))).ShouldBe(403);
    }

    private async Task<string> AskAsync(KubernetesClient client, JsonObject request) =>
        (await client.CreateAsync(KubernetesResource.CertificateSigningRequests.Path, request, _limit.Token)).Name;

    private async Task<string> ConditionsAsync(KubernetesClient client, string name) => string.Join(
        ',', (await client.GetAsync(KubernetesResource.CertificateSigningRequests.One(name), _limit.Token)).Items("status", "conditions").Select(condition => condition.Text("type")));

    private async Task<IReadOnlyList<string>> SecretNamesAsync(KubernetesClient client) =>
        [.. (await client.ListAsync("/api/v1/namespaces/kube-system/secrets", "", _limit.Token)).Items.Where(item => item.Text("type") == "bootstrap.kubernetes.io/token").Select(item => item.Name)];

    private static async Task<int> RefusedAsync(Task call) => (await Should.ThrowAsync<KubernetesApiException>(call)).Status;

    private void Say(string line) => _server.Say(line);

    private bool Said(params string[] names) => names.All(name => _server.Said.Any(line => line.Contains(name, StringComparison.Ordinal)));

    private Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    private Task UntilAsync(Func<Task<bool>> condition) => _server.UntilAsync(condition, _limit.Token);

    private static JsonObject Token(string id, DateTimeOffset? expires = null) => TokenSecret.For(id, "0123456789abcdef", CsrSample.WorkerGroup, expires);

    private static JsonObject Unlabelled(JsonObject token)
    {
        token["metadata"]!.AsObject().Remove("labels");
        return token;
    }
}
