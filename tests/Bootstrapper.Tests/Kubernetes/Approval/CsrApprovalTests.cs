using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Kubernetes.Approval;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Tests.Kubernetes.Api;

namespace Images.Bootstrapper.Tests.Kubernetes.Approval;

/// <summary>Rounds over the API's wire, beside whoever makes requests to hurt.</summary>
public sealed class CsrApprovalTests : IDisposable
{
    private const string Token = "system:bootstrap:abcdef";

    private readonly string _network = $"127.{Random.Shared.Next(2, 250)}.{Random.Shared.Next(2, 250)}.";
    private readonly FakeWatchApi _api = new();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly CancellationTokenSource _stop = new(TimeSpan.FromMinutes(1));
    private readonly List<string> _said = [];
    private readonly SortedDictionary<string, KubernetesObject> _requests = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<string> _approved = [];
    private readonly ConcurrentBag<string> _removed = [];
    private int _asked;
    private string? _refuse;
    private bool _changes;

    public CsrApprovalTests()
    {
        _api.Answer = Answer;
        _api.Put(KubernetesResource.Nodes.Path, Node("w1", Worker(1)));
    }

    public void Dispose()
    {
        _stop.Cancel();
        _api.Dispose();
        _key.Dispose();
        _stop.Dispose();
    }

    [Theory]
    [MemberData(nameof(CsrDer.OddSubjects), MemberType = typeof(CsrDer))]
    public async Task A_request_that_cannot_be_read_is_left_alone_and_the_one_behind_it_approved(string oddity, byte[] subject)
    {
        _ = SayAsync(Worker(1), """{"node":"w1","keys":[]}""");
        KubernetesObject odd = Add(CsrSample.Make("odd", CsrRequest.ClientSigner, CsrDer.Pem(_key, subject), CsrSample.ClientUsages), 1, Token, CsrSample.WorkerGroup);
        KubernetesObject good = Add(CsrSample.Client("w1", _key), 2, "system:node:w1", "system:nodes");
        (await Approval([]).JudgeAllAsync([.. _requests.Values], _stop.Token)).ShouldBeTrue(oddity);
        _approved.ShouldBe([good.Name]);
        _said.ShouldContain(line => line.StartsWith($"certificate request {odd.Name} of {Token} left alone: its request cannot be read (", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_flood_by_one_token_keeps_no_machine_out_asks_each_once_and_names_few()
    {
        for (int i = 0; i < 300; i++)
        {
            Add(CsrSample.Client($"flood{i}", _key), i, Token, CsrSample.WorkerGroup);
        }

        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string digest = Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));
        JsonObject honest = CsrSample.Client("w2", key);
        honest["metadata"]!["name"] = CsrClaim.RequestNameOf(digest);
        KubernetesObject good = Add(honest, 0, Token, CsrSample.WorkerGroup); // the oldest of all
        Task[] machines = [SayAsync(Worker(1), """{"node":"w1","keys":null}"""), SayAsync(Worker(2), $$"""{"node":"w2","keys":["{{digest}}"]}""")];

        CsrApproval approval = Approval(Worker(1), Worker(2));
        (await approval.JudgeAllAsync([.. _requests.Values], _stop.Token)).ShouldBeTrue();
        _approved.ShouldBe([good.Name]);
        _asked.ShouldBe(2);
        _removed.Count.ShouldBe(201, "of one user a hundred may be open");
        _removed.ShouldNotContain(good.Name, "it is the oldest, but a machine stands for it");
        _said.ShouldContain($"certificate request {good.Name} of {Token} approved: the machine at {Worker(2)}, which DNS names as a worker, asks for it");
        _said.Count.ShouldBeLessThan(12, string.Join('\n', _said));

        int before = _said.Count;
        foreach (string name in _removed)
        {
            _requests.Remove(name);
        }

        await approval.JudgeAllAsync([.. _requests.Values], _stop.Token);
        _said.Count.ShouldBe(before + 1, "only that it is approved, for here nobody takes it off the list");
        machines.ShouldAllBe(machine => !machine.IsFaulted);
    }

    [Fact]
    public async Task Of_more_workers_in_DNS_than_a_cluster_can_have_the_others_are_not_asked_and_that_is_said()
    {
        Add(CsrSample.Client("w2", _key), 1, Token, CsrSample.WorkerGroup);
        _ = SayAsync(Worker(1), "");
        string[] many = [.. Enumerable.Range(0, CsrClaimClient.MostAddresses).Select(i => $"127.251.{i / 250}.{i % 250 + 1}")];
        (await Approval(many).JudgeAllAsync([.. _requests.Values], _stop.Token)).ShouldBeTrue();
        _said.ShouldContain("DNS names more than 5000 workers; the others are not asked");
    }

    /// <summary>A hundred machines in DNS: thirty join, ten are silent, nobody stands at the others; whoever has the token floods.</summary>
    [Fact]
    public async Task Thirty_workers_that_join_at_once_all_get_in_in_one_round_beside_a_flood_and_silent_machines()
    {
        const int Joining = 30, Silent = 10;
        for (int i = 0; i < 300; i++)
        {
            Add(CsrSample.Client($"flood{i}", _key), i, Token, CsrSample.WorkerGroup);
        }

        List<string> honest = [];
        List<Task> machines = [];
        foreach (int i in Enumerable.Range(2, Joining))
        {
            using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            string digest = Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));
            JsonObject request = CsrSample.Client($"w{i}", key);
            request["metadata"]!["name"] = CsrClaim.RequestNameOf(digest);
            honest.Add(Add(request, 0, Token, CsrSample.WorkerGroup).Name);
            machines.Add(SayAsync(Worker(i), $$"""{"node":"w{{i}}","keys":["{{digest}}"]}"""));
        }

