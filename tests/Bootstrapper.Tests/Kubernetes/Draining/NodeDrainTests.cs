using System.Text.Json.Nodes;
using Images.Bootstrapper.Kubernetes.Access;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Kubernetes.Draining;
using Images.Bootstrapper.Reporting;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Kubernetes.Draining;

/// <summary>At a real API server with NodeRestriction, by the right of a kubelet alone.</summary>
[Collection("etcd")] // one cluster at a time: they want the disk and the processors
[Trait("Category", "Baked")] // needs the programs of a bake with kubernetes.source debian
public sealed class NodeDrainTests : IDisposable
{
    private const string Pods = "/api/v1/namespaces/default/pods";

    private readonly TestApiServer _server = new();
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(4));
    private readonly List<string> _said = [];

    public void Dispose()
    {
        _limit.Dispose();
        _server.Dispose();
    }

    [Fact]
    public async Task A_worker_that_stops_closes_its_Node_ends_what_others_replace_and_opens_it_when_it_is_back()
    {
        await _server.StartAsync();
        await new ClusterAccess(
            _server.Administrator.Connect,
            () => ManifestReader.Read(File.ReadAllText(Path.Combine(Checkout.Folder, "roles/master/templates/access.yaml")), "access.yaml"),
            () => [], () => [], new Narrator(_said.Add), TimeProvider.System).ApplyAsync(removeOldTokens: true, _limit.Token);
        using KubernetesClient administrator = _server.Administrator.Connect();
        await administrator.CreateAsync(
            "/api/v1/namespaces/default/serviceaccounts", new JsonObject { ["metadata"] = new JsonObject { ["name"] = "default" } }, _limit.Token);
        foreach (string name in new[] { "w1", "w2" })
        {
            await CreateNodeAsync(administrator, name);
        }

        await CreatePodAsync(administrator, "replaced", "w1", "ReplicaSet");
        await CreatePodAsync(administrator, "alone", "w1", owner: null);
        await CreatePodAsync(administrator, "elsewhere", "w2", "ReplicaSet");
        NodeDrain drain = new("w1", () => _server.As("system:node:w1", "system:nodes"), new Narrator(_said.Add), TimeProvider.System);

        await drain.RunAsync(_limit.Token);

        string[] left = [.. (await administrator.ListAsync(Pods, "", _limit.Token)).Items.Select(pod => pod.Name)];
        left.ShouldBe(["alone", "elsewhere"], ignoreOrder: true, string.Join('\n', _said));
        (await NodeAsync(administrator)).Flag("spec", "unschedulable").ShouldBeTrue(string.Join('\n', _said));

        await drain.OpenAsync(_limit.Token);

        KubernetesObject opened = await NodeAsync(administrator);
        opened.Flag("spec", "unschedulable").ShouldBeFalse();
        opened.Text("metadata", "annotations", DrainRule.Mark).ShouldBe("");
        using KubernetesClient node = _server.As("system:node:w1", "system:nodes");
        (await Should.ThrowAsync<KubernetesApiException>(node.DeleteAsync($"{Pods}/elsewhere", _limit.Token))).Status.ShouldBe(403);
    }

    private Task<KubernetesObject> NodeAsync(KubernetesClient client) => client.GetAsync(KubernetesResource.Nodes.One("w1"), _limit.Token);

    private async Task CreateNodeAsync(KubernetesClient client, string name)
    {
        await client.CreateAsync(
            KubernetesResource.Nodes.Path, new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } }, _limit.Token);
        await client.PatchAsync(
            $"{KubernetesResource.Nodes.One(name)}/status",
            new JsonObject
            {
                ["status"] = new JsonObject
                {
                    ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Ready", ["status"] = "True" }),
                },
            },
            _limit.Token);
    }

    private Task CreatePodAsync(KubernetesClient client, string name, string node, string? owner) => client.CreateAsync(
        Pods,
        new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["ownerReferences"] = owner is null
                    ? []
                    : new JsonArray(new JsonObject
                    {
                        ["apiVersion"] = "apps/v1",
                        ["kind"] = owner,
                        ["name"] = "set",
                        ["uid"] = "1",
                        ["controller"] = true,
                    }),
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
