using System.Text.Json.Nodes;
using Images.Baker.Upgrading;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Tests.Kubernetes;

namespace Images.Bootstrapper.Tests.Upgrading;

/// <summary>At a real API server, as its administrator.</summary>
[Collection("etcd")] // one cluster at a time: they want the disk and the processors
[Trait("Category", "Baked")] // needs the programs of a bake with kubernetes.source debian
public sealed class ApiNodesTests : IDisposable
{
    private const string Pods = "/api/v1/namespaces/default/pods";

    private readonly TestApiServer _server = new();
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(4));

    public void Dispose()
    {
        _limit.Dispose();
        _server.Dispose();
    }

    [Fact]
    public async Task A_Node_is_closed_drained_as_budgets_allow_and_opened_again_unless_a_person_has_closed_it()
    {
        await _server.StartAsync();
        using KubernetesClient administrator = _server.Administrator.Connect();
        using ApiServer api = new([new Uri(_server.Url)], new SocketsHttpHandler { SslOptions = _server.TlsAs("upgrade", "system:masters") });
        ApiNodes nodes = new(api, TimeProvider.System);
        await administrator.CreateAsync(
            "/api/v1/namespaces/default/serviceaccounts", new JsonObject { ["metadata"] = new JsonObject { ["name"] = "default" } }, _limit.Token);
        await CreateNodeAsync(administrator, "w1", isReady: true);
        (await nodes.CloseAsync("w1", _limit.Token)).ShouldBeFalse("there is no other");
        await CreateNodeAsync(administrator, "w2", isReady: false);
        (await nodes.CloseAsync("w1", _limit.Token)).ShouldBeFalse("the other is not Ready");
        (await nodes.IsReadyAsync("w2", _limit.Token)).ShouldBeFalse();
        await CreateNodeAsync(administrator, "w3", isReady: true);
        (await nodes.IsReadyAsync("w3", _limit.Token)).ShouldBeTrue();

        (await nodes.CloseAsync("w1", _limit.Token)).ShouldBeTrue();
        (await nodes.CloseAsync("w1", _limit.Token)).ShouldBeTrue("a run that goes on");
        (await NodeAsync(administrator, "w1")).Flag("spec", "unschedulable").ShouldBeTrue();

        await CreatePodAsync(administrator, "replaced", "w1", "ReplicaSet");
        await CreatePodAsync(administrator, "kept", "w1", "ReplicaSet", "kept");
        await CreatePodAsync(administrator, "daemon", "w1", "DaemonSet");
        await CreatePodAsync(administrator, "alone", "w1", owner: null);
        await CreatePodAsync(administrator, "elsewhere", "w3", "ReplicaSet");
        await administrator.PatchAsync(
            $"{Pods}/kept/status", new JsonObject { ["status"] = new JsonObject { ["phase"] = "Running" } }, _limit.Token); // one that waits is nobody's loss
        await administrator.CreateAsync(
            "/apis/policy/v1beta1/namespaces/default/poddisruptionbudgets",
            new JsonObject
            {
                ["metadata"] = new JsonObject { ["name"] = "budget" },
                ["spec"] = new JsonObject { ["minAvailable"] = 1, ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = "kept" } } },
            },
            _limit.Token);
        IReadOnlyList<string> left = await nodes.EvictAsync("w1", _limit.Token);
        left.Count.ShouldBe(2, string.Join('\n', left));
        left.ShouldContain("default/replaced (asked to end)");
        left.ShouldContain(line => line.StartsWith("default/kept (kept by a disruption budget: ", StringComparison.Ordinal));
        (await nodes.EvictAsync("w1", _limit.Token)).ShouldHaveSingleItem().ShouldStartWith("default/kept ");
        await administrator.DeleteAsync("/apis/policy/v1beta1/namespaces/default/poddisruptionbudgets/budget", _limit.Token);
        await _server.UntilAsync(async () => (await nodes.EvictAsync("w1", _limit.Token)).Count == 0, _limit.Token);
        (await administrator.ListAsync(Pods, "", _limit.Token)).Items.Select(pod => pod.Name).ShouldBe(["alone", "daemon", "elsewhere"], ignoreOrder: true);

        (await nodes.OpenAsync("w1", _limit.Token)).ShouldBeTrue();
        (await NodeAsync(administrator, "w1")).Flag("spec", "unschedulable").ShouldBeFalse();
        (await nodes.OpenAsync("w1", _limit.Token)).ShouldBeFalse();
        (await nodes.OpenAsync("nobody", _limit.Token)).ShouldBeFalse();

        await administrator.PatchAsync(
            KubernetesResource.Nodes.One("w3"), new JsonObject { ["spec"] = new JsonObject { ["unschedulable"] = true } }, _limit.Token);
        (await nodes.CloseAsync("w3", _limit.Token)).ShouldBeTrue();
        (await nodes.OpenAsync("w3", _limit.Token)).ShouldBeFalse();
        (await NodeAsync(administrator, "w3")).Flag("spec", "unschedulable").ShouldBeTrue("a person has closed it");

        await using LeaseLock held = await LeaseLock.TakeAsync(api, "ann", _ => { }, TimeProvider.System, _limit.Token);
        await held.RequireAsync(_limit.Token);
        (await administrator.GetAsync(LeaseLock.Path, _limit.Token)).Text("spec", "holderIdentity").ShouldBe("ann");
    }

    private Task<KubernetesObject> NodeAsync(KubernetesClient client, string name) => client.GetAsync(KubernetesResource.Nodes.One(name), _limit.Token);

    private async Task CreateNodeAsync(KubernetesClient client, string name, bool isReady)
    {
        await client.CreateAsync(KubernetesResource.Nodes.Path, new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } }, _limit.Token);
        await client.PatchAsync(
            $"{KubernetesResource.Nodes.One(name)}/status",
            new JsonObject
            {
                ["status"] = new JsonObject
                {
                    ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Ready", ["status"] = isReady ? "True" : "False" }),
                },
            },
            _limit.Token);
    }

    private Task<KubernetesObject> CreatePodAsync(KubernetesClient client, string name, string node, string? owner, string app = "none") => client.CreateAsync(
        Pods,
        new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["labels"] = new JsonObject { ["app"] = app },
                ["ownerReferences"] = owner is null
                    ? []
                    : new JsonArray(new JsonObject { ["apiVersion"] = "apps/v1", ["kind"] = owner, ["name"] = "set", ["uid"] = "1", ["controller"] = true }),
            },
            ["spec"] = new JsonObject
            {
                ["nodeName"] = node,
                ["automountServiceAccountToken"] = false,
                ["terminationGracePeriodSeconds"] = 0, // no kubelet says that it has ended
                ["containers"] = new JsonArray(new JsonObject { ["name"] = "c", ["image"] = "x" }),
            },
        },
        _limit.Token);
}
