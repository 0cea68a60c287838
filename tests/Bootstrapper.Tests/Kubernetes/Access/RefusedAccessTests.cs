using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Images.Bootstrapper.Kubernetes.Access;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Kubernetes.Approval;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Tests.Kubernetes.Approval;
using Images.Bootstrapper.Tests.Pki;
using Images.NodeConfig.Metadata;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Kubernetes.Access;

/// <summary>What somebody with a worker's or an lb's metadata, a worker's certificate, or nothing at all tries at a real API server under our access rules.</summary>
[Collection("etcd")] // one cluster at a time: they want the disk and the processors
[Trait("Category", "Full")] // needs the programs of a bake with kubernetes.source debian
public sealed class RefusedAccessTests : IDisposable
{
    private const string Secrets = "/api/v1/namespaces/default/secrets";
    private const string AnyClientSigner = "kubernetes.io/kube-apiserver-client";
    private const string LbGroup = "system:bootstrappers:lb";
    private const string Pods = "/api/v1/namespaces/default/pods";

    /// <summary>The secret that <see cref="CsrSample"/>'s and these tests' tokens share.</summary>
    private const string TokenText = "0123456789abcdef";

    private readonly TestApiServer _server = new();
    private readonly TemporaryFolder _folder = new();
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(5));

    public void Dispose()
    {
        _limit.Dispose();
        _folder.Dispose();
        _server.Dispose();
    }

    [Fact]
    public async Task Nobody_gets_in_or_further_than_the_rules_say()
    {
        await _server.StartAsync();
        await _server.Access(() => [Token("abcdef", expires: null), TokenSecret.For("lblblb", TokenText, LbGroup, expires: null)])
            .ApplyAsync(removeOldTokens: true, _limit.Token);

        await NobodyComesWithoutACertificateOrWithOneOfAnotherAuthorityAsync();
        await ATokenEndsWhenItsTimeIsOverAsync();
        await AWorkersMetadataOpenNothingButARequestAsync();
        await ANodeReadsTheSecretsOfItsOwnPodsOnlyAsync();
        await ATokenHolderCannotBecomeANodeThatIsThereOrThatHeIsNotAsync();
        await AnLbsTokenOpensNothingAtAllAsync();
    }

    private async Task NobodyComesWithoutACertificateOrWithOneOfAnotherAuthorityAsync()
    {
        using KubernetesClient nobody = _server.With(certificate: null);
        (await RefusedAsync(nobody.ListAsync("/api/v1/nodes", "", _limit.Token))).ShouldBe(401);

        // the same names as the cluster's, another key
        ClusterAuthority impostor = TestAuthority.Create("kubernetes", DateTimeOffset.UtcNow.AddHours(-1));
        using KubernetesClient stranger = _server.With(SignedBy(impostor, "O=system:masters, CN=kubernetes-admin"));
        (await RefusedAsync(stranger.ListAsync("/api/v1/nodes", "", _limit.Token))).ShouldBe(401);
    }

    private async Task ATokenEndsWhenItsTimeIsOverAsync()
    {
        using KubernetesClient administrator = _server.Administrator.Connect();
        DateTimeOffset end = DateTimeOffset.UtcNow.AddSeconds(20);
        await administrator.CreateAsync("/api/v1/namespaces/kube-system/secrets", Token("expire", end), _limit.Token);
        using KubernetesClient holder = _server.WithToken($"expire.{TokenText}");
        await UntilAsync(async () => await RefusedAsync(holder.ListAsync("/api/v1/nodes", "", _limit.Token)) == 403); // known, and may not
        await Task.Delay(end - DateTimeOffset.UtcNow + TimeSpan.FromSeconds(1), _limit.Token);
        await UntilAsync(async () => await RefusedAsync(holder.ListAsync("/api/v1/nodes", "", _limit.Token)) == 401);
    }

    /// <summary>They hold a token and a certificate of the authority, no key of any authority.</summary>
    private async Task AWorkersMetadataOpenNothingButARequestAsync()
    {
        using KubernetesClient token = _server.WithToken($"abcdef.{TokenText}");
        foreach (string path in new[] { "/api/v1/secrets", "/api/v1/pods", "/api/v1/nodes", "/api/v1/configmaps", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings" })
        {
            (await RefusedAsync(token.ListAsync(path, "", _limit.Token))).ShouldBe(403, path);
        }

        (await RefusedAsync(token.CreateAsync(Pods, Pod("own", "w1", "any"), _limit.Token))).ShouldBe(403);

        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        JsonObject administratorRequest = CsrSample.Make("admin", AnyClientSigner, CsrSample.Pem(key, "O=system:masters, CN=me"), CsrSample.ClientUsages);
        (await RefusedAsync(token.CreateAsync(KubernetesResource.CertificateSigningRequests.Path, administratorRequest, _limit.Token))).ShouldBe(403);

        // to be somebody else he may ask; nobody says yes
        JsonObject request = CsrSample.Make("agent", AnyClientSigner, CsrSample.Pem(key, "CN=images:masters-agent"), CsrSample.ClientUsages);
        KubernetesObject asked = await token.CreateAsync(KubernetesResource.CertificateSigningRequests.Path, request, _limit.Token);
        (await RefusedAsync(token.ReplaceAsync($"{KubernetesResource.CertificateSigningRequests.One(asked.Name)}/approval", asked.Json, _limit.Token))).ShouldBe(403);
        using KubernetesClient administrator = _server.Administrator.Connect();
        await Approval("127.0.0.1").JudgeAllAsync([await administrator.GetAsync(KubernetesResource.CertificateSigningRequests.One(asked.Name), _limit.Token)], _limit.Token);
        (await ConditionsAsync(administrator, asked.Name)).ShouldBeEmpty();
    }

    private async Task ANodeReadsTheSecretsOfItsOwnPodsOnlyAsync()
    {
        using KubernetesClient administrator = _server.Administrator.Connect();
        JsonObject account = new() { ["apiVersion"] = "v1", ["kind"] = "ServiceAccount", ["metadata"] = new JsonObject { ["name"] = "default" } };
        await administrator.CreateAsync("/api/v1/namespaces/default/serviceaccounts", account, _limit.Token);
        foreach (string node in new[] { "w1", "w2" })
        {
            JsonObject secret = new() { ["apiVersion"] = "v1", ["kind"] = "Secret", ["metadata"] = new JsonObject { ["name"] = $"of-{node}" }, ["stringData"] = new JsonObject { ["a"] = "b" } };
            await administrator.CreateAsync(Secrets, secret, _limit.Token);
            await administrator.CreateAsync("/api/v1/nodes", Node(node), _limit.Token);
            await administrator.CreateAsync(Pods, Pod($"on-{node}", node, $"of-{node}"), _limit.Token);
        }

        using KubernetesClient first = _server.As("system:node:w1", "system:nodes");
        await UntilAsync(async () => await first.FindAsync($"{Secrets}/of-w1", _limit.Token) is not null);
        (await RefusedAsync(first.GetAsync($"{Secrets}/of-w2", _limit.Token))).ShouldBe(403);
        (await RefusedAsync(first.ListAsync(Secrets, "", _limit.Token))).ShouldBe(403);
        (await RefusedAsync(first.GetAsync("/api/v1/namespaces/kube-system/secrets/bootstrap-token-abcdef", _limit.Token))).ShouldBe(403);
        (await RefusedAsync(first.PatchAsync("/api/v1/nodes/w2", Label("zone", "x"), _limit.Token))).ShouldBe(403);
        (await RefusedAsync(first.PatchAsync("/api/v1/nodes/w1", Label("node-restriction.kubernetes.io/x", "y"), _limit.Token))).ShouldBe(403);
        (await RefusedAsync(first.DeleteAsync($"{Pods}/on-w2", _limit.Token))).ShouldBe(403);
    }

    private async Task ATokenHolderCannotBecomeANodeThatIsThereOrThatHeIsNotAsync()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string keyPath = _folder["kubelet-client.key.tmp"];
        File.WriteAllText(keyPath, key.ExportECPrivateKeyPem());
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(_limit.Token);
        Task claiming = new CsrClaimServer(new IPEndPoint(IPAddress.Parse("127.0.0.1"), CsrClaim.Port), "w1", keyPath, TimeProvider.System).RunAsync(stop.Token);
        using KubernetesClient administrator = _server.Administrator.Connect();
        using KubernetesClient token = _server.WithToken($"abcdef.{TokenText}");

        await administrator.PatchAsync("/api/v1/nodes/w1/status", Ready("127.0.0.9"), _limit.Token);
        (await LeftBecauseAsync(token, administrator, "w1", key, "127.0.0.1")).ShouldContain("a live Node has the name w1 (127.0.0.9)");

        // DNS names another machine than the one that asks
        (await LeftBecauseAsync(token, administrator, "w9", key, "127.0.0.3")).ShouldContain("no machine among the workers in DNS (127.0.0.3) says that it asks to be w9 with this key");
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(claiming);

        // a worker's machine, by its own word, that would be served as the API
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(_limit.Token);
        Task pretending = new CsrClaimServer(new IPEndPoint(IPAddress.Parse("127.0.0.1"), CsrClaim.Port), "masters.demo.k8s", keyPath, TimeProvider.System).RunAsync(end.Token);
        (await LeftBecauseAsync(token, administrator, "masters.demo.k8s", key, "127.0.0.1")).ShouldContain("masters.demo.k8s is a name of the cluster's own servers, which no Node may have");
        await end.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(pretending);
    }

    /// <summary>Its seed holds none. This is the most that somebody may give it by hand: one whose group is its role.</summary>
    private async Task AnLbsTokenOpensNothingAtAllAsync()
    {
        using KubernetesClient administrator = _server.Administrator.Connect();
        using KubernetesClient lb = _server.WithToken($"lblblb.{TokenText}");
        string requests = KubernetesResource.CertificateSigningRequests.Path;
        foreach (string path in new[] { "/api/v1/secrets", "/api/v1/nodes", "/api/v1/pods", "/api/v1/configmaps", "/api/v1/services", "/api/v1/endpoints", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", requests })
        {
            (await RefusedAsync(lb.ListAsync(path, "", _limit.Token))).ShouldBe(403, path);
        }

        (await RefusedAsync(lb.GetAsync("/api/v1/namespaces/kube-system/secrets/bootstrap-token-lblblb", _limit.Token))).ShouldBe(403, "not even its own token");
        (await RefusedAsync(lb.GetAsync("/api/v1/nodes/w1", _limit.Token))).ShouldBe(403);
        (await RefusedAsync(lb.CreateAsync(Pods, Pod("own", "w1", "any"), _limit.Token))).ShouldBe(403);
        (await RefusedAsync(lb.CreateAsync("/api/v1/nodes", Node("w8"), _limit.Token))).ShouldBe(403);
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        (await RefusedAsync(lb.CreateAsync(requests, CsrSample.Client("w8", key), _limit.Token))).ShouldBe(403);
        (await RefusedAsync(lb.CreateAsync(requests, CsrSample.Serving("w1", key, ["w1"], ["127.0.0.9"]), _limit.Token))).ShouldBe(403);
        (await RightsAsync(lb)).ShouldBe(["create selfsubjectaccessreviews,selfsubjectrulesreviews"], "what everybody may who is known: ask what he may");

        // somebody lets it ask: nobody says yes
        await administrator.CreateAsync("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", Binding("lb-asks", "system:node-bootstrapper", LbGroup), _limit.Token);
        await UntilAsync(async () => (await RightsAsync(lb)).Any(right => right.Contains("certificatesigningrequests", StringComparison.Ordinal)));
        (await LeftBecauseAsync(lb, administrator, "w8", key, "127.0.0.1")).ShouldContain("'system:bootstrap:lblblb' asks for it, who is not that node");
    }

    /// <summary>By the server's own account.</summary>
    private async Task<IReadOnlyList<string>> RightsAsync(KubernetesClient client)
    {
        JsonObject question = new() { ["apiVersion"] = "authorization.k8s.io/v1", ["kind"] = "SelfSubjectRulesReview", ["spec"] = new JsonObject { ["namespace"] = "kube-system" } };
        KubernetesObject answer = await client.CreateAsync("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", question, _limit.Token);
        return [.. answer.Items("status", "resourceRules").Select(rule => $"{string.Join(',', rule.Texts("verbs"))} {string.Join(',', rule.Texts("resources"))}")];
    }

    private async Task<string> LeftBecauseAsync(KubernetesClient token, KubernetesClient administrator, string node, ECDsa key, string workers)
    {
        string name = (await token.CreateAsync(KubernetesResource.CertificateSigningRequests.Path, CsrSample.Client(node, key), _limit.Token)).Name;
        KubernetesObject request = await administrator.GetAsync(KubernetesResource.CertificateSigningRequests.One(name), _limit.Token);
        (await Approval(workers).JudgeAllAsync([request], _limit.Token)).ShouldBeTrue("a request should be left");
        (await ConditionsAsync(administrator, name)).Select(condition => condition.Text("type")).ShouldAllBe(type => type == CsrApproval.LeftAlone);
        return _server.Said.Single(line => line.Contains(name, StringComparison.Ordinal));
    }

    private CsrApproval Approval(string workers) => new(
        _server.Agent,
        [TestPeers.Watch("workers.demo.k8s.", new FixedResolver(workers), TimeProvider.System)], new CsrClaimClient(), CsrSample.Reserved, CsrSample.WorkerGroup, new Narrator(Say), TimeProvider.System);

    private async Task<IReadOnlyList<KubernetesObject>> ConditionsAsync(KubernetesClient client, string name) =>
        (await client.GetAsync(KubernetesResource.CertificateSigningRequests.One(name), _limit.Token)).Items("status", "conditions");

    private Task UntilAsync(Func<Task<bool>> condition) => _server.UntilAsync(condition, _limit.Token);

    private void Say(string line) => _server.Say(line);

    private static async Task<int> RefusedAsync(Task call) => (await Should.ThrowAsync<KubernetesApiException>(call)).Status;

    private static JsonObject Token(string id, DateTimeOffset? expires) => TokenSecret.For(id, TokenText, CsrSample.WorkerGroup, expires);

    private static JsonObject Node(string name) => new() { ["apiVersion"] = "v1", ["kind"] = "Node", ["metadata"] = new JsonObject { ["name"] = name } };

    private static JsonObject Binding(string name, string role, string group) => new()
    {
        ["apiVersion"] = "rbac.authorization.k8s.io/v1",
        ["kind"] = "ClusterRoleBinding",
        ["metadata"] = new JsonObject { ["name"] = name },
        ["roleRef"] = new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "ClusterRole", ["name"] = role },
        ["subjects"] = new JsonArray(new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "Group", ["name"] = group }),
    };

    private static JsonObject Label(string key, string value) => new() { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { [key] = value } } };

    private static JsonObject Ready(string address) => new()
    {
        ["status"] = new JsonObject
        {
            ["addresses"] = new JsonArray(new JsonObject { ["type"] = "InternalIP", ["address"] = address }),
            ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Ready", ["status"] = "True" }),
        },
    };

    private static JsonObject Pod(string name, string node, string secret) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Pod",
        ["metadata"] = new JsonObject { ["name"] = name },
        ["spec"] = new JsonObject
        {
            ["nodeName"] = node,
            ["automountServiceAccountToken"] = false,
            ["containers"] = new JsonArray(new JsonObject { ["name"] = "c", ["image"] = "images.local/pause:1" }),
            ["volumes"] = new JsonArray(new JsonObject { ["name"] = "s", ["secret"] = new JsonObject { ["secretName"] = secret } }),
        },
    };

    private static X509Certificate2 SignedBy(ClusterAuthority authority, string subject)
    {
        using X509Certificate2 signer = X509Certificate2.CreateFromPem(authority.Certificate, authority.Key!.Reveal());
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new(new X500DistinguishedName(subject), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.2")], critical: false));
        using X509Certificate2 made = request.Create(signer, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddHours(1), RandomNumberGenerator.GetBytes(8));
        return made.CopyWithPrivateKey(key);
    }
}
