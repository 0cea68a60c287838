using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Kubernetes.Approval;

namespace Images.Bootstrapper.Tests.Kubernetes.Approval;

public sealed class CsrRuleTests : IDisposable
{
    private const string Token = "system:bootstrap:abcdef";
    private static readonly string[] _tokenGroups = ["system:bootstrappers", CsrSample.WorkerGroup, "system:authenticated"];
    private static readonly string[] _nodeGroups = ["system:nodes", "system:authenticated"];

    private static readonly DateTimeOffset _now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose() => _key.Dispose();

    [Fact]
    public void A_newcomer_whose_machine_says_so_at_an_address_in_DNS_is_approved() =>
        Judge(CsrSample.Client("w1", _key).AskedBy(Token, _tokenGroups), claimedAt: ["10.0.0.1"])
            .ShouldBe(CsrVerdict.Approved("the machine at 10.0.0.1, which DNS names as a worker, asks for it"));

    [Fact]
    public void The_usages_of_newer_kubelets_are_approved_too() =>
        Judge(CsrSample.Client("w1", _key, usages: ["digital signature", "client auth"]).AskedBy(Token, _tokenGroups), claimedAt: ["10.0.0.1"]).Approve.ShouldBeTrue();

    [Fact]
    public void A_token_holder_without_an_address_in_DNS_is_left_alone() =>
        Left(Judge(CsrSample.Client("w1", _key).AskedBy(Token, _tokenGroups), claimedAt: []))
            .ShouldBe("no machine among the workers in DNS (10.0.0.1, 10.0.0.2) says that it asks to be w1 with this key");

    [Fact]
    public void Two_machines_that_claim_one_key_are_left_alone() =>
        Left(Judge(CsrSample.Client("w1", _key).AskedBy(Token, _tokenGroups), claimedAt: ["10.0.0.1", "10.0.0.2"])).ShouldStartWith("several machines say");

    [Fact]
    public void Nobody_is_approved_while_DNS_names_no_worker() =>
        Left(CsrRule.Judge(
            CsrRequest.Read(CsrSample.Client("w1", _key).AskedBy(Token, _tokenGroups)),
            new CsrFacts { Workers = PeerSet.Empty, Nodes = [], ClaimedAt = [], Reserved = CsrSample.Reserved, Now = _now },
            CsrSample.WorkerGroup)).ShouldBe("DNS names no workers");

    [Fact]
    public void The_name_of_a_live_Node_is_taken_and_that_of_a_silent_one_is_free()
    {
        KubernetesObject request = CsrSample.Client("w1", _key).AskedBy(Token, _tokenGroups);
        Left(Judge(request, ["10.0.0.1"], Node("w1", isLive: true, "10.0.0.1"))).ShouldBe("a live Node has the name w1 (10.0.0.1)");
        Judge(request, ["10.0.0.1"], Node("w1", isLive: false, "10.0.0.1")).Approve.ShouldBeTrue();
    }

    [Fact]
    public void What_a_Node_writes_of_its_address_keeps_no_machine_there_from_joining() =>
        Judge(CsrSample.Client("w9", _key).AskedBy(Token, _tokenGroups), ["10.0.0.1"], Node("w1", isLive: true, "10.0.0.1")).Approve.ShouldBeTrue();

