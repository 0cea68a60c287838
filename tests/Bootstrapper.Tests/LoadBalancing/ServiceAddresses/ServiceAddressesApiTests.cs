using System.Text.Json.Nodes;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Kubernetes.Access;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.LoadBalancing;
using Images.Bootstrapper.LoadBalancing.ServiceAddresses;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Systemd;
using Images.Bootstrapper.Tests.Kubernetes;
using Images.Bootstrapper.Tests.Roles;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.LoadBalancing.ServiceAddresses;

/// <summary>Both sides at a real API server: a master's agent that gives addresses, an lb that reads them, and what neither may do.</summary>
[Collection("etcd")] // one cluster at a time: they want the disk and the processors
[Trait("Category", "Baked")] // needs the programs of a bake with kubernetes.source debian
public sealed class ServiceAddressesApiTests : IDisposable
{
    private const string Lease = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases";

    private static readonly string _services = KubernetesResource.Services.In("default");

    private readonly TestApiServer _server = new();
    private readonly TemporaryFolder _folder = new();
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(4));
    private readonly List<string> _said = [];

    public void Dispose()
    {
        _limit.Cancel();
        _limit.Dispose();
        _folder.Dispose();
        _server.Dispose();
    }

    [Fact]
    public async Task Services_get_addresses_from_the_leading_master_alone_and_the_lb_reads_them_and_may_do_nothing_else()
    {
        await _server.StartAsync();
        using KubernetesClient administrator = _server.Administrator.Connect();
        ResourceNames names = new(administrator);
        foreach (KubernetesObject item in Rules())
        {
            await administrator.ApplyAsync(await names.PathAsync(item, _limit.Token), item.Json, _limit.Token);
        }

        await AnLbMayReadServicesAndAskForItsNextCertificateAsync(administrator);
        await AMastersAgentMayWriteTheStatusOfServicesAloneAsync(administrator);
        await TheLeaderGivesAndTakesAddressesAsync(administrator);
    }

    private async Task AnLbMayReadServicesAndAskForItsNextCertificateAsync(KubernetesClient administrator)
    {
        await administrator.CreateAsync(_services, Balanced("probe"), _limit.Token);
        using KubernetesClient lb = _server.As("images:lb:l1", "images:lb");
        (await lb.ListAsync(KubernetesResource.Services, "", _limit.Token)).Items.ShouldContain(service => service.Name == "probe");
        (await RightsAsync(lb)).ShouldBe(
            ["create certificatesigningrequests", "create selfsubjectaccessreviews", "create selfsubjectrulesreviews", "get certificatesigningrequests", "list certificatesigningrequests", "list services", "watch certificatesigningrequests", "watch services"],
            ignoreOrder: true);

        JsonObject status = Ingress("10.0.0.64");
        await RefusedAsync(lb.PatchAsync($"{_services}/probe/status", status, _limit.Token));
        await RefusedAsync(lb.PatchAsync($"{_services}/probe", new JsonObject { ["spec"] = new JsonObject { ["type"] = "NodePort" } }, _limit.Token));
        await RefusedAsync(lb.CreateAsync(_services, Balanced("own"), _limit.Token));
        await RefusedAsync(lb.DeleteAsync($"{_services}/probe", _limit.Token));
        foreach (string path in new[] { "/api/v1/secrets", "/api/v1/nodes", "/api/v1/pods", "/api/v1/configmaps", "/api/v1/endpoints", "/apis/discovery.k8s.io/v1beta1/endpointslices", "/apis/coordination.k8s.io/v1/leases", "/apis/rbac.authorization.k8s.io/v1/clusterroles" })
        {
            await RefusedAsync(lb.ListAsync(path, "", _limit.Token), path);
        }

        // what others have of it
        using KubernetesClient token = _server.As("system:bootstrap:lblblb", "system:bootstrappers:lb");
        await RefusedAsync(token.ListAsync(KubernetesResource.Services, "", _limit.Token));
    }

    private async Task AMastersAgentMayWriteTheStatusOfServicesAloneAsync(KubernetesClient administrator)
    {
        using KubernetesClient agent = _server.As("images:masters-agent");
        string spec = (await administrator.GetAsync($"{_services}/probe", _limit.Token)).Json["spec"]!.ToJsonString();
        JsonObject more = Ingress("10.0.0.64");
        more["spec"] = new JsonObject { ["externalIPs"] = new JsonArray("10.0.0.1") };
        await agent.PatchAsync($"{_services}/probe/status", more, _limit.Token);
        KubernetesObject written = await administrator.GetAsync($"{_services}/probe", _limit.Token);
        BalancedService.Read(written).Addresses.ShouldBe(["10.0.0.64"]);
        written.Json["spec"]!.ToJsonString().ShouldBe(spec, "the status is all that can be written so");

        await RefusedAsync(agent.PatchAsync($"{_services}/probe", more.DeepClone().AsObject(), _limit.Token));
        await RefusedAsync(agent.CreateAsync(_services, Balanced("own"), _limit.Token));
        await RefusedAsync(agent.DeleteAsync($"{_services}/probe", _limit.Token));
        await RefusedAsync(agent.ListAsync("/api/v1/secrets", "", _limit.Token));
        await administrator.DeleteAsync($"{_services}/probe", _limit.Token);
    }

    private async Task TheLeaderGivesAndTakesAddressesAsync(KubernetesClient administrator)
    {
        HashSet<string> machines = new(["10.0.0.64"], StringComparer.Ordinal);
        AllotmentDuty duty = new(() => _server.As("images:masters-agent"), ServiceSample.Pool, "node1", _ => Task.FromResult<IReadOnlySet<string>>(machines), new Narrator(Say), TimeProvider.System);
        Task[] running = [duty.RunAsync(_limit.Token), Lb().RunAsync(_limit.Token)];
        await administrator.CreateAsync(_services, Balanced("one"), _limit.Token);
        await Task.Delay(TimeSpan.FromSeconds(1), _limit.Token);
        (await AddressesAsync(administrator, "one")).ShouldBeEmpty("no controller manager leads");

        await administrator.CreateAsync(Lease, LeaseOf("other_1"), _limit.Token);
        await Task.Delay(TimeSpan.FromSeconds(4), _limit.Token);
        (await AddressesAsync(administrator, "one")).ShouldBeEmpty("another machine's leads");
        await administrator.PatchAsync($"{Lease}/kube-controller-manager", new JsonObject { ["spec"] = new JsonObject { ["holderIdentity"] = "node1_2" } }, _limit.Token);
        await UntilAsync(running, async () => (await AddressesAsync(administrator, "one")).SequenceEqual(["10.0.0.65"]));

        await administrator.CreateAsync(_services, Balanced("two"), _limit.Token);
        await UntilAsync(running, async () => (await AddressesAsync(administrator, "two")).SequenceEqual(["10.0.0.66"]));
        await UntilAsync(running, () => Task.FromResult(Holds("10.0.0.65/32", "10.0.0.66/32")));

        await administrator.DeleteAsync($"{_services}/one", _limit.Token);
        await UntilAsync(running, () => Task.FromResult(Holds("10.0.0.66/32") && !Holds("10.0.0.65/32")));
        await administrator.CreateAsync(_services, Balanced("three"), _limit.Token);
        await UntilAsync(running, async () => (await AddressesAsync(administrator, "three")).SequenceEqual(["10.0.0.65"]));

        await administrator.PatchAsync($"{_services}/two", new JsonObject { ["spec"] = new JsonObject { ["type"] = "ClusterIP", ["externalTrafficPolicy"] = null, ["ports"] = new JsonArray(new JsonObject { ["port"] = 80, ["nodePort"] = null }) } }, _limit.Token);
        await UntilAsync(running, async () => (await AddressesAsync(administrator, "two")).Count == 0);
        await UntilAsync(running, () => Task.FromResult(!Holds("10.0.0.66/32")));
    }

    private ServiceAddressesDuty Lb() => new(
        () => _server.As("images:lb:l1", "images:lb"), ServiceSample.Pool,
        new ServiceMachine(new NodeRoot(_folder.FullPath), "eth0", (_, _, _, _) => Task.FromResult(new CommandResult(0, "", "")), TimeProvider.System),
        _ => Task.FromResult(PeerSet.Parse(["10.0.0.31"])), new HaproxyRuntime(_folder["none.sock"]), _ => { }, new Narrator(Say), TimeProvider.System);

    private bool Holds(params string[] addresses)
    {
        string path = _folder["etc/keepalived/services.conf"];
        string text = File.Exists(path) ? File.ReadAllText(path) : "";
        return addresses.All(address => text.Contains($"{address} dev eth0", StringComparison.Ordinal));
    }

    private async Task<IReadOnlyList<string>> AddressesAsync(KubernetesClient client, string name) =>
        BalancedService.Read(await client.GetAsync($"{_services}/{name}", _limit.Token)).Addresses;

    /// <summary>By the server's own account, without what everybody may who is known.</summary>
    private async Task<IReadOnlyList<string>> RightsAsync(KubernetesClient client)
    {
        JsonObject question = new() { ["apiVersion"] = "authorization.k8s.io/v1", ["kind"] = "SelfSubjectRulesReview", ["spec"] = new JsonObject { ["namespace"] = "default" } };
        KubernetesObject answer = await client.CreateAsync("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", question, _limit.Token);
        return
        [
            .. (from rule in answer.Items("status", "resourceRules")
                from verb in rule.Texts("verbs")
                from resource in rule.Texts("resources")
                select $"{verb} {resource}").Distinct(StringComparer.Ordinal),
        ];
    }

    private async Task UntilAsync(Task[] running, Func<Task<bool>> condition)
    {
        DateTimeOffset end = DateTimeOffset.UtcNow.AddSeconds(40);
        while (!await condition())
        {
            (DateTimeOffset.UtcNow < end && !running.Any(task => task.IsCompleted)).ShouldBeTrue($"{string.Join('\n', _said)}\n{_server}");
            await Task.Delay(100, _limit.Token);
        }
    }

    private static async Task RefusedAsync(Task call, string? what = null) =>
        (await Should.ThrowAsync<KubernetesApiException>(call)).Status.ShouldBe(403, what);

    private static IReadOnlyList<KubernetesObject> Rules()
    {
        SampleMachine machine = new(["master"], "1.20.2", more: "lb: { pool: [10.0.0.64/28] }", kubernetesMore: "vip: { lb: 10.0.0.40 }");
        return ManifestReader.Read(
            machine.Services.SelectMany(item => machine.Files(item.Role, item.Service)).Single(item => item.File.Path == "/etc/kubernetes/access.yaml").Text, "access.yaml");
    }

    private static JsonObject Balanced(string name) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Service",
        ["metadata"] = new JsonObject { ["name"] = name },
        ["spec"] = new JsonObject { ["type"] = "LoadBalancer", ["ports"] = new JsonArray(new JsonObject { ["port"] = 80 }) },
    };

    private static JsonObject LeaseOf(string holder) => new()
    {
        ["apiVersion"] = "coordination.k8s.io/v1",
        ["kind"] = "Lease",
        ["metadata"] = new JsonObject { ["name"] = "kube-controller-manager" },
        ["spec"] = new JsonObject { ["holderIdentity"] = holder },
    };

    private static JsonObject Ingress(string address) => new()
    {
        ["status"] = new JsonObject { ["loadBalancer"] = new JsonObject { ["ingress"] = new JsonArray(new JsonObject { ["ip"] = address }) } },
    };

    private void Say(string line)
    {
        lock (_said)
        {
            _said.Add(line);
        }
    }
}
