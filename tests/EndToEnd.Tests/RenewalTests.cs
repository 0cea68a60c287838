using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Images.Lab.Machines;

namespace Images.EndToEnd.Tests;

/// <summary>
/// A whole cluster on one machine, with a pods' network and a name server of its user's and certificates of one hour, whose clock is moved.
/// Servers read their certificates anew each minute or at each handshake, clients of the API every five, by clocks that nobody sets.
/// </summary>
[Collection(AloneGroup.Name)]
public sealed class RenewalTests : IDisposable
{
    private const string Kubelet = "kubelet.service";
    private const string ControllerManager = "kube-controller-manager.service";

    private static readonly string[] _units =
        ["etcd.service", "kube-apiserver.service", ControllerManager, "kube-scheduler.service", "kube-proxy.service", "containerd.service", Kubelet];

    private static readonly TimeSpan _untilClientsHaveRead = TimeSpan.FromMinutes(6);

    private const string OwnNetwork = """
        write_files:
          - path: /etc/cni/net.d/20-own.conflist
            content: |
              {
                "cniVersion": "0.4.0",
                "name": "own",
                "plugins": [{
                  "type": "ptp",
                  "ipMasq": true,
                  "ipam": { "type": "host-local", "ranges": [[{ "subnet": "10.200.7.0/24" }]], "routes": [{ "dst": "0.0.0.0/0" }] }
                }]
              }

        """;

    private readonly LoneMachine _one = new(BakedImage.RunFolder(nameof(RenewalTests)), new LoneMachineOptions
    {
        Kind = MachineKind.Qemu, // its clock is moved
        SeedArguments = ["--network", "cni", "--dns", "none"],
        NodeLines = "  certificateValidityPeriod: 1h\n  labels: { rack: r7 }\n",
        MoreUserData = OwnNetwork,
    });

    [Fact]
    [Trait("Category", "Full")]
    public void Certificates_are_renewed_when_the_clock_moves_the_API_stays_and_nothing_restarts_that_need_not()
    {
        _one.StartAndWaitForNode(_one.Kubectl());
        Kubectl kubectl = new(_one.Machine, _one.Seeds); // this host's clock stays behind
        kubectl.Run("get", "nodes", "--selector", "rack=r7", "--output", "name").ShouldStartWith("node/", Case.Sensitive, "the metadata's label");
        string pod = PodsRunOnTheOwnNetworkAndAskTheOwnNameServer(kubectl);
        Dictionary<string, string> certificates = Certificates(), runs = Runs();
        certificates.Count.ShouldBeGreaterThan(10);
        DateTimeOffset firstEnds = EndOfKubelets("client");

        using (ApiWatch api = new(_one))
        {
            AllOfTheAgentsCertificatesAreRenewedAndShown(certificates, firstEnds - TimeSpan.FromMinutes(17));
            ShouldAllRunOnBut([ControllerManager], runs); // its controllers' tokens live an hour by a clock that nobody sets
            TheKubeletRenewsItsOwn(firstEnds - TimeSpan.FromSeconds(330));
            ShouldAllRunOnBut([ControllerManager, Kubelet], runs);

            string started = Runs()[Kubelet];
            Dictionary<string, string> before = Certificates();
            Advance(TimeSpan.FromMinutes(28));
            WaitUntilAllDiffer(before);
            Thread.Sleep(_untilClientsHaveRead);
            Runs()[Kubelet].ShouldBe(started);
            AKubeletWhoseCertificateEndedComesBack(kubectl);
            APodMoreRunsAndAnswers(kubectl, pod);
            api.Outages.ShouldBeEmpty();
            api.Answers.ShouldBeGreaterThan(300);
        }

        ShouldAllRunOnBut([ControllerManager, Kubelet], runs);
        kubectl.Run("get", "pod", pod, "-o", "jsonpath={.status.containerStatuses[0].restartCount}").ShouldBe("0");
        _one.SystemHealth().ShouldBe(("running", ""));
    }

