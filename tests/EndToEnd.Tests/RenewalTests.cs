using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Images.Lab.Machines;

namespace Images.EndToEnd.Tests;

/// <summary>A whole cluster on one machine, with a pods' network of its user's and certificates of one hour, whose clock is moved.</summary>
[Collection(AloneGroup.Name)]
public sealed class RenewalTests : IDisposable
{
    private const string Kubelet = "kubelet.service";
    private const string ControllerManager = "kube-controller-manager.service";

    private static readonly string[] _units =
        ["etcd.service", "kube-apiserver.service", ControllerManager, "kube-scheduler.service", "kube-proxy.service", "containerd.service", Kubelet];

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

    private readonly AllInOneMachine _one = new(
        BakedImage.RunFolder(nameof(RenewalTests)), "  certificateValidityPeriod: 1h\n  labels: { rack: r7 }\n", podNetwork: "cni", moreUserData: OwnNetwork);

    [Fact]
    [Trait("Category", "Full")]
    public void Certificates_are_renewed_when_the_clock_moves_the_API_stays_and_nothing_restarts_that_need_not()
    {
        _one.StartAndWaitForNode();
        Kubectl kubectl = new(_one.Machine, _one.Seeds); // this host's clock stays behind
        kubectl.Run("get", "nodes", "--selector", "rack=r7", "--output", "name").ShouldStartWith("node/", Case.Sensitive, "the metadata's label");
        string pod = APodRunsOnTheOwnNetwork();
        Dictionary<string, string> certificates = Certificates();
        certificates.Count.ShouldBeGreaterThan(10);
        Dictionary<string, string> runs = Runs();

        _one.Run("sudo date --set '+45 minutes'");
        WaitUntilAllDiffer(certificates);
        kubectl.Run("get", "nodes");

        // servers read their certificates anew every minute, clients of the API every five, by a clock that nobody sets
        Thread.Sleep(TimeSpan.FromMinutes(6));
        ServedSerial(6443).ShouldNotBe(certificates["kubernetes/kube-apiserver.crt"], "the API server shows its new certificate");
        ShouldAllRunOnBut([ControllerManager], runs); // its controllers' tokens live an hour by a clock that nobody sets

        // the kubelet's first certificate ends with this: its own renewal waits by a clock that nobody sets
        _one.Run("sudo date --set '+30 minutes'");
        kubectl.WaitFor("the API after the first certificates have ended", 60, _ => true, _one.Machine, "get", "namespaces");
        kubectl.Run("create", "namespace", "later");
        kubectl.WaitFor(
            "the controller manager's work", 300, names => names.Contains("default", StringComparison.Ordinal), _one.Machine, "--namespace", "later", "get", "serviceaccounts");
        _one.Machine.WaitFor(@"kubelet\.service: has the certificate of the Node [\s\S]*kubelet\.service: has the certificate of the Node ", 300);
        kubectl.WaitFor(
            "a Node that tells of itself again", 600, text => Heartbeat(text) > DateTimeOffset.UtcNow.AddMinutes(70), _one.Machine,
            "get", "nodes", "-o", "jsonpath={.items[0].status.conditions[?(@.type==\"Ready\")].lastHeartbeatTime}");
        _one.WaitForNode(kubectl);
        ShouldAllRunOnBut([ControllerManager, Kubelet], runs);
        kubectl.Run("get", "pod", pod, "-o", "jsonpath={.status.containerStatuses[0].restartCount}").ShouldBe("0");
        _one.ExpectNoFailedUnit();
    }

    public void Dispose() => _one.Dispose();

    private string APodRunsOnTheOwnNetwork()
    {
        _one.Kubectl.Apply(EchoPods.Manifest("echo", replicas: 1, nodePort: 30080));
        string pod = _one.Kubectl.WaitFor("a pod that is Ready", 600, pods => Regex.IsMatch(pods, @"^echo-\S+ +1/1 +Running "), _one.Machine, "get", "pods", "--no-headers").Split(' ')[0];
        _one.Kubectl.Run("get", "pod", pod, "-o", "jsonpath={.status.podIP}").ShouldStartWith("10.200.7.");
        string service = _one.Kubectl.Run("get", "service", "echo", "-o", "jsonpath={.spec.clusterIP}");
        _one.Run(EchoPods.Ask(service, 80)).Trim().ShouldBe(pod);
        return pod;
    }

    private static DateTimeOffset Heartbeat(string text) => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out DateTimeOffset moment) ? moment : default;

    /// <summary>Which run of each unit this is; see systemd.exec(5), INVOCATION_ID.</summary>
    private Dictionary<string, string> Runs() =>
        _units.ToDictionary(unit => unit, unit => _one.Run($"systemctl show --property InvocationID --value {unit}").Trim(), StringComparer.Ordinal);

    private void ShouldAllRunOnBut(string[] restarted, Dictionary<string, string> runs)
    {
        Dictionary<string, string> now = Runs();
        runs.Keys.Where(unit => runs[unit] != now[unit]).ShouldBe(restarted, ignoreOrder: true);
    }

    /// <summary>Serial numbers of what the agent renews, by name.</summary>
    private Dictionary<string, string> Certificates() => Regex
        .Matches(
            _one.Run("for file in $(sudo find /var/lib/bootstrapper/pki -name '*.crt' ! -name '*ca.crt'); do echo \"file ${file#/var/lib/bootstrapper/pki/}\"; sudo cat $file; done"),
            @"^file (\S+)\n([\s\S]+?-----END CERTIFICATE-----)",
            RegexOptions.Multiline)
        .ToDictionary(match => match.Groups[1].Value, match => Serial(match.Groups[2].Value), StringComparer.Ordinal);

    private void WaitUntilAllDiffer(Dictionary<string, string> before)
    {
        DateTime end = DateTime.UtcNow.AddMinutes(3);
        while (Certificates().Any(now => now.Value == before[now.Key]))
        {
            DateTime.UtcNow.ShouldBeLessThan(end, $"not renewed: {string.Join(", ", Certificates().Where(now => now.Value == before[now.Key]).Select(now => now.Key))}");
            Thread.Sleep(3000);
        }
    }

    private string ServedSerial(int port) => Serial(_one.Network.Try("openssl", ["s_client", "-connect", $"{AllInOneMachine.Address}:{port}"], []).Output);

    private static string Serial(string pem)
    {
        using X509Certificate2 certificate = X509Certificate2.CreateFromPem(pem);
        return certificate.SerialNumber;
    }
}
