using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Kubernetes.AddOns;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Tests.Kubernetes.AddOns;

/// <summary>Add-ons beside a real API server: what it makes of server-side apply, of definitions that it has just been told, and of the Lease.</summary>
[Collection("etcd")] // one cluster at a time: they want the disk and the processors
[Trait("Category", "Full")] // needs the programs of a bake with kubernetes.source debian
public sealed class AddOnApiServerTests : IDisposable
{
    private const string First = """
        apiVersion: example.com/v1
        kind: Thing
        metadata: { name: one, namespace: shop }
        spec: { size: 3 }
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: web, namespace: shop, labels: { app: web } }
        spec:
          replicas: 2
          selector: { matchLabels: { app: web } }
          template:
            metadata: { labels: { app: web } }
            spec:
              containers: [{ name: web, image: "images.local/pause:1", ports: [{ containerPort: 80 }, { containerPort: 53, protocol: UDP }] }]
              volumes: [{ name: settings, configMap: { name: settings, defaultMode: 0440 } }]
        ---
        { apiVersion: v1, kind: ConfigMap, metadata: { name: settings, namespace: shop }, data: { colour: red } }
        ---
        { apiVersion: v1, kind: Service, metadata: { name: web, namespace: shop }, spec: { selector: { app: web }, ports: [{ name: http, port: 80 }, { name: https, port: 443 }] } }
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRole
        metadata: { name: "shop:reader" }
        rules: [{ apiGroups: [""], resources: [configmaps], verbs: [get] }]
        ---
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: { name: things.example.com }
        spec:
          group: example.com
          scope: Namespaced
          names: { plural: things, singular: thing, kind: Thing, listKind: ThingList }
          versions:
            - name: v1
              served: true
              storage: true
              schema: { openAPIV3Schema: { type: object, properties: { spec: { type: object, properties: { size: { type: integer } } } } } }
        ---
        { apiVersion: v1, kind: Namespace, metadata: { name: shop } }
        """;

    private const string Second = """
        { apiVersion: v1, kind: Namespace, metadata: { name: shop } }
        ---
        { apiVersion: v1, kind: ConfigMap, metadata: { name: settings, namespace: shop }, data: { colour: blue } }
        """;

    private const string Web = "/apis/apps/v1/namespaces/shop/deployments/web";
    private const string Thing = "/apis/example.com/v1/namespaces/shop/things/one";
    private const string Settings = "/api/v1/namespaces/shop/configmaps/settings";
    private const string Record = "/api/v1/namespaces/kube-system/configmaps/images-addons";