    public void Dispose() => _one.Dispose();

    /// <returns>The name of a pod that goes on running.</returns>
    private string PodsRunOnTheOwnNetworkAndAskTheOwnNameServer(Kubectl kubectl)
    {
        kubectl.Apply(NameServerPod.Manifest("10.32.0.10", "answer", "192.0.2.53")); // first: other Services take any address
        kubectl.Apply(EchoPods.Manifest("echo", replicas: 1, nodePort: 30080));
        string pod = kubectl.WaitFor("a pod that is Ready", 600, pods => Regex.IsMatch(pods, @"^echo-\S+ +1/1 +Running "), _one.Machine, "get", "pods", "--no-headers").Split(' ')[0];
        kubectl.Run("get", "pod", pod, "-o", "jsonpath={.status.podIP}").ShouldStartWith("10.200.7.");
        string service = kubectl.Run("get", "service", "echo", "-o", "jsonpath={.spec.clusterIP}");
        WaitUntil("the pod at its ClusterIP", 60, () => _one.Run(EchoPods.Ask(service, 80)).Trim() == pod);
        kubectl.WaitFor("the own name server's answer", 300, answer => answer.StartsWith("192.0.2.53 ", StringComparison.Ordinal), _one.Machine, "exec", pod, "--", "getent", "hosts", "answer");
        return pod;
    }

    private void AllOfTheAgentsCertificatesAreRenewedAndShown(Dictionary<string, string> before, DateTimeOffset clock)
    {
        SetClock(clock);
        WaitUntilAllDiffer(before);
        Thread.Sleep(_untilClientsHaveRead);
        ShownSerial(6443).ShouldBe(Certificates()["kubernetes/kube-apiserver.crt"], "the API server's on the wire");
        ShownSerial(2379).ShouldBe(Certificates()["etcd/server.crt"], "etcd's on the wire");
    }

    /// <summary>At the latest six minutes before its certificate ends a kubelet that starts asks for another; with a clock that was set it does not know that it is time.</summary>
    private void TheKubeletRenewsItsOwn(DateTimeOffset clock)
    {
        DateTimeOffset client = EndOfKubelets("client"), server = EndOfKubelets("server");
        SetClock(clock);
        _one.Run("sudo systemctl restart kubelet.service");
        WaitUntil("the kubelet's own new certificates", 330, () => EndOfKubelets("client") > client && EndOfKubelets("server") > server);
        EndOfKubelets("client").ShouldBeGreaterThan(client + TimeSpan.FromMinutes(30));
    }

    /// <summary>Its own renewal waits by a clock that nobody sets.</summary>
    private void AKubeletWhoseCertificateEndedComesBack(Kubectl kubectl)
    {
        int before = _one.Machine.Console.Text.Length;
        DateTimeOffset clock = EndOfKubelets("client") + TimeSpan.FromMinutes(2);
        SetClock(clock);
        kubectl.WaitFor("the API after the kubelet's certificate has ended", 60, _ => true, _one.Machine, "get", "namespaces");
        kubectl.Run("create", "namespace", "later");
        kubectl.WaitFor(
            "the controller manager's work", 300, names => names.Contains("default", StringComparison.Ordinal), _one.Machine, "--namespace", "later", "get", "serviceaccounts");
        _one.Machine.WaitFor(@"kubelet\.service: has the certificate of the Node ", 300, before);
        kubectl.WaitFor(
            "a Node that tells of itself again", 600, text => Heartbeat(text) > clock, _one.Machine,
            "get", "nodes", "-o", "jsonpath={.items[0].status.conditions[?(@.type==\"Ready\")].lastHeartbeatTime}");
        _one.WaitForNode(kubectl);
    }

