using System.Text.Json.Nodes;
using Images.Bootstrapper.Kubernetes.Access;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Kubernetes.ClusterDns;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Tests.Roles;
using Images.NodeConfig.Roles;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Kubernetes.ClusterDns;

/// <summary>Beside a real API server: with no more rights than a Node has, and the kind of EndpointSlices that the server knows.</summary>
[Collection("etcd")] // one cluster at a time: they want the disk and the processors
[Trait("Category", "Full")] // needs the programs of a bake with kubernetes.source debian
public sealed class ClusterDnsApiTests : IDisposable
{
    private readonly TestApiServer _server = new();
    private readonly TemporaryFolder _folder = new();
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(5));

    public void Dispose()
    {
        _limit.Cancel();
        _limit.Dispose();
        _folder.Dispose();
        _server.Dispose();
    }

    [Fact]
    public async Task A_Node_sees_the_Services_of_the_cluster_and_its_DNS_Service_keeps_the_address()
    {
        await _server.StartAsync();
        using KubernetesClient administrator = _server.Administrator.Connect();
        ResourceNames names = new(administrator);
        foreach (string template in (string[])["access.yaml", "cluster-dns.yaml"])
        {
            foreach (KubernetesObject item in Rendered(template))
            {
                await administrator.ApplyAsync(await names.PathAsync(item, _limit.Token), item.Json, _limit.Token);
            }
        }

        KubernetesResource slices = await KubernetesResource.EndpointSlicesAsync(administrator, _limit.Token);
        JsonObject slice = ClusterDnsSample.Slice("db", ClusterDnsSample.Endpoint("10.200.1.2", hostname: "db-0")).Json;
        slice["apiVersion"] = $"{slices.Group}/{slices.Version}";
        slice["kind"] = "EndpointSlice";
        JsonObject service = new()
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Service",
            ["metadata"] = new JsonObject { ["name"] = "db" },
            ["spec"] = new JsonObject { ["clusterIP"] = "None", ["ports"] = new JsonArray(new JsonObject { ["port"] = 5432 }) },
        };
        await administrator.CreateAsync(KubernetesResource.Services.In("default"), service, _limit.Token);
        await administrator.CreateAsync(slices.In("default"), slice, _limit.Token);

        string path = _folder["hosts"];
        Task running = new ClusterDnsDuty(
            ClusterDnsSample.Settings, path, _folder["zone"], () => _server.As("system:node:w1", "system:nodes"), _ => Task.FromResult(true), new Narrator(_ => { }), TimeProvider.System).RunAsync(_limit.Token);
        while (!File.Exists(path) || !File.ReadAllText(path).Contains("db-0", StringComparison.Ordinal))
        {
            running.IsCompleted.ShouldBeFalse();
            await Task.Delay(100, _limit.Token);
        }

        File.ReadAllLines(path)[1..].ShouldBe(
        [
            "10.32.0.1 kubernetes.default.svc.cluster.local",
            "10.32.0.10 kube-dns.kube-system.svc.cluster.local",
            "10.200.1.2 db-0.db.default.svc.cluster.local",
            "10.200.1.2 db.default.svc.cluster.local",
        ]);
    }

    private static IReadOnlyList<KubernetesObject> Rendered(string template)
    {
        SampleMachine machine = new(["master"], "1.20.2");
        (RoleDefinition role, RoleService service, ServiceFile file) = machine.Services
            .SelectMany(item => item.Service.Files.Select(file => (item.Role, item.Service, file))).Single(item => item.file.Template == template);
        return ManifestReader.Read(machine.Render(role, service, file), template);
    }
}