        foreach (int i in Enumerable.Range(2 + Joining, Silent))
        {
            machines.Add(SayNothingAsync(Worker(i)));
        }

        CsrApproval approval = Approval([.. Enumerable.Range(1, 100).Select(Worker)]);
        Stopwatch round = Stopwatch.StartNew();
        (await approval.JudgeAllAsync([.. _requests.Values], _stop.Token)).ShouldBeTrue("the flood stays");

        _approved.ShouldBe(honest, ignoreOrder: true);
        _removed.ShouldNotContain(name => honest.Contains(name));
        round.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(20), "a silent machine costs its three seconds once, not each its own");
        machines.ShouldAllBe(machine => !machine.IsFaulted);
    }

    [Fact]
    public async Task An_approval_that_the_API_refuses_keeps_no_other_waiting()
    {
        _ = SayAsync(Worker(1), """{"node":"w1","keys":[]}""");
        KubernetesObject refused = Add(CsrSample.Client("w1", _key), 1, "system:node:w1", "system:nodes");
        KubernetesObject good = Add(CsrSample.Client("w1", _key), 2, "system:node:w1", "system:nodes");
        _refuse = refused.Name;
        (await Approval([]).JudgeAllAsync([.. _requests.Values], _stop.Token)).ShouldBeTrue();
        _approved.ShouldBe([good.Name]);
        _said.ShouldContain(line => line.Contains($"{refused.Name} of system:node:w1 left alone: the API refuses its approval: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_approved_is_the_whole_object_as_it_was_judged()
    {
        _ = SayAsync(Worker(1), """{"node":"w1","keys":[]}""");
        KubernetesObject request = Add(CsrSample.Client("w1", _key), 1, "system:node:w1", "system:nodes");
        request.Json["spec"]!["expirationSeconds"] = 3600;
        await Approval([]).JudgeAllAsync([request], _stop.Token);
        _api.LastBody.ShouldContain("\"expirationSeconds\":3600");

        _changes = true; // between list and approval
        _said.Clear();
        (await Approval([]).JudgeAllAsync([request], _stop.Token)).ShouldBeTrue();
        _said.ShouldHaveSingleItem().ShouldEndWith("left alone: it has changed meanwhile");
    }

    [Fact]
    public async Task What_no_kubelet_asks_for_is_removed_with_its_finalizers_and_whatever_its_signer()
    {
        KubernetesObject heavy = Add(CsrSample.Client("w8", _key), 1, Token, CsrSample.WorkerGroup);
        heavy.Json["metadata"]!["annotations"] = new JsonObject { ["a"] = new string('x', 200_000) };
        heavy.Json["metadata"]!["finalizers"] = new JsonArray("example.com/for-ever");
        for (int i = 0; i < CsrChoice.MostOfOneUser + 5; i++)
        {
            Add(CsrSample.Make($"other{i}", "example.com/other", "", []), i, "system:node:w1", CsrRule.NodesGroup);
        }

        KubernetesObject persons = Add(CsrSample.Make("persons", "example.com/other", "", []), 1, "jane", "people");
        persons.Json["metadata"]!["annotations"] = new JsonObject { ["a"] = "b" };
        (await Approval([]).JudgeAllAsync([.. _requests.Values.Select(CsrRequest.Slim)], _stop.Token)).ShouldBeTrue();
        _removed.Count.ShouldBe(6);
        _removed.ShouldContain(heavy.Name);
        _removed.ShouldNotContain(persons.Name);
        _api.Requests.ShouldContain(line => line.StartsWith($"PATCH {KubernetesResource.CertificateSigningRequests.One(heavy.Name)}", StringComparison.Ordinal));
        _approved.ShouldBeEmpty();
        _said.Count.ShouldBe(2, string.Join('\n', _said));
    }

    [Fact]
    public async Task Each_machine_that_a_Node_names_is_asked_once_and_few_of_them()
    {
        _api.Put(KubernetesResource.Nodes.Path, Node("w1", [.. Enumerable.Range(1, 30).Select(Worker)]));
        Task[] machines = [.. Enumerable.Range(1, 30).Select(i => SayAsync(Worker(i), i == 2 ? """{"node":"w1","keys":[]}""" : """{"node":"w3","keys":[]}"""))];
        KubernetesObject[] asked = [.. Enumerable.Range(0, 3).Select(i => Add(CsrSample.Client("w1", _key), i, "system:node:w1", "system:nodes"))];
        (await Approval([.. Enumerable.Range(1, 30).Select(Worker)]).JudgeAllAsync(asked, _stop.Token)).ShouldBeFalse();
        _approved.Count.ShouldBe(3);
        _asked.ShouldBe(8);
        machines.ShouldAllBe(machine => !machine.IsFaulted);
    }

    [Fact]
    public async Task A_machine_that_stands_for_its_request_is_told_in_it_why_it_waits_and_nobody_else_is()
    {
        string digest = Convert.ToHexStringLower(SHA256.HashData(_key.ExportSubjectPublicKeyInfo()));
        KubernetesObject honest = Add(CsrSample.Client("w1", _key), 1, Token, CsrSample.WorkerGroup);
        Add(CsrSample.Client("w5", _key), 2, Token, CsrSample.WorkerGroup);
        _api.Put(KubernetesResource.Nodes.Path, LiveNode("w1", Worker(1)));
        _ = SayAsync(Worker(1), $$"""{"node":"w1","keys":["{{digest}}"]}""");
        (await Approval(Worker(1)).JudgeAllAsync([.. _requests.Values], _stop.Token)).ShouldBeTrue();
        _approved.ShouldBe([honest.Name], "its conditions alone were written");
        KubernetesObject told = KubernetesObject.Parse(Encoding.UTF8.GetBytes(_api.LastBody));
        CsrApproval.WhyLeft(told).ShouldBe($"a live Node has the name w1 ({Worker(1)})");

        // and it stays open, and is not told the same again
        _requests[honest.Name].Json["status"] = told.Json["status"]!.DeepClone();
        (await Approval(Worker(1)).JudgeAllAsync([.. _requests.Values], _stop.Token)).ShouldBeTrue();
        _approved.Count.ShouldBe(1);
        _said.Count(line => line.Contains(honest.Name, StringComparison.Ordinal)).ShouldBe(2, "each agent says it once");
    }

    [Fact]
    public void A_choice_takes_so_many_of_each_user_and_of_a_token_those_first_for_which_a_machine_stands()
    {
        for (int i = 0; i < CsrChoice.MostOfOneUser + 50; i++)
        {
            Add(CsrSample.Client($"t{i}", _key), i, Token, CsrSample.WorkerGroup);
        }

        KubernetesObject node = Add(CsrSample.Client("w1", _key), 1, "system:node:w1", "system:nodes");
        KubernetesObject[] ofToken = [.. _requests.Values.Where(item => item.Text("spec", "username") == Token).OrderBy(item => item.Text("metadata", "creationTimestamp"), StringComparer.Ordinal)];
        CsrChoice choice = CsrChoice.Of(_requests.Values, new HashSet<string> { ofToken[0].Name });
        string[] names = [.. choice.Requests.Select(item => item.Name)];
        names.Length.ShouldBe(CsrChoice.MostOfOneUser + 1);
        names.ShouldContain(node.Name);
        names[0].ShouldBe(ofToken[0].Name, "a machine stands for it, and the oldest are judged first");
        names.ShouldContain(ofToken[^1].Name);
        names.ShouldNotContain(ofToken[1].Name);
    }

    private string Worker(int number) => _network + number;

    private KubernetesObject Add(JsonObject request, int second, string user, string group)
    {
        KubernetesObject item = request.AskedBy(user, group);
        request["metadata"]!["creationTimestamp"] = $"2026-01-02T03:{second / 60:D2}:{second % 60:D2}Z";
        request["metadata"]!["resourceVersion"] = "7";
        _requests.Add(item.Name, item);
        return item;
    }

    private CsrApproval Approval(params string[] workers) => new(
        _api.Connect, [TestPeers.Watch("workers.demo.k8s.", new FixedResolver([.. workers.Append(Worker(1)).Distinct()]), TimeProvider.System)], new CsrClaimClient(),
        CsrSample.Reserved, CsrSample.WorkerGroup, new Narrator(_said.Add), TimeProvider.System);

    private (int Status, string Json)? Answer(string method, string path)
    {
        string all = KubernetesResource.CertificateSigningRequests.Path;
        if (path == all)
        {
            return (200, new JsonObject { ["metadata"] = new JsonObject(), ["items"] = new JsonArray([.. _requests.Values.Select(item => item.Json.DeepClone())]) }.ToJsonString());
        }

        if (!path.StartsWith(all, StringComparison.Ordinal))
        {
            return null;
        }

        string name = path[(all.Length + 1)..].Split('/')[0];
        if (method == "GET")
        {
            JsonObject item = _requests[name].Json.DeepClone().AsObject();
            item["metadata"]!["resourceVersion"] = _changes ? "8" : "7";
            return (200, item.ToJsonString());
        }

        if (method is "PATCH" or "DELETE")
        {
            if (method == "DELETE")
            {
                _removed.Add(name);
            }

            return (200, "{}");
        }

        if (name == _refuse)
        {
            return (403, """{"kind":"Status","message":"no"}""");
        }

        _approved.Add(name);
        return (200, "{}");
    }

    private async Task SayAsync(string address, string words)
    {
        using TcpListener listener = new(IPAddress.Parse(address), CsrClaim.Port);
        listener.Start();
        while (true)
        {
            using Socket socket = await listener.AcceptSocketAsync(_stop.Token);
            Interlocked.Increment(ref _asked);
            await socket.SendAsync(Encoding.UTF8.GetBytes(words), _stop.Token);
            socket.Shutdown(SocketShutdown.Send);
        }
    }

    /// <summary>Takes what comes and leaves it waiting.</summary>
    private async Task SayNothingAsync(string address)
    {
        using TcpListener listener = new(IPAddress.Parse(address), CsrClaim.Port);
        listener.Start();
        await Task.Delay(Timeout.Infinite, _stop.Token);
    }

    private static KubernetesObject LiveNode(string name, string address)
    {
        KubernetesObject node = Node(name, address);
        node.Json["status"]!["conditions"] = new JsonArray(new JsonObject { ["type"] = "Ready", ["status"] = "True" });
        return node;
    }

    private static KubernetesObject Node(string name, params string[] addresses) => new(new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = name },
        ["status"] = new JsonObject { ["addresses"] = new JsonArray([.. addresses.Select(address => new JsonObject { ["type"] = "InternalIP", ["address"] = address })]) },
    });
}