    /// <summary>For which the scheduler, kube-proxy and the API server's way to kubelets are needed.</summary>
    private void APodMoreRunsAndAnswers(Kubectl kubectl, string pod)
    {
        kubectl.Run("scale", "deployment", "echo", "--replicas=2");
        string pods = kubectl.WaitFor("two pods that are Ready", 600, text => Regex.Count(text, @"^echo-\S+ +1/1 +Running ", RegexOptions.Multiline) == 2, _one.Machine, "get", "pods", "--no-headers");
        string other = Regex.Matches(pods, @"^echo-\S+", RegexOptions.Multiline).Select(match => match.Value).Single(name => name != pod);
        kubectl.Run("exec", other, "--", "hostname").Trim().ShouldBe(other);
        string service = kubectl.Run("get", "service", "echo", "-o", "jsonpath={.spec.clusterIP}");
        WaitUntil("the new pod at the Service's ClusterIP", 120, () => _one.Run(EchoPods.Ask(service, 80)).Trim() == other);
    }

    private static DateTimeOffset Heartbeat(string text) => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out DateTimeOffset moment) ? moment : default;

    private void Advance(TimeSpan by) => _one.Run(string.Create(CultureInfo.InvariantCulture, $"sudo date --set '+{by.TotalSeconds:F0} seconds'"));

    /// <summary>Where it is later already, the clock stays.</summary>
    private void SetClock(DateTimeOffset clock) => _one.Run(string.Create(
        CultureInfo.InvariantCulture, $"test $(date +%s) -ge {clock.ToUnixTimeSeconds()} || sudo date --set @{clock.ToUnixTimeSeconds()}"));

    /// <summary>Which run of each unit this is; see systemd.exec(5), INVOCATION_ID.</summary>
    private Dictionary<string, string> Runs() =>
        _units.ToDictionary(unit => unit, unit => _one.Run($"systemctl show --property InvocationID --value {unit}").Trim(), StringComparer.Ordinal);

    private void ShouldAllRunOnBut(string[] restarted, Dictionary<string, string> runs)
    {
        Dictionary<string, string> now = Runs();
        runs.Keys.Where(unit => runs[unit] != now[unit]).ShouldBe(restarted, ignoreOrder: true);
    }

    /// <param name="use">client or server.</param>
    private DateTimeOffset EndOfKubelets(string use)
    {
        using X509Certificate2 certificate = X509Certificate2.CreateFromPem(_one.Run($"sudo sed -n '/BEGIN CERT/,/END CERT/p' /var/lib/kubelet/pki/kubelet-{use}-current.pem"));
        return new DateTimeOffset(certificate.NotAfter);
    }

    /// <summary>Serial numbers of what the agent renews, by name.</summary>
    private Dictionary<string, string> Certificates() => Regex
        .Matches(
            _one.Run("for file in $(sudo find /var/lib/bootstrapper/pki -name '*.crt' ! -name '*ca.crt'); do echo \"file ${file#/var/lib/bootstrapper/pki/}\"; sudo cat $file; done"),
            @"^file (\S+)\n([\s\S]+?-----END CERTIFICATE-----)",
            RegexOptions.Multiline)
        .ToDictionary(match => match.Groups[1].Value, match => Serial(match.Groups[2].Value), StringComparer.Ordinal);

    private void WaitUntilAllDiffer(Dictionary<string, string> before) =>
        WaitUntil("other certificates, all of them", 180, () => Certificates().All(now => now.Value != before[now.Key]));

    private static void WaitUntil(string what, int seconds, Func<bool> condition)
    {
        DateTime end = DateTime.UtcNow.AddSeconds(seconds);
        while (!condition())
        {
            DateTime.UtcNow.ShouldBeLessThan(end, what);
            Thread.Sleep(3000);
        }
    }

    private string ShownSerial(int port) => Serial(_one.Network.Try("openssl", ["s_client", "-connect", $"{LoneMachine.Address}:{port}"], []).Output);

    private static string Serial(string pem)
    {
        using X509Certificate2 certificate = X509Certificate2.CreateFromPem(pem);
        return certificate.SerialNumber;
    }
}
