using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;
using Images.Lab.Machines;
using Images.TestSupport;

namespace Images.EndToEnd.Tests;

/// <summary>
/// A worker that joined and whose root then does what he likes, in a whole cluster: each thing is refused, and another
/// worker joins meanwhile, by a token that was made while the master ran. The same at an API server alone, in seconds:
/// HostileWorkerTests of Bootstrapper.Tests.
/// </summary>
public sealed class HostileWorkersTests : IDisposable
{
    private const string First = "10.240.0.11";
    private const string Hostile = "10.240.0.31";
    private const string Honest = "10.240.0.32";
    private const string ClientSigner = "kubernetes.io/kube-apiserver-client-kubelet";
    private const string AsNode = "sudo kubectl --kubeconfig /etc/kubernetes/kubelet.kubeconfig";

    /// <summary>Now a claim without its list, now more than anybody reads.</summary>
    private const string Nonsense = """
        if [ $(($(date +%s) % 2)) = 0 ]; then echo '{"node":"worker2","keys":null}'; exit; fi
        head -c 1000000 /dev/zero | tr '\0' '['

        """;

    private readonly LabCluster _lab = new(BakedImage.RunFolder(nameof(HostileWorkersTests)));
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public HostileWorkersTests()
    {
        _lab.Network.SetRecords("etcd.demo.k8s", [First]);
        _lab.Network.SetRecords("masters.demo.k8s", [First]);
        _lab.Network.SetRecords("workers.demo.k8s", [First, Hostile, Honest]);
    }

    public void Dispose()
    {
        _lab.Dispose();
        _key.Dispose();
    }

    [Fact]
    [Trait("Category", "Full")]
    public void What_its_root_does_gives_a_worker_nothing_and_keeps_nobody_out()
    {
        Machine first = _lab.Start(
            "first", _lab.Seeds.Role("etcd,master,worker", 1, "--hostname", "first"), First, 2560);
        Machine hostile = _lab.Start(
            "worker1", _lab.Seeds.Role("worker", null, "--hostname", "worker1"), Hostile, 1024);
        first.WaitFor("bootstrapper: ready: kube-apiserver.service", 600);
        Kubectl kubectl = _lab.Kubectl(First);
        WaitForRoles(kubectl, first, "first etcd,master,worker", "worker1 worker");

        AnswersNonsense(hostile);
        TakesNoRole(kubectl, first, hostile);
        AnotherJoinsDuringAFlood(kubectl, first);
        WaitForRoles(kubectl, first, "first etcd,master,worker", "worker1 <none>", "worker2 worker");
        kubectl.Run("delete", "certificatesigningrequests", "--all");
        GetsNobodyElsesCertificates(first, hostile);
        GetsNoNextCertificateOnceItWasRemoved(kubectl, first, hostile);

        kubectl.Run("get", "certificatesigningrequests", "evil-serving", "evil-name", "evil-client",
            "-o", "jsonpath={.items[*].status.conditions}").Trim().ShouldBeEmpty();
        WaitForRoles(kubectl, first, "first etcd,master,worker", "worker1 <none>", "worker2 worker");
        _lab.Run(first, "systemctl show --property NRestarts --value bootstrapper-agent.service").Trim().ShouldBe("0");
    }

    /// <summary>In place of its agent, and without a kubelet that would mend its Node.</summary>
    private void AnswersNonsense(Machine hostile)
    {
        _lab.Run(hostile, "sudo systemctl mask --now --runtime bootstrapper-agent.service");
        _lab.Run(hostile, "sudo systemctl stop kubelet.service");
        hostile.Ssh(_lab.Seeds.SshKey, "sudo tee /run/nonsense > /dev/null", input: Encoding.ASCII.GetBytes(Nonsense));
        _lab.Run(
            hostile,
            "sudo systemd-run --quiet socat TCP-LISTEN:10245,fork,reuseaddr 'EXEC:/bin/sh /run/nonsense'");
    }