    private readonly TestApiServer _server = new();
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(10));
    private readonly List<string> _said = [];

    public void Dispose()
    {
        _limit.Dispose();
        _server.Dispose();
    }

    [Fact]
    public async Task Masters_apply_the_newest_set_once_and_keep_it()
    {
        await _server.StartAsync();
        using KubernetesClient client = _server.Administrator.Connect();
        await FirstSetAsync(client);
        await SecondMasterAsync(client);
        await NewerImageAsync(client);
        await OlderImageAsync(client);
        await RefusedObjectAsync(client);
    }

    private async Task FirstSetAsync(KubernetesClient client)
    {
        (await LookAsync("m1", First, day: 1)).ShouldBeTrue(Said());
        (await client.GetAsync(Thing, _limit.Token)).Number("spec", "size").ShouldBe(3);
        KubernetesObject web = await client.GetAsync(Web, _limit.Token);
        web.Number("spec", "replicas").ShouldBe(2);
        web.Items("spec", "template", "spec", "volumes")[0].Number("configMap", "defaultMode").ShouldBe(288, "0440 is octal");
        web.Text("metadata", "labels", "images/addon").ShouldBe("true");
        web.Items("metadata", "managedFields").Select(fields => (fields.Text("manager"), fields.Text("operation"))).ShouldContain(("images", "Apply"));
        (await client.GetAsync("/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/images-addons", _limit.Token)).Text("spec", "holderIdentity").ShouldBeEmpty("it was given back");
        (await client.GetAsync(Record, _limit.Token)).Text("data", "objects").ShouldBe(
            "v1 Namespace shop\napiextensions.k8s.io/v1 CustomResourceDefinition things.example.com\nrbac.authorization.k8s.io/v1 ClusterRole shop:reader\n"
            + "v1 ConfigMap shop/settings\nv1 Service shop/web\nexample.com/v1 Thing shop/one\napps/v1 Deployment shop/web\n");
        _said.ShouldBe(["add-ons: all 7 objects of image 1.0.1 stand"]);
    }

    private async Task SecondMasterAsync(KubernetesClient client)
    {
        string record = (await client.GetAsync(Record, _limit.Token)).ResourceVersion, web = (await client.GetAsync(Web, _limit.Token)).ResourceVersion;
        (await LookAsync("m2", First, day: 1)).ShouldBeTrue(Said());
        (await client.GetAsync(Record, _limit.Token)).ResourceVersion.ShouldBe(record);
        (await client.GetAsync(Web, _limit.Token)).ResourceVersion.ShouldBe(web);
    }

    private async Task NewerImageAsync(KubernetesClient client)
    {
        _said.Clear();
        (await LookAsync("m2", Second, day: 2)).ShouldBeTrue(Said());
        (await client.GetAsync(Settings, _limit.Token)).Text("data", "colour").ShouldBe("blue");
        (await client.FindAsync(Web, _limit.Token)).ShouldBeNull();
        (await client.FindAsync(Thing, _limit.Token)).ShouldBeNull();
        (await client.FindAsync("/apis/rbac.authorization.k8s.io/v1/clusterroles/shop:reader", _limit.Token)).ShouldBeNull();
        (await client.FindAsync("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.example.com", _limit.Token)).ShouldNotBeNull("others may have Things");
        _said.Count.ShouldBe(6, Said());
    }

    private async Task OlderImageAsync(KubernetesClient client)
    {
        _said.Clear();
        (await LookAsync("m1", First, day: 1)).ShouldBeTrue(Said());
        (await client.GetAsync(Settings, _limit.Token)).Text("data", "colour").ShouldBe("blue");
        (await client.FindAsync(Web, _limit.Token)).ShouldBeNull();
        _said.ShouldBe(["add-ons: those of the newer image 1.0.2 stand, this one's are left alone"]);
    }

    private async Task RefusedObjectAsync(KubernetesClient client)
    {
        _said.Clear();
        const string Bad = "---\n{ apiVersion: v1, kind: Service, metadata: { name: bad, namespace: shop }, spec: { type: Nonsense, ports: [{ port: 80 }] } }\n---\n{ apiVersion: v1, kind: ConfigMap, metadata: { name: last, namespace: shop } }\n";
        (await LookAsync("m3", $"{Second}\n{Bad}", day: 3)).ShouldBeFalse();
        _said.ShouldHaveSingleItem().ShouldStartWith("add-ons: Service shop/bad is refused, trying again: Service \"bad\" is invalid: spec.type: Unsupported value: \"Nonsense\"");
        (await client.FindAsync("/api/v1/namespaces/shop/configmaps/last", _limit.Token)).ShouldNotBeNull();
        (await client.GetAsync(Record, _limit.Token)).Text("data", "state").ShouldBe("incomplete");
    }

    private Task<bool> LookAsync(string master, string text, int day)
    {
        AddOnSet set = AddOnSet.Read(new ImageDescription("node", $"1.0.{day}", new DateTimeOffset(2026, 1, day, 0, 0, 0, TimeSpan.Zero)), [KeyValuePair.Create("shop.yaml", text)]);
        return new AddOnDuty(_server.Administrator.Connect, () => set, master, new Narrator(_said.Add), TimeProvider.System).LookAsync(_limit.Token);
    }

    private string Said() => $"{string.Join('\n', _said)}\n{_server}";
}
