using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Kubernetes.Access;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Kubernetes.Approval;
using Images.Bootstrapper.Kubernetes.NodeRoles;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Tests.Kubernetes.Approval;

namespace Images.Bootstrapper.Tests.Kubernetes;

/// <summary>
/// A worker that joined and then does what it likes, at a real API server with NodeRestriction, beside a master's duties. Each thing is refused,
/// and another worker joins meanwhile.
/// </summary>
[Collection("etcd")] // one cluster at a time: they want the disk and the processors
[Trait("Category", "Baked")] // needs the programs of a bake with kubernetes.source debian
public sealed class HostileWorkerTests : IDisposable
{
    private const string MasterLabel = "node-role.kubernetes.io/master";
    private const string WorkerLabel = "node-role.kubernetes.io/worker";

    private readonly TestApiServer _server = new();
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromMinutes(4));
    private readonly ConcurrentDictionary<string, string> _words = [];
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly FixedResolver _workers;
    private readonly string _hostile;
    private readonly string _honest;

    public HostileWorkerTests()
    {
        string network = _server.Address[..^1];
        (_hostile, _honest) = (network + "2", network + "3");
        _workers = new FixedResolver(_hostile, _honest, _server.Address);
    }

    public void Dispose()
    {
        _limit.Cancel();
        _limit.Dispose();
        _key.Dispose();
        _server.Dispose();
    }

    [Fact]
    public async Task A_worker_that_joined_gets_nobody_elses_roles_names_or_addresses_and_keeps_nobody_out()
    {
        await _server.StartAsync();
        await _server.Access(() => [TokenSecret.For("abcdef", "0123456789abcdef", CsrSample.WorkerGroup, null)]).ApplyAsync(removeOldTokens: true, _limit.Token);
        using KubernetesClient administrator = _server.Administrator.Connect();
        using KubernetesClient node = _server.As("system:node:w1", "system:nodes");
        using KubernetesClient token = _server.WithToken("abcdef.0123456789abcdef");
        Task[] duties = [Approval().RunAsync(_limit.Token), Roles().RunAsync(_limit.Token), AnswerAsync(_hostile), AnswerAsync(_honest)];

        await MastersAddressesAsync(administrator, node);
        await OthersNamesAndAddressesAsync(administrator, node, token);
        await AFloodAsync(administrator, node, token);
        await RemovedFromDnsAsync(administrator, node);
        duties.ShouldAllBe(duty => !duty.IsCompleted, string.Join('\n', _server.Said));
    }

    /// <summary>Its Node says that it is the master, too; an earlier version of ours has believed it.</summary>
    private async Task MastersAddressesAsync(KubernetesClient administrator, KubernetesClient node)
    {
        _words[_hostile] = """{"node":"w1","keys":[]}""";
        await CreateNodeAsync(node, "w1");
        await SetAddressesAsync(node, "w1", _server.Address, _hostile);
        await administrator.PatchAsync(KubernetesResource.Nodes.One("w1"), Labels(MasterLabel), _limit.Token);
        await CreateNodeAsync(administrator, "node1");
        await SetAddressesAsync(administrator, "node1", _server.Address);
        await UntilAsync(async () => await HasAsync(administrator, "node1", MasterLabel) && await HasAsync(administrator, "w1", WorkerLabel) && !await HasAsync(administrator, "w1", MasterLabel));
        (await RefusedAsync(node.PatchAsync(KubernetesResource.Nodes.One("w1"), Labels(MasterLabel), _limit.Token))).ShouldBe(403, "NodeRestriction");

        // the master itself is silent on 10245, as one whose kubelet has not joined yet
        await IsLeftAsync(administrator, await AskAsync(node, CsrSample.Serving("w1", _key, ["w1"], [_server.Address])), $"no machine at {_server.Address} says that it is w1");
        await IsApprovedAsync(administrator, await AskAsync(node, CsrSample.Serving("w1", _key, ["w1"], [_hostile])));
    }

    private async Task OthersNamesAndAddressesAsync(KubernetesClient administrator, KubernetesClient node, KubernetesClient token)
    {
        _words[_honest] = """{"node":"w2","keys":[]}""";
        await IsLeftAsync(administrator, await AskAsync(node, CsrSample.Client("node1", _key)), "node1 is the name of the master at ");
        await IsLeftAsync(administrator, await AskAsync(node, CsrSample.Client("w2", _key)), "'system:node:w1' asks for it, who is not that node");
        await IsLeftAsync(administrator, await AskAsync(token, CsrSample.Client("masters.demo.k8s", _key)), "is a name of the cluster's own servers");
        await IsLeftAsync(administrator, await AskAsync(token, CsrSample.Client("w9", _key)), "says that it asks to be w9 with this key");
        await SetAddressesAsync(node, "w1", _honest);
        await IsLeftAsync(administrator, await AskAsync(node, CsrSample.Serving("w1", _key, ["w1"], [_honest])), $"no machine at {_honest} says that it is w1");
    }

    /// <summary>Some of it with what would keep it in etcd for ever; its machine answers with nonsense, and its Node names the other's address.</summary>
    private async Task AFloodAsync(KubernetesClient administrator, KubernetesClient node, KubernetesClient token)
    {
        _words[_hostile] = """{"node":"w2","keys":null}""";
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(_limit.Token);
        Task flood = Task.WhenAll(FloodAsync(token, 300, stop.Token), FloodAsync(node, 150, stop.Token));

        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string digest = Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));
        _words[_honest] = $$"""{"node":"w2","keys":["{{digest}}"]}""";
        JsonObject honest = CsrSample.Client("w2", key);
        honest["metadata"]!["name"] = CsrClaim.RequestNameOf(digest);
        await IsApprovedAsync(administrator, await AskAsync(token, honest));
        await flood;
        await UntilAsync(async () =>
        {
            KubernetesList all = await administrator.ListAsync(KubernetesResource.CertificateSigningRequests, "", _limit.Token);
            return all.Items.Where(item => item.Items("status", "conditions").Count == 0).GroupBy(item => item.Text("spec", "username")).All(user => user.Count() <= CsrChoice.MostOfOneUser)
                && all.Items.All(item => item.Texts("metadata", "finalizers").Count == 0);
        });
        foreach (KubernetesObject request in (await administrator.ListAsync(KubernetesResource.CertificateSigningRequests, "", _limit.Token)).Items)
        {
            await administrator.DeleteAsync(KubernetesResource.CertificateSigningRequests.One(request.Name), _limit.Token); // of each user few are named on the console
        }
    }

    /// <summary>The way to take a worker's access away: its address out of DNS, its Node deleted.</summary>
    private async Task RemovedFromDnsAsync(KubernetesClient administrator, KubernetesClient node)
    {
        _words[_hostile] = """{"node":"w1","keys":[]}""";
        await SetAddressesAsync(node, "w1", _hostile);
        await IsApprovedAsync(administrator, await AskAsync(node, CsrSample.Client("w1", _key)));
        _workers.Set(_honest);
        (await administrator.DeleteAsync(KubernetesResource.Nodes.One("w1"), _limit.Token)).ShouldBeTrue();
        await CreateNodeAsync(node, "w1");
        await SetAddressesAsync(node, "w1", _hostile);
        await IsLeftAsync(administrator, await AskAsync(node, CsrSample.Client("w1", _key)), $"DNS does not name {_hostile} as a worker ({_honest})");
        await SetAddressesAsync(node, "w1", _honest);
        await IsLeftAsync(administrator, await AskAsync(node, CsrSample.Client("w1", _key)), $"no machine at {_honest} says that it is w1");

        // a DNS that fails has removed nobody
        _workers.Set();
        using KubernetesClient other = _server.As("system:node:w2", "system:nodes");
        await CreateNodeAsync(other, "w2");
        await SetAddressesAsync(other, "w2", _honest);
        await IsApprovedAsync(administrator, await AskAsync(other, CsrSample.Client("w2", _key)));
    }

    private async Task FloodAsync(KubernetesClient client, int count, CancellationToken cancellationToken)
    {
        for (int i = 0; i < count; i++)
        {
            JsonObject request = i % 2 == 0 ? CsrSample.Client("w2", _key) : CsrSample.Make($"other{i}", "example.com/other", CsrSample.Pem(_key, "CN=other"), ["client auth"]);
            if (i % 10 == 0)
            {
                request["metadata"]!["annotations"] = new JsonObject { ["a"] = new string('x', 100_000) };
                request["metadata"]!["finalizers"] = new JsonArray("example.com/for-ever");
            }

            await client.CreateAsync(KubernetesResource.CertificateSigningRequests.Path, request, cancellationToken);
        }
    }

    private CsrApproval Approval() => new(
        _server.Agent, [TestPeers.Watch("workers.demo.k8s.", _workers, TimeProvider.System)], new CsrClaimClient(), CsrSample.Reserved, CsrSample.WorkerGroup, new Narrator(Say), TimeProvider.System);

    private NodeRoleLabels Roles() => new(
        _server.Agent,
        new Dictionary<string, IReadOnlyList<PeerWatch>>(StringComparer.Ordinal)
        {
            ["worker"] = [TestPeers.Watch("workers.demo.k8s.", _workers, TimeProvider.System)],
            ["master"] = [TestPeers.Watch("masters.demo.k8s.", new FixedResolver(_server.Address), TimeProvider.System)],
        },
        new RoleHolders(new Dictionary<string, RoleServer>(StringComparer.Ordinal) { ["master"] = _server.Master }, new CsrClaimClient()).AskAsync,
        new Narrator(Say), TimeProvider.System);

    /// <summary>Says what the test wants it to say.</summary>
    private async Task AnswerAsync(string address)
    {
        using TcpListener listener = new(IPAddress.Parse(address), CsrClaim.Port);
        listener.Start();
        while (true)
        {
            using Socket socket = await listener.AcceptSocketAsync(_limit.Token);
            await socket.SendAsync(Encoding.UTF8.GetBytes(_words.GetValueOrDefault(address, "")), _limit.Token);
            socket.Shutdown(SocketShutdown.Send);
        }
    }

    private Task<KubernetesObject> CreateNodeAsync(KubernetesClient client, string name) => client.CreateAsync(
        KubernetesResource.Nodes.Path, new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Node", ["metadata"] = new JsonObject { ["name"] = name } }, _limit.Token);

    private Task<KubernetesObject> SetAddressesAsync(KubernetesClient client, string name, params string[] addresses)
    {
        // live, as the controller manager would have it
        JsonObject status = new()
        {
            ["addresses"] = new JsonArray([.. addresses.Select(address => new JsonObject { ["type"] = "InternalIP", ["address"] = address })]),
            ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Ready", ["status"] = "True" }),
        };
        return client.PatchAsync($"{KubernetesResource.Nodes.One(name)}/status", new JsonObject { ["status"] = status }, _limit.Token);
    }

    private async Task<bool> HasAsync(KubernetesClient client, string node, string label) =>
        (await client.GetAsync(KubernetesResource.Nodes.One(node), _limit.Token)).Json["metadata"]!["labels"] is JsonObject labels && labels.ContainsKey(label);

    private static JsonObject Labels(string label) => new() { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { [label] = "" } } };

    private async Task<string> AskAsync(KubernetesClient client, JsonObject request) =>
        (await client.CreateAsync(KubernetesResource.CertificateSigningRequests.Path, request, _limit.Token)).Name;

    private Task IsApprovedAsync(KubernetesClient client, string name) => UntilAsync(async () =>
        (await client.GetAsync(KubernetesResource.CertificateSigningRequests.One(name), _limit.Token)).Items("status", "conditions").Any(condition => condition.Text("type") == "Approved"));

    private async Task IsLeftAsync(KubernetesClient client, string name, string reason)
    {
        await UntilAsync(() => Task.FromResult(Said($"certificate request {name} ", reason)));
        (await client.GetAsync(KubernetesResource.CertificateSigningRequests.One(name), _limit.Token)).Items("status", "conditions").ShouldBeEmpty();
    }

    private static async Task<int> RefusedAsync(Task call) => (await Should.ThrowAsync<KubernetesApiException>(call)).Status;

    private void Say(string line) => _server.Say(line);

    private bool Said(string start, string part) =>
        _server.Said.Any(line => line.StartsWith(start, StringComparison.Ordinal) && line.Contains(part, StringComparison.Ordinal));

    private Task UntilAsync(Func<Task<bool>> condition) => _server.UntilAsync(condition, _limit.Token);
}
