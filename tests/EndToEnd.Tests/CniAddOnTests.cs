using Images.Lab.Machines;

namespace Images.EndToEnd.Tests;

/// <summary>
/// A network add-on as those of the field install themselves: a DaemonSet on the machine's network that copies its plugin
/// to /opt/cni/bin and writes its configuration to /etc/cni/net.d, both by a hostPath.
/// </summary>
public sealed class CniAddOnTests : IDisposable
{
    private const string Installs = """
        set -e
        cp /usr/lib/cni/bridge /add-on/bin/own-bridge.new
        mv /add-on/bin/own-bridge.new /add-on/bin/own-bridge
        cat > /add-on/net.d/05-own.conflist <<'END'
        { "cniVersion": "0.4.0", "name": "own", "plugins": [ { "type": "own-bridge", "bridge": "own0", "isGateway": true, "ipMasq": true,
          "ipam": { "type": "host-local", "ranges": [[ { "subnet": "10.200.7.0/24" } ]], "routes": [ { "dst": "0.0.0.0/0" } ] } } ] }
        END
        exec sleep infinity
        """;

    private readonly LoneMachine _one = new(
        BakedImage.RunFolder(nameof(CniAddOnTests)),
        new LoneMachineOptions { SeedArguments = ["--network", "cni", "--kube-proxy", "none"] });

    [Fact]
    public void A_daemon_set_brings_the_pods_network_and_brings_it_again_after_a_reboot()
    {
        Kubectl kubectl = _one.Kubectl();
        _one.Machine.Start();
        _one.Machine.WaitFor("bootstrapper: ready: kubelet.service", 900);
        kubectl.WaitFor("a Node", 60, nodes => nodes.Length > 0, _one.Machine, "get", "nodes", "--no-headers");
        kubectl.Run("get", "nodes", "--no-headers").ShouldContain("NotReady", Case.Sensitive, "there is no network yet");

        kubectl.Apply(AddOn());
        _one.WaitForNode(kubectl);
        kubectl.Apply(EchoPods.Manifest("echo", replicas: 1, nodePort: 30080));
        WaitForPod(kubectl);
        kubectl.Run("get", "pods", "--selector", "app=echo", "--output", "wide").ShouldContain(" 10.200.7.");
        _one.Run("systemctl is-active kube-proxy.service || true").ShouldBe("inactive\n", "the metadata leaves Services to an add-on");

        // what an add-on puts in place of a plugin of the image stays until the next boot
        _one.Run("echo other | sudo tee /opt/cni/bin/tuning && sudo rm /opt/cni/bin/vlan && cat /opt/cni/bin/tuning").ShouldEndWith("other\n");
        _one.Machine.Shutdown(_one.Seeds.SshKey);
        _one.Machine.Start();
        _one.Machine.WaitFor("bootstrapper: ready: kubelet.service", 900);
        _one.Run("cd /usr/lib/cni && sha256sum * > /tmp/own && cd /opt/cni/bin && sha256sum --check --quiet /tmp/own && ls own-bridge");
        _one.WaitForNode(kubectl);
        WaitForPod(kubectl);
        _one.SystemHealth().ShouldBe(("running", ""));
    }

    public void Dispose() => _one.Dispose();

    private void WaitForPod(Kubectl kubectl) => kubectl.WaitFor(
        "a pod of the add-on's network that is Ready", 120, pods => pods.Contains("1/1", StringComparison.Ordinal), _one.Machine,
        "get", "pods", "--selector", "app=echo", "--no-headers");

    private static string AddOn() => $$"""
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: { name: own-network, namespace: kube-system }
        spec:
          selector: { matchLabels: { app: own-network } }
          template:
            metadata: { labels: { app: own-network } }
            spec:
              hostNetwork: true
              terminationGracePeriodSeconds: 1
              tolerations: [{ operator: Exists }]
              containers:
                - name: install
                  image: images.local/pause:1
                  imagePullPolicy: Never
                  securityContext: { privileged: true, runAsUser: 0, runAsGroup: 0 }
                  command: [/bin/sh, -c]
                  args:
                    - |
        {{string.Join('\n', Installs.Split('\n').Select(line => $"              {line}"))}}
                  volumeMounts: [{{MachinePrograms.Mounts}}, { name: plugins, mountPath: /add-on/bin }, { name: configuration, mountPath: /add-on/net.d }]
              volumes: [{{MachinePrograms.Volumes}}, { name: plugins, hostPath: { path: /opt/cni/bin } }, { name: configuration, hostPath: { path: /etc/cni/net.d } }]
        """;
}
