using System.Net;
using System.Text.Json.Nodes;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Kubernetes.AddOns;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Tests.Kubernetes.Api;

namespace Images.Bootstrapper.Tests.Kubernetes.AddOns;

/// <summary>Masters with add-ons over the API's wire.</summary>
public sealed class AddOnDutyTests : IDisposable
{
    private const string Record = "/api/v1/namespaces/kube-system/configmaps/images-addons";
    private const string Shop = "/apis/apps/v1/namespaces/shop/deployments/shop";
    private const string Settings = "/api/v1/namespaces/shop/configmaps/settings";
    private const string Prices = "/api/v1/namespaces/shop/configmaps/prices";

    /// <summary>The Deployment is written first, its namespace last.</summary>
    private const string ShopFile = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: { name: shop, namespace: shop, labels: { app: shop } }
        spec: { replicas: 1 }
        ---
        { apiVersion: v1, kind: ConfigMap, metadata: { name: settings, namespace: shop, labels: }, data: { a: "1" } }
        ---
        { apiVersion: v1, kind: ConfigMap, metadata: { name: prices, namespace: shop } }
        ---
        { apiVersion: v1, kind: Namespace, metadata: { name: shop } }
        """;

    private readonly FakeObjectApi _api = new();
    private readonly SetTime _time = new();
    private readonly List<string> _said = [];
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(5));

    public void Dispose()
    {
        _limit.Dispose();
        _api.Dispose();
    }

    [Fact]
    public async Task Namespaces_come_first_and_every_object_is_labelled_and_recorded()
    {
        (await LookAsync("m1", Set(ShopFile))).ShouldBeTrue();
        _api.Requests.Where(request => request.StartsWith("PATCH", StringComparison.Ordinal)).ShouldBe(
            ["PATCH /api/v1/namespaces/shop", $"PATCH {Settings}", $"PATCH {Prices}", $"PATCH {Shop}"]);
        foreach (string path in (string[])["/api/v1/namespaces/shop", Settings, Prices, Shop])
        {
            _api.Find(path)!.Text("metadata", "labels", "images/addon").ShouldBe("true");
        }

        _api.Find(Shop)!.Text("metadata", "labels", "app").ShouldBe("shop");
        KubernetesObject record = _api.Find(Record)!;
        record.Text("data", "state").ShouldBe("applied");
        record.Text("data", "version").ShouldBe("1.0");
        record.Text("data", "built").ShouldBe("2026-01-01T00:00:00Z");
        record.Text("data", "objects").ShouldBe("v1 Namespace shop\nv1 ConfigMap shop/settings\nv1 ConfigMap shop/prices\napps/v1 Deployment shop/shop\n");
        _said.ShouldBe(["add-ons: all 4 objects of image 1.0 stand"]);
        _api.Find("/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/images-addons")!.Text("spec", "holderIdentity").ShouldBeEmpty();
    }

    [Fact]
    public async Task The_protocol_of_ports_is_written_out_but_not_in_what_is_custom()
    {
        _api.Know("/apis/example.com/v1", ("things", "Thing", true));
        await LookAsync("m1", Set("""
            { apiVersion: v1, kind: Service, metadata: { name: s }, spec: { ports: [{ port: 80 }, { port: 53, protocol: UDP }] } }
            ---
            { apiVersion: apps/v1, kind: Deployment, metadata: { name: d }, spec: { template: { spec: { containers: [{ ports: [{ containerPort: 80 }] }, { name: none }] } } } }
            ---
            { apiVersion: example.com/v1, kind: Thing, metadata: { name: t }, spec: { ports: [{ port: 80 }] } }
            """));
        _api.Find("/api/v1/namespaces/default/services/s")!.Items("spec", "ports").Select(port => port.Text("protocol")).ShouldBe(["TCP", "UDP"]);
        _api.Find("/apis/apps/v1/namespaces/default/deployments/d")!.Items("spec", "template", "spec", "containers")[0].Items("ports")[0].Text("protocol").ShouldBe("TCP");
        _api.Find("/apis/example.com/v1/namespaces/default/things/t")!.Items("spec", "ports")[0].Text("protocol").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_second_master_with_the_same_set_writes_nothing()
    {
        await LookAsync("m1", Set(ShopFile));
        _api.ForgetRequests();
        (await LookAsync("m2", Set(ShopFile))).ShouldBeTrue();
        _api.Requests.ShouldBe([$"GET {Record}"]);
    }

    [Fact]
    public async Task Masters_that_begin_together_apply_each_object_once()
    {
        AddOnDuty[] masters = [.. Enumerable.Range(1, 3).Select(number => Master($"m{number}", Set(ShopFile)))];
        while (!(await Task.WhenAll(masters.Select(master => master.LookAsync(_limit.Token)))).All(isDone => isDone))
        {
            _limit.Token.ThrowIfCancellationRequested();
        }

        _api.Requests.Count(request => request == $"PATCH {Shop}").ShouldBe(1);
    }

    [Fact]
    public async Task After_an_hour_what_was_changed_is_repaired()
    {
        AddOnDuty master = Master("m1", Set(ShopFile));
        await master.LookAsync(_limit.Token);
        JsonObject changed = _api.Find(Settings)!.Json;
        changed["data"]!["a"] = "2";
        _api.Put(Settings, changed);
        (await master.LookAsync(_limit.Token)).ShouldBeTrue();
        _api.Find(Settings)!.Text("data", "a").ShouldBe("2");
        _time.Advance(TimeSpan.FromHours(1));
        (await master.LookAsync(_limit.Token)).ShouldBeTrue();
        _api.Find(Settings)!.Text("data", "a").ShouldBe("1");
        _said.Count.ShouldBe(1, "nothing new");
    }

    [Fact]
    public async Task A_newer_set_removes_what_only_the_older_one_had_if_it_is_still_ours()
    {
        await LookAsync("m1", Set(ShopFile));
        JsonObject adopted = _api.Find(Prices)!.Json;
        adopted["metadata"]!["labels"]!.AsObject().Remove("images/addon");
        _api.Put(Prices, adopted);
        _said.Clear();
        (await LookAsync("m2", Set("{ apiVersion: v1, kind: ConfigMap, metadata: { name: other, namespace: default } }", day: 2, version: "2.0"))).ShouldBeTrue();
        _api.Find(Shop).ShouldBeNull();
        _api.Find(Settings).ShouldBeNull();
        _api.Find(Prices).ShouldNotBeNull("its label was taken off");
        _api.Find("/api/v1/namespaces/shop").ShouldNotBeNull("others may keep things in it");
        _api.Find(Record)!.Text("data", "objects").ShouldBe("v1 ConfigMap default/other\n");
        _said.ShouldBe(
        [
            "add-ons: removed Deployment shop/shop, which belongs to none any more",
            "add-ons: removed ConfigMap shop/settings, which belongs to none any more",
            "add-ons: Namespace shop belongs to none any more; others may need what is in it, so it is left to you",
            "add-ons: all 1 objects of image 2.0 stand",
        ]);
    }

    [Fact]
    public async Task A_set_without_anything_removes_what_there_was()
    {
        await LookAsync("m1", Set(ShopFile));
        (await LookAsync("m1", AddOnSet.Read(new ImageDescription("node", "2.0", Day(2)), []))).ShouldBeTrue();
        _api.Find(Shop).ShouldBeNull();
        _api.Find(Record)!.Text("data", "state").ShouldBe("applied");
    }

    [Fact]
    public async Task An_object_that_is_now_written_with_its_namespace_or_another_version_is_not_removed()
    {
        const string Path = "/api/v1/namespaces/default/configmaps/one";
        await LookAsync("m1", Set("{ apiVersion: v1, kind: ConfigMap, metadata: { name: one } }"));
        (await LookAsync("m1", Set("{ apiVersion: v1, kind: ConfigMap, metadata: { name: one, namespace: default } }", day: 2))).ShouldBeTrue();
        _api.Find(Path).ShouldNotBeNull();
        _api.Find(Record)!.Text("data", "objects").ShouldBe("v1 ConfigMap default/one\n");
    }

    [Fact]
    public async Task A_master_of_an_older_image_leaves_a_newer_set_alone_and_says_so_once()
    {
        await LookAsync("m2", Set("{ apiVersion: v1, kind: ConfigMap, metadata: { name: new } }", day: 2, version: "2.0"));
        _said.Clear();
        _api.ForgetRequests();
        AddOnDuty older = Master("m1", Set(ShopFile));
        (await older.LookAsync(_limit.Token)).ShouldBeTrue();
        (await older.LookAsync(_limit.Token)).ShouldBeTrue();
        _api.Requests.ShouldBe([$"GET {Record}", $"GET {Record}"]);
        _said.ShouldBe(["add-ons: those of the newer image 2.0 stand, this one's are left alone"]);
    }

    [Fact]
    public async Task A_refused_object_holds_up_no_other_is_said_once_and_nothing_is_removed_until_all_stand()
    {
        await LookAsync("m1", Set("{ apiVersion: v1, kind: ConfigMap, metadata: { name: old, namespace: default } }"));
        _said.Clear();
        bool refuse = true;
        _api.Instead = async context =>
        {
            bool refuses = refuse && context.Request is { HttpMethod: "PATCH" } && context.Request.Url!.AbsolutePath == Settings;
            if (refuses)
            {
                await FakeObjectApi.RefuseAsync(context, 422, "ConfigMap \"settings\" is invalid");
            }

            return refuses;
        };
        AddOnDuty master = Master("m1", Set(ShopFile, day: 2));
        (await master.LookAsync(_limit.Token)).ShouldBeFalse();
        (await master.LookAsync(_limit.Token)).ShouldBeFalse();
        _said.ShouldBe(["add-ons: ConfigMap shop/settings is refused, trying again: ConfigMap \"settings\" is invalid"]);
        _api.Find(Shop).ShouldNotBeNull();
        _api.Find("/api/v1/namespaces/default/configmaps/old").ShouldNotBeNull();
        _api.Find(Record)!.Text("data", "state").ShouldBe("incomplete");
        refuse = false;
        (await master.LookAsync(_limit.Token)).ShouldBeTrue();
        _said[1..].ShouldBe(["add-ons: removed ConfigMap default/old, which belongs to none any more", "add-ons: all 4 objects of image 1.0 stand"]);
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_named_and_the_others_are_applied()
    {
        AddOnSet set = AddOnSet.Read(
            new ImageDescription("node", "1.0", Day(1)), [KeyValuePair.Create("bad.yaml", "kind: ConfigMap"), KeyValuePair.Create("good.yaml", "{ apiVersion: v1, kind: ConfigMap, metadata: { name: one } }")]);
        (await LookAsync("m1", set)).ShouldBeFalse();
        _said.ShouldHaveSingleItem().ShouldStartWith("add-ons: bad.yaml:1:1  The object that begins here has no apiVersion.");
        _api.Find("/api/v1/namespaces/default/configmaps/one").ShouldNotBeNull();
    }

    [Fact]
    public async Task An_object_of_a_kind_that_is_defined_by_another_waits_until_the_server_knows_it()
    {
        int asked = 0;
        _api.Instead = async context =>
        {
            if (context.Request.Url!.AbsolutePath == "/apis/example.com/v1" && ++asked == 3)
            {
                _api.Know("/apis/example.com/v1", ("things", "Thing", true));
            }

            await Task.CompletedTask;
            return false;
        };
        (await LookAsync("m1", Set("""
            { apiVersion: example.com/v1, kind: Thing, metadata: { name: one } }
            ---
            { apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: { name: things.example.com } }
            """))).ShouldBeTrue();
        asked.ShouldBe(3);
        _api.Find("/apis/example.com/v1/namespaces/default/things/one").ShouldNotBeNull();
        _said.ShouldBe(["add-ons: all 2 objects of image 1.0 stand"]);
    }

    [Fact]
    public async Task What_a_master_had_begun_to_apply_when_it_died_is_known_to_the_next_set()
    {
        using CancellationTokenSource death = CancellationTokenSource.CreateLinkedTokenSource(_limit.Token);
        _api.Instead = async context =>
        {
            if (context.Request.Url!.AbsolutePath == Shop)
            {
                await death.CancelAsync();
            }

            return false;
        };
        await Should.ThrowAsync<OperationCanceledException>(Master("m1", Set(ShopFile)).LookAsync(death.Token));
        _api.Instead = null;
        _api.Find(Settings).ShouldNotBeNull();
        _api.Find(Record)!.Text("data", "state").ShouldBe("applying");
        (await LookAsync("m2", Set("{ apiVersion: v1, kind: ConfigMap, metadata: { name: other } }", day: 2))).ShouldBeTrue();
        _api.Find(Settings).ShouldBeNull();
    }

    [Fact]
    public async Task An_API_that_goes_away_is_said_once_and_asked_again()
    {
        AddOnDuty master = Master("m1", Set(ShopFile));
        _api.Instead = async context =>
        {
            await FakeObjectApi.RefuseAsync(context, (int)HttpStatusCode.ServiceUnavailable, "etcd is away");
            return true;
        };
        (await master.LookAsync(_limit.Token)).ShouldBeFalse();
        (await master.LookAsync(_limit.Token)).ShouldBeFalse();
        _said.ShouldBe(["add-ons cannot be applied, trying again: etcd is away"]);
        _api.Instead = null;
        (await master.LookAsync(_limit.Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_record_that_somebody_has_edited_is_named_with_what_to_do()
    {
        await LookAsync("m1", Set(ShopFile));
        JsonObject record = _api.Find(Record)!.Json;
        record["data"]!["objects"] = "nonsense\n";
        _api.Put(Record, record);
        _said.Clear();
        (await LookAsync("m1", Set(ShopFile))).ShouldBeFalse();
        _said.ShouldHaveSingleItem().ShouldContain("kube-system/images-addons is not as masters write it: objects ('nonsense'). Delete it");
    }

    [Fact]
    public void A_rendered_file_replaces_the_image_s_of_its_name()
    {
        using FakeMachine machine = new();
        machine.Put(NodeConfig.NodePaths.ImageDescription, """{"name":"node","version":"1.0","sourceDate":86400}""");
        machine.Put($"{NodeConfig.NodePaths.AddOns}/dns.yaml", "{ apiVersion: v1, kind: ConfigMap, metadata: { name: image } }");
        machine.Put($"{NodeConfig.NodePaths.AddOns}/a.yaml", "{ apiVersion: v1, kind: ConfigMap, metadata: { name: a } }");
        machine.Put($"{NodeConfig.NodePaths.AddOns}/README.md", "no manifest");
        machine.Put($"{NodeConfig.NodePaths.RenderedAddOns}/dns.yaml", "{ apiVersion: v1, kind: ConfigMap, metadata: { name: rendered } }");
        AddOnSet set = AddOnSet.Read(machine.Root);
        set.Objects.Select(item => item.Name).ShouldBe(["a", "rendered"]);
        (set.Version, set.Built).ShouldBe(("1.0", DateTimeOffset.UnixEpoch.AddDays(1)));
        set.Faults.ShouldBeEmpty();
    }

    private AddOnDuty Master(string name, AddOnSet set) => new(_api.Connect, () => set, name, new Narrator(Say), _time);

    private Task<bool> LookAsync(string master, AddOnSet set) => Master(master, set).LookAsync(_limit.Token);

    private void Say(string line)
    {
        lock (_said)
        {
            _said.Add(line);
        }
    }

    private static AddOnSet Set(string text, int day = 1, string version = "1.0") => AddOnSet.Read(new ImageDescription("node", version, Day(day)), [KeyValuePair.Create("shop.yaml", text)]);

    private static DateTimeOffset Day(int day) => new(2026, 1, day, 0, 0, 0, TimeSpan.Zero);
}