    [Theory]
    [InlineData(-10, null, false)]
    [InlineData(-299, null, false)]
    [InlineData(-301, null, true)] // a machine that came to nothing: the name is free again
    [InlineData(-10, -20, false)] // an older machine's Node, silent since before
    [InlineData(-20, -10, true)] // the Node was heard of and fell silent: whether it is live decides
    public void A_name_that_another_machine_was_just_given_is_kept_for_it(int approved, int? heardOf, bool isFree)
    {
        using ECDsa otherKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CsrRequest given = CsrRequest.Read(CsrSample.Client("w1", otherKey).AskedBy(Token, _tokenGroups)) with { ApprovedAt = _now.AddSeconds(approved) };
        CsrRequest otherName = CsrRequest.Read(CsrSample.Client("w2", otherKey).AskedBy(Token, _tokenGroups)) with { ApprovedAt = _now.AddSeconds(-10) };
        CsrRequest request = CsrRequest.Read(CsrSample.Client("w1", _key).AskedBy(Token, _tokenGroups));
        CsrFacts facts = new()
        {
            Workers = PeerSet.Parse(["10.0.0.1", "10.0.0.2"]),
            Nodes = heardOf is int seconds ? [Node("w1", isLive: false, "10.0.0.2") with { HeardOfAt = _now.AddSeconds(seconds) }] : [],
            ClaimedAt = ["10.0.0.1"],
            Newcomers = [otherName, given, request],
            Reserved = CsrSample.Reserved,
            Now = _now,
        };
        CsrVerdict verdict = CsrRule.Judge(request, facts, CsrSample.WorkerGroup);
        verdict.Approve.ShouldBe(isFree, verdict.Reason);
        if (!isFree)
        {
            verdict.Reason.ShouldMatch($@"^request {given.Name} was approved for the Node w1 at \d\d:\d\d:\d\d UTC, and it has not been heard of since; the name is kept for it for 5 minutes$");
        }
    }

    [Theory]
    [InlineData("O=system:masters, CN=system:node:w1", "its organization is 'system:masters' and not system:nodes alone")]
    [InlineData("O=system:nodes, O=system:masters, CN=system:node:w1", "its organization is 'system:masters', 'system:nodes' and not system:nodes alone")]
    [InlineData("CN=system:node:w1", "its organization is '' and not system:nodes alone")]
    [InlineData("O=system:nodes, CN=admin", "its common name is 'admin', which is no node's")]
    [InlineData("O=system:nodes, CN=system:node:", "its common name is 'system:node:', which is no node's")]
    [InlineData("O=system:nodes, OU=ops, CN=system:node:w1", "it holds the subject part 2.5.4.11")]
    [InlineData("O=system:nodes, CN=system:node:w1, CN=system:node:w2", "its common name is '', which is no node's")]
    public void A_subject_that_kubelets_do_not_ask_for_is_left_alone(string subject, string reason) =>
        Left(Judge(CsrSample.Client("w1", _key, subject).AskedBy(Token, _tokenGroups), claimedAt: ["10.0.0.1"])).ShouldBe(reason);

    [Theory]
    [InlineData("masters.demo.k8s")]
    [InlineData("Masters.demo.k8s")]
    [InlineData("kubernetes")]
    [InlineData("kubernetes.default.svc")]
    [InlineData("webhook.tools.svc")]
    [InlineData("kubernetes.default.svc.cluster.local")]
    [InlineData("localhost")]
    [InlineData("etcd.demo.k8s")]
    [InlineData("minions.demo.k8s")]
    public void No_machine_becomes_a_Node_that_is_called_like_the_clusters_servers(string name)
    {
        string reason = $"{name} is a name of the cluster's own servers, which no Node may have; give the machine another host name";
        CsrNode node = Node(name, isLive: true, "10.0.0.1");
        Left(Judge(CsrSample.Client(name, _key).AskedBy(Token, _tokenGroups), ["10.0.0.1"])).ShouldBe(reason);
        Left(Judge(CsrSample.Client(name, _key).AskedBy($"system:node:{name}", _nodeGroups), [], node)).ShouldBe(reason);
        Left(Judge(CsrSample.Serving(name, _key, [name], ["10.0.0.1"]).AskedBy($"system:node:{name}", _nodeGroups), [], node)).ShouldBe(reason);
    }

    [Theory]
    [InlineData("node1")]
    [InlineData("node1.demo.k8s")]
    public void A_masters_name_is_its_own_machines_alone(string name)
    {
        string reason = $"{name} is the name of the master at 10.0.0.21; give the machine another host name";
        string[] workers = ["10.0.0.1", "10.0.0.21"];
        KubernetesObject first = CsrSample.Client(name, _key).AskedBy(Token, _tokenGroups);
        Left(JudgeAmong(workers, first, ["10.0.0.1"])).ShouldBe(reason);
        JudgeAmong(workers, first, ["10.0.0.21"]).Approve.ShouldBeTrue();
        KubernetesObject serving = CsrSample.Serving(name, _key, [name], ["10.0.0.21"]).AskedBy($"system:node:{name}", _nodeGroups);
        Left(JudgeAt(["10.0.0.1"], workers, serving, Node(name, isLive: true, "10.0.0.1", "10.0.0.21"))).ShouldBe(reason, "its kubelet may write any address");
        JudgeAt(["10.0.0.21"], workers, serving, Node(name, isLive: true, "10.0.0.21")).Approve.ShouldBeTrue();
    }