    private void TakesNoRole(Kubectl kubectl, Machine first, Machine hostile)
    {
        SaysThatItIsAt(hostile, First);
        WaitForRoles(kubectl, first, "first etcd,master,worker", "worker1 <none>");
        JudgeResult label = hostile.TrySsh(
            _lab.Seeds.SshKey, $"{AsNode} label node worker1 node-role.kubernetes.io/master=");
        label.ExitCode.ShouldBe(1);
        label.Error.ShouldContain("is not allowed to modify labels");
    }

    private void AnotherJoinsDuringAFlood(Kubectl kubectl, Machine first)
    {
        string token = File.ReadAllText(Path.Combine(_lab.Seeds.Secrets, "worker.token")).Trim();
        JudgeResult made = _lab.Network.Try(
            "dotnet", BakedImage.Baker, "token", "create", "--ttl", "2h", "--cluster", "demo",
            "--kubeconfig", Path.Combine(Path.GetDirectoryName(_lab.Seeds.SshKey)!, "admin.kubeconfig"),
            "--secrets", Path.GetDirectoryName(_lab.Seeds.Secrets)!);
        made.ExitCode.ShouldBe(0, made.Error);
        made.Output.ShouldMatch(
            @"^# until \S+Z\nnode:\n  kubernetes:\n    token: '[a-z0-9]{6}\.[a-z0-9]{16}'\n$");
        string seed = _lab.Seeds.Role("worker", null, "--hostname", "worker2");
        _lab.Seeds.UserData("worker").ShouldNotContain(token);

        string flood = Path.Combine(_lab.Folder, "flood.yaml");
        File.WriteAllText(flood, Flood());
        Task<JudgeResult> flooding = Task.Run(() => _lab.Network.Try(
            "kubectl", "--server", $"https://{First}:6443", "--token", token,
            "--certificate-authority", Path.Combine(_lab.Seeds.Secrets, "kubernetes.crt"),
            "create", "--validate=false", "-f", flood));
        _lab.Start("worker2", seed, Honest, 1024);
        kubectl.WaitFor(
            "the other worker", 300, text => Regex.IsMatch(text, "(?m)^worker2 +Ready"), first,
            "get", "nodes", "--no-headers");
        JudgeResult flooded = flooding.GetAwaiter().GetResult();
        flooded.Output.ShouldContain("flood-249 created", customMessage: flooded.Error);

        // a hundred that are open, and those by which the machines have joined
        kubectl.WaitFor(
            "few requests of the flood", 60,
            names => names.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length <= 103, first,
            "get", "certificatesigningrequests", "-o",
            "jsonpath={.items[?(@.spec.groups[0]==\"system:bootstrappers\")].metadata.name}");
        kubectl.Run("get", "certificatesigningrequests", "-o", "jsonpath={.items[*].metadata.finalizers}").Trim()
            .ShouldBeEmpty();
        first.WaitFor(
            @"certificate requests of system:bootstrap:\S+: more than 100 are open, or some hold what no kubelet's "
                + "does; such are removed, last those for which a machine stands", 60);
    }

    private void GetsNobodyElsesCertificates(Machine first, Machine hostile)
    {
        Ask(hostile, Request("evil-serving", "worker1", "kubernetes.io/kubelet-serving", "server auth", First));
        IsLeft(first, "evil-serving", $"no machine at {First} says that it is worker1");
        Ask(hostile, Request("evil-name", "worker2", ClientSigner, "client auth"));
        IsLeft(first, "evil-name", "'system:node:worker1' asks for it, who is not that node");
    }

    /// <summary>Out of DNS, its Node deleted: whatever its kubelet makes anew.</summary>
    private void GetsNoNextCertificateOnceItWasRemoved(Kubectl kubectl, Machine first, Machine hostile)
    {
        _lab.Network.SetRecords("workers.demo.k8s", [First, Honest]);
        string isNamed = $"resolvectl query workers.demo.k8s | grep -q -w {Hostile}";
        _lab.Run(first, $"for i in $(seq 60); do {isNamed} || exit 0; sleep 1; done; exit 1");
        kubectl.Run("delete", "node", "worker1");
        _lab.Run(hostile, "sudo systemctl start --no-block kubelet.service");
        kubectl.WaitFor(
            "the Node that was deleted", 120, text => text.Trim() == Hostile, first,
            "get", "node", "worker1", "-o", "jsonpath={.status.addresses[?(@.type==\"InternalIP\")].address}");
        Ask(hostile, Request("evil-client", "worker1", ClientSigner, "client auth"));
        IsLeft(first, "evil-client", $"DNS does not name {Hostile} as a worker");
        _lab.Run(hostile, "sudo systemctl stop kubelet.service");
        SaysThatItIsAt(hostile, Honest);
        IsLeft(first, "evil-client", $"no machine at {Honest} says that it is worker1");
    }

    private static void WaitForRoles(Kubectl kubectl, Machine master, params string[] nodes)
    {
        string Roles(string text) => string.Join("; ", text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(words => $"{words[0]} {words[2]}")
            .Order(StringComparer.Ordinal));
        string wanted = string.Join("; ", nodes);
        kubectl.WaitFor(wanted, 600, text => Roles(text) == wanted, master, "get", "nodes", "--no-headers");
    }

    private static void IsLeft(Machine master, string request, string reason) => master.WaitFor(
        $"certificate request {request} of system:node:worker1 left alone: {Regex.Escape(reason)}", 60);

    /// <summary>Written into its Node's status with the kubelet's certificate, as the kubelet does.</summary>
    private void SaysThatItIsAt(Machine hostile, string address)
    {
        const string Addresses = "/\"addresses\"/,/\\]/";
        string write = $"{AsNode} get node worker1 -o json "
            + $"| sed -E '{Addresses} s/\"address\": \"10\\.[0-9.]+\"/\"address\": \"{address}\"/' "
            + $"| {AsNode} replace --raw /api/v1/nodes/worker1/status -f - > /dev/null";
        // the controller manager may write it in between
        _lab.Run(hostile, $"for i in 1 2 3 4 5; do {write} && exit 0; sleep 1; done; exit 1");
    }

    private void Ask(Machine hostile, string request) =>
        hostile.Ssh(_lab.Seeds.SshKey, $"{AsNode} create -f -", input: Encoding.UTF8.GetBytes(request));

    /// <summary>By the token of each worker's metadata; some of it with what would keep it in etcd for ever.</summary>
    private string Flood() => string.Concat(Enumerable.Range(0, 250).Select(i => Request(
        $"flood-{i}", "worker2", i % 2 == 0 ? ClientSigner : "example.com/other", "client auth",
        more: i % 5 == 0
            ? $", finalizers: [example.com/for-ever], annotations: {{ a: {new string('x', 50_000)} }}"
            : "")));

    private string Request(
        string name, string node, string signer, string usage, string? address = null, string more = "")
    {
        CertificateRequest request = new($"O=system:nodes, CN=system:node:{node}", _key, HashAlgorithmName.SHA256);
        if (address is not null)
        {
            SubjectAlternativeNameBuilder names = new();
            names.AddDnsName(node);
            names.AddIpAddress(IPAddress.Parse(address));
            request.CertificateExtensions.Add(names.Build());
        }

        return $$"""
            apiVersion: certificates.k8s.io/v1
            kind: CertificateSigningRequest
            metadata: { name: {{name}}{{more}} }
            spec:
              signerName: {{signer}}
              request: {{Convert.ToBase64String(Encoding.ASCII.GetBytes(request.CreateSigningRequestPem()))}}
              usages: [digital signature, key encipherment, {{usage}}]
            ---

            """;
    }
}