    [Theory]
    [InlineData("masters")]
    [InlineData("masters.demo.k8s.example.com")]
    [InlineData("w1.demo.k8s")]
    [InlineData("kubernetes-1")]
    public void Names_that_only_resemble_them_are_free(string name) =>
        Judge(CsrSample.Client(name, _key).AskedBy(Token, _tokenGroups), ["10.0.0.1"]).Approve.ShouldBeTrue();

    [Theory]
    [InlineData("True", true)]
    [InlineData("False", true)]
    [InlineData("Unknown", false)]
    public void A_node_is_live_as_long_as_its_kubelet_is_heard_of(string ready, bool isLive) => CsrNode.Read(KubernetesObject.Parse(Encoding.UTF8.GetBytes(
        $$$"""{"metadata":{"name":"w1"},"status":{"conditions":[{"type":"DiskPressure","status":"False"},{"type":"Ready","status":"{{{ready}}}"}]}}"""))).IsLive.ShouldBe(isLive);

    [Fact]
    public void When_a_node_was_heard_of_last_and_when_a_request_was_approved_is_read()
    {
        CsrNode.Read(KubernetesObject.Parse("""{"metadata":{"name":"w1"},"status":{"conditions":[{"type":"Ready","status":"Unknown","lastHeartbeatTime":"2026-01-02T03:04:05Z"}]}}"""u8))
            .HeardOfAt.ShouldBe(_now);
        CsrNode.Read(KubernetesObject.Parse("""{"metadata":{"name":"w1"}}"""u8)).HeardOfAt.ShouldBeNull();
        JsonObject request = CsrSample.Client("w1", _key);
        CsrRequest.Read(request.AskedBy(Token, _tokenGroups)).ApprovedAt.ShouldBeNull();
        request["status"] = new JsonObject { ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Approved", ["lastUpdateTime"] = "2026-01-02T03:04:05Z" }) };
        CsrRequest.Read(request.AskedBy(Token, _tokenGroups)).ApprovedAt.ShouldBe(_now);
    }


    [Theory]
    [InlineData("digital signature", "client auth", "server auth")]
    [InlineData("digital signature", "key encipherment", "any")]
    [InlineData("client auth", "key encipherment", "cert sign")]
    public void Other_usages_are_left_alone(params string[] usages) =>
        Left(Judge(CsrSample.Client("w1", _key, usages: usages).AskedBy(Token, _tokenGroups), claimedAt: ["10.0.0.1"])).ShouldStartWith("its usages are");

    [Fact]
    public void A_token_of_another_group_and_a_stranger_get_nothing()
    {
        Left(Judge(CsrSample.Client("w1", _key).AskedBy(Token, "system:bootstrappers", "system:bootstrappers:lb"), ["10.0.0.1"]))
            .ShouldBe($"'{Token}' asks for it, who is not that node");
        Left(Judge(CsrSample.Client("w1", _key).AskedBy("mallory", _tokenGroups), ["10.0.0.1"])).ShouldBe("'mallory' asks for it, who is not that node");
        Left(Judge(CsrSample.Client("w1", _key).AskedBy("system:node:w2", _nodeGroups), ["10.0.0.1"], Node("w1", isLive: true, "10.0.0.1")))
            .ShouldBe("'system:node:w2' asks for it, who is not that node");
    }

    [Fact]
    public void A_node_gets_its_next_client_certificate_for_as_long_as_DNS_names_the_machine_that_it_is()
    {
        string[] workers = ["10.0.0.1", "10.0.0.2"];
        KubernetesObject request = CsrSample.Client("w1", _key).AskedBy("system:node:w1", _nodeGroups);
        JudgeAt(["10.0.0.1"], workers, request, Node("w1", isLive: true, "10.0.0.1")).ShouldBe(CsrVerdict.Approved("the node itself asks for its next certificate, and its machine stands at 10.0.0.1"));
        JudgeAt(["10.0.0.1"], workers, request, Node("w1", isLive: true, "10.0.0.1"), Node("w2", isLive: true, "10.0.0.1")).Approve.ShouldBeTrue("another may write the address, but stands elsewhere");
        Left(JudgeAt(["10.0.0.1"], workers, request)).ShouldBe("there is no Node of that name");
        Left(JudgeAt([], ["10.0.0.2"], request, Node("w1", isLive: true, "10.0.0.1"))).ShouldBe("DNS does not name 10.0.0.1 as a worker (10.0.0.2)");
        Left(JudgeAt([], workers, request, Node("w1", isLive: true, "10.0.0.2"))).ShouldBe("no machine at 10.0.0.2 says that it is w1");
        Left(JudgeAt([], workers, request, Node("w1", isLive: true))).ShouldBe("its Node has not said its address yet");
        Left(JudgeAt([], [], request, Node("w1", isLive: true, "10.0.0.1"))).ShouldBe("DNS has named no workers yet", "one that fails has removed nobody");
    }

    [Fact]
    public void A_node_that_asks_again_and_again_gets_so_many_certificates_within_an_hour()
    {
        CsrRequest request = CsrRequest.Read(CsrSample.Client("w1", _key).AskedBy("system:node:w1", _nodeGroups));
        CsrFacts facts = Facts(["10.0.0.1"], [], Node("w1", isLive: true, "10.0.0.1")) with { StandsAt = ["10.0.0.1"] };
        (string, string)[] given = [.. Enumerable.Repeat(("system:node:w1", CsrRequest.ClientSigner), CsrRule.MostGiven)];
        CsrRule.Judge(request, facts with { Given = [.. given[1..], ("system:node:w2", CsrRequest.ClientSigner), ("system:node:w1", CsrRequest.ServingSigner)] }, CsrSample.WorkerGroup).Approve.ShouldBeTrue();
        Left(CsrRule.Judge(request, facts with { Given = given }, CsrSample.WorkerGroup)).ShouldBe("it was given 20 such certificates within an hour");
    }

    [Fact]
    public void A_serving_certificate_is_for_the_nodes_own_name_and_the_addresses_at_which_its_machine_stands()
    {
        string[] workers = ["10.0.0.1", "10.0.0.2"];
        CsrNode node = Node("w1", isLive: true, "10.0.0.1");
        JudgeAt(["10.0.0.1"], workers, Serving(["w1"], ["10.0.0.1"]), node).Approve.ShouldBeTrue();
        Left(JudgeAt(["10.0.0.1"], workers, Serving(["w1", "masters.demo.k8s"], ["10.0.0.1"]), node)).ShouldBe("it names masters.demo.k8s, and its Node is w1 (10.0.0.1)");
        Left(JudgeAt(["10.0.0.1"], workers, Serving(["w1"], ["10.0.0.2"]), node)).ShouldBe("it names 10.0.0.2, and its Node is w1 (10.0.0.1)");
        Left(JudgeAt(["10.0.0.1"], workers, Serving(["w1"], []), node)).ShouldBe("it names no address");
        Left(JudgeAt(["10.0.0.9"], workers, Serving(["w1"], ["10.0.0.9"]), Node("w1", isLive: true, "10.0.0.9"))).ShouldStartWith("DNS does not name 10.0.0.9 as a worker");
        JudgeAt(["10.0.0.1"], workers, Serving(["w1"], ["10.0.0.1"]), node, Node("w2", isLive: true, "10.0.0.1")).Approve.ShouldBeTrue("the machine there is w1, whatever w2 writes of itself");
        Left(Judge(CsrSample.Serving("w1", _key, ["w1"], ["10.0.0.1"]).AskedBy(Token, _tokenGroups), ["10.0.0.1"], node)).ShouldBe($"'{Token}' asks for it, who is not that node");
    }

    [Theory]
    [InlineData("10.0.0.2")] // a worker's that is down, or not there yet
    [InlineData("10.0.0.21")] // a master's that is a worker too, while its kubelet is silent
    public void No_serving_certificate_is_for_an_address_that_a_node_has_only_written_itself(string address) =>
        Left(JudgeAt(["10.0.0.1"], ["10.0.0.1", "10.0.0.2", "10.0.0.21"], Serving(["w1"], ["10.0.0.1", address]), Node("w1", isLive: true, "10.0.0.1", address)))
            .ShouldBe($"no machine at {address} says that it is w1");

    [Fact]
    public void Alternative_names_that_no_kubelet_asks_for_are_named()
    {
        JsonObject mail = CsrSample.Make("w1", CsrRequest.ServingSigner, CsrSample.Pem(_key, "O=system:nodes, CN=system:node:w1", ["w1"], ["10.0.0.1"], "root@w1"), CsrSample.ServingUsages);
        Left(Judge(mail.AskedBy("system:node:w1", _nodeGroups), [], Node("w1", isLive: true, "10.0.0.1"))).ShouldBe("it holds an alternative name of kind 1");
        JsonObject client = CsrSample.Make("w1", CsrRequest.ClientSigner, CsrSample.Pem(_key, "O=system:nodes, CN=system:node:w1", ["kubernetes"]), CsrSample.ClientUsages);
        Left(Judge(client.AskedBy(Token, _tokenGroups), ["10.0.0.1"])).ShouldBe("a client's request holds alternative names");
    }

    [Fact]
    public void A_request_that_its_own_key_did_not_sign_cannot_be_read()
    {
        string pem = CsrSample.Pem(_key, "O=system:nodes, CN=system:node:w1");
        string[] lines = pem.Split('\n');
        byte[] der = Convert.FromBase64String(string.Concat(lines[1..^2]));
        der[^1] ^= 1;
        JsonObject changed = CsrSample.Make("w1", CsrRequest.ClientSigner, new string(PemEncoding.Write("CERTIFICATE REQUEST", der)), CsrSample.ClientUsages);
        Should.Throw<InvalidDataException>(() => CsrRequest.Read(changed.AskedBy(Token, _tokenGroups))).Message.ShouldStartWith("its request cannot be read");
        Should.Throw<InvalidDataException>(() => CsrRequest.Read(CsrSample.Make("w1", CsrRequest.ClientSigner, "no PEM", CsrSample.ClientUsages).AskedBy(Token, _tokenGroups)));
    }

    private KubernetesObject Serving(string[] dnsNames, string[] addresses) => CsrSample.Serving("w1", _key, dnsNames, addresses).AskedBy("system:node:w1", _nodeGroups);

    private static CsrNode Node(string name, bool isLive, params string[] addresses) => new() { Name = name, IsLive = isLive, InternalAddresses = addresses };

    private static string Left(CsrVerdict verdict)
    {
        verdict.Approve.ShouldBeFalse(verdict.Reason);
        return verdict.Reason;
    }

    private static CsrVerdict Judge(KubernetesObject request, string[] claimedAt, params CsrNode[] nodes) => JudgeAmong(["10.0.0.1", "10.0.0.2"], request, claimedAt, nodes);

    private static CsrVerdict JudgeAmong(string[] workers, KubernetesObject request, string[] claimedAt, params CsrNode[] nodes) =>
        CsrRule.Judge(CsrRequest.Read(request), Facts(workers, claimedAt, nodes), CsrSample.WorkerGroup);

    /// <summary>With what the machine of the Node that asks says of itself.</summary>
    private static CsrVerdict JudgeAt(string[] standsAt, string[] workers, KubernetesObject request, params CsrNode[] nodes) =>
        CsrRule.Judge(CsrRequest.Read(request), Facts(workers, [], nodes) with { StandsAt = standsAt }, CsrSample.WorkerGroup);

    private static CsrFacts Facts(string[] workers, string[] claimedAt, params CsrNode[] nodes) =>
        new() { Workers = PeerSet.Parse(workers), Nodes = nodes, ClaimedAt = claimedAt, Reserved = CsrSample.Reserved, Now = _now };
}
