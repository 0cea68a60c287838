using System.Net;
using Images.NodeConfig.Kubernetes;
using Images.NodeConfig.Metadata;
using Images.TestSupport;

namespace Images.NodeConfig.Tests.Kubernetes;

public sealed class KubernetesSettingsTests
{
    private static readonly string _workerPki = $"pki: {{kubernetes: {ClusterSamples.Certificate}}}";
    private static readonly IReadOnlyList<NodeConfig.Roles.RoleDefinition> _roles = RolesOfProduct.Named("cache", "etcd", "master", "worker");

    [Fact]
    public void A_masters_settings_are_read_whole()
    {
        string old = ClusterSamples.EcPem();
        NodeSettings node = Parse($$"""
            role: master
              labels: {zone: a, example.com/disk: ssd, node.kubernetes.io/pool: x, empty: }
              pki: {{ClusterSamples.MasterPki}}
              kubernetes:
                podCidr: 172.16.0.0/16
                nodeCidrMaskSize: 26
                serviceCidr: 172.20.0.0/16
                clusterDns: 172.20.0.53
                clusterDomain: cluster.example
                dns: none
                network: overlay
                kubeProxy: none
                endpoint: dns
                hostname: Master1.example.com
                ecrCredentials: true
                tokens:
                  - {id: abcdef, secret: 0123456789abcdef}
                  - {id: lblblb, secret: fedcba9876543210, group: lb, expires: 2027-01-31T12:00:00Z}
                serviceAccountKeys: [{{ClusterSamples.EcKey}}, {{ClusterSamples.Quoted(ClusterSamples.PublicPem(old))}}, {{ClusterSamples.Quoted(ClusterSamples.RsaPem(2048))}}]
                encryptionKeys:
                  - {name: new, secret: {{ClusterSamples.EncryptionSecret}}}
                  - {name: old, secret: {{ClusterSamples.EncryptionSecret}}}
            """);

        KubernetesSettings kubernetes = node.Kubernetes;
        kubernetes.PodCidr.ToString().ShouldBe("172.16.0.0/16");
        kubernetes.NodeCidrMaskSize.ShouldBe(26);
        kubernetes.ServiceCidr.ToString().ShouldBe("172.20.0.0/16");
        kubernetes.ApiServiceAddress.ToString().ShouldBe("172.20.0.1");
        kubernetes.ClusterDns.ToString().ShouldBe("172.20.0.53");
        kubernetes.ClusterDomain.ShouldBe("cluster.example");
        kubernetes.Dns.ShouldBe(ClusterDnsServer.None);
        kubernetes.Network.ShouldBe(PodNetwork.Overlay);
        kubernetes.HasKubeProxy.ShouldBeFalse();
        kubernetes.EcrCredentials.ShouldBe(true);
        kubernetes.NodeName.ShouldBe("master1.example.com");
        kubernetes.Tokens.Select(token => (token.Text.Reveal(), token.AuthenticatedGroup, token.Expires?.ToUnixTimeSeconds())).ShouldBe(
            [("abcdef.0123456789abcdef", "system:bootstrappers:worker", null), ("lblblb.fedcba9876543210", "system:bootstrappers:lb", 1801396800)]);
        kubernetes.ServiceAccountKeys.Select(key => key.Private is not null).ShouldBe([true, false, true]);
        kubernetes.ServiceAccountKeys[1].Public.Trim().ShouldBe(ClusterSamples.PublicPem(old));
        kubernetes.EncryptionKeys.Select(key => key.Name).ShouldBe(["new", "old"]);
        node.Labels.Select(label => label.Key).ShouldBe(["zone", "example.com/disk", "node.kubernetes.io/pool", "empty"]);
        node.Warnings.ShouldBeEmpty();
        $"{node} {kubernetes} {kubernetes.Tokens[0]} {kubernetes.EncryptionKeys[0]} {kubernetes.ServiceAccountKeys[0]}".ShouldNotContain("PRIVATE", Case.Sensitive);
    }

    [Fact]
    public void A_worker_that_says_nothing_else_gets_the_defaults()
    {
        KubernetesSettings kubernetes = Parse($"role: worker\n  kubernetes: {{token: abcdef.0123456789abcdef}}\n  {_workerPki}").Kubernetes;

        (kubernetes.PodCidr.ToString(), kubernetes.ServiceCidr.ToString(), kubernetes.NodeCidrMaskSize).ShouldBe(("10.200.0.0/16", "10.32.0.0/24", 24));
        (kubernetes.ClusterDns.ToString(), kubernetes.ApiServiceAddress.ToString(), kubernetes.ClusterDomain).ShouldBe(("10.32.0.10", "10.32.0.1", "cluster.local"));
        (kubernetes.Network, kubernetes.Dns, kubernetes.NodeName, kubernetes.Token!.Id).ShouldBe((PodNetwork.Routed, ClusterDnsServer.Node, null, "abcdef"));
        kubernetes.EcrCredentials.ShouldBeNull();
        kubernetes.HasKubeProxy.ShouldBeTrue();
    }

    [Theory]
    [InlineData("podCidr: 10.0.0.0/12", "nodeCidrMaskSize", 24)]
    [InlineData("podCidr: 10.200.0.0/26", "nodeCidrMaskSize", 26)]
    public void A_nodes_share_fits_the_pods_network_by_default(string line, string _, int expected) =>
        Parse($"role: cache\n  kubernetes: {{{line}}}").Kubernetes.NodeCidrMaskSize.ShouldBe(expected);

    [Fact]
    public void Taints_and_the_time_after_which_a_Node_is_forgotten_are_read()
    {
        KubernetesSettings settings = Parse("role: cache\n  kubernetes: {taints: ['gpu=yes:NoSchedule', 'example.com/edge:NoExecute'], forgetAfter: 7d}").Kubernetes;

        settings.Taints.Select(taint => taint.ToString()).ShouldBe(["gpu=yes:NoSchedule", "example.com/edge:NoExecute"]);
        settings.Taints.Select(taint => taint.ToJson()).ShouldBe(["""{"key": "gpu", "value": "yes", "effect": "NoSchedule"}""", """{"key": "example.com/edge", "effect": "NoExecute"}"""]);
        settings.ForgetAfter.ShouldBe(TimeSpan.FromDays(7));
        Parse("role: cache").Kubernetes.ForgetAfter.ShouldBeNull();
    }

    [Theory]
    [InlineData("taints: ['gpu=yes']", "'gpu=yes' is no taint")]
    [InlineData("taints: ['gpu=yes:Never']", "is no taint")]
    [InlineData("taints: ['=yes:NoSchedule']", "is no taint")]
    [InlineData("taints: ['a:NoSchedule', 'a=b:NoSchedule']", "The taint 'a:NoSchedule' stands twice.")]
    [InlineData("forgetAfter: 23h", "'forgetAfter' cannot be '23h'. Write at least a day")]
    [InlineData("forgetAfter: soon", "'forgetAfter' cannot be 'soon'")]
    public void A_taint_that_is_none_and_a_time_that_is_too_short_are_refused(string line, string message) =>
        Should.Throw<ConfigurationException>(() => Parse($"role: cache\n  kubernetes: {{{line}}}")).Message.ShouldContain(message);

    [Fact]
    public void The_overlays_addresses_are_free_for_pods_where_there_is_no_overlay() =>
        Parse("role: cache\n  kubernetes: {podCidr: 198.18.0.0/16}").Kubernetes.PodCidr.ToString().ShouldBe("198.18.0.0/16");

    [Theory]
    [InlineData("podCidr: 10.200.0.1/16", 27, "'podCidr' cannot be '10.200.0.1/16'")]
    [InlineData("podCidr: 10.200.0.0", 27, "'podCidr' cannot be '10.200.0.0'")]
    [InlineData("podCidr: 'fd00::/64'", 27, "IPv4 network")]
    [InlineData("podCidr: 10.0.0.0/7", 27, "'podCidr' cannot be /7. Give it a prefix length from 8 to 28.")]
    [InlineData("podCidr: 8.0.0.0/6", 27, "from 8 to 28")]
    [InlineData("podCidr: 10.200.0.0/29", 27, "from 8 to 28")]
    [InlineData("serviceCidr: 10.0.0.0/11", 31, "'serviceCidr' cannot be /11. Give it a prefix length from 12 to 28.")]
    [InlineData("serviceCidr: 10.0.0.0/8", 31, "from 12 to 28")]
    [InlineData("serviceCidr: 10.200.1.0/24", 31, "The pods' network 10.200.0.0/16 and the Services' network 10.200.1.0/24 overlap.")]
    [InlineData("podCidr: 10.32.0.0/14", 27, "overlap")]
    [InlineData("podCidr: 127.0.0.0/8", 27, "'podCidr' cannot be 127.0.0.0/8: addresses of 127.0.0.0/8 have a meaning of their own.")]
    [InlineData("serviceCidr: 169.254.32.0/20", 31, "addresses of 169.254.0.0/16 have a meaning of their own")]
    [InlineData("podCidr: 239.0.0.0/8", 27, "addresses of 224.0.0.0/3")]
    [InlineData("podCidr: 198.18.0.0/16, network: overlay", 27, "'podCidr' cannot be 198.18.0.0/16: the overlay gives machines addresses of 198.18.0.0/15. Choose another network, or write network: routed.")]
    [InlineData("serviceCidr: 198.19.0.0/24, network: overlay", 31, "'serviceCidr' cannot be 198.19.0.0/24: the overlay")]
    [InlineData("nodeCidrMaskSize: 15", 36, "from 16 to 28")]
    [InlineData("nodeCidrMaskSize: 29", 36, "from 16 to 28")]
    [InlineData("podCidr: 10.0.0.0/8, serviceCidr: 172.20.0.0/16, nodeCidrMaskSize: 25", 85, "from 8 to 24")]
    [InlineData("clusterDns: 10.32.1.10", 30, "no free address of the Services' network 10.32.0.0/24")]
    [InlineData("clusterDns: 10.32.0.1", 30, "or leave the key out: 10.32.0.10.")]
    [InlineData("clusterDns: 10.32.0.255", 30, "no free address")]
    [InlineData("clusterDomain: Cluster", 33, "'clusterDomain' cannot be")]
    [InlineData("dns: coredns", 23, "'dns' cannot be 'coredns'. Write node, or none for a DNS add-on of yours.")]
    [InlineData("ecrCredentials: perhaps", 34, "'ecrCredentials'")]
    [InlineData("network: bridged", 27, "The network mode 'bridged' is unknown. Write routed, overlay or cni.")]
    [InlineData("endpoint: vip", 28, "The endpoint 'vip' needs an address, and 'vip.masters' has none.")]
    [InlineData("endpoint: lb", 28, "The endpoint 'lb' needs an address, and 'vip.lb' has none.")]
    [InlineData("endpoint: 10.0.0.1", 28, "The endpoint '10.0.0.1' is unknown.")]
    [InlineData("token: abc", 25, "no bootstrap token")]
    [InlineData("tokens: []", 26, "'tokens' is empty")]
    [InlineData("tokens: [{id: ABCDEF, secret: 0123456789abcdef}]", 32, "'id' cannot be what stands here. Write six lower-case letters and digits.")]
    [InlineData("tokens: [{id: abcdef, secret: 0123}]", 48, "no secret of a bootstrap token")]
    [InlineData("tokens: [{id: abcdef, secret: 0123456789abcdef, expires: tomorrow}]", 75, "'expires' is no moment. Write a moment such as")]
    [InlineData("tokens: [{id: abcdef, secret: 0123456789abcdef, expires: '2027-01-31T12:00:00'}]", 75, "'expires' is no moment")]
    [InlineData("tokens: [{id: abcdef, secret: 0123456789abcdef, grup: a}]", 66, "'grup' is unknown")]
    [InlineData("tokens: [{id: abcdef, secret: 0123456789abcdef}, {id: abcdef, secret: 0123456789abcdef}]", 72, "stands twice")]
    [InlineData("serviceAccountKeys: [x]", 39, "no key for ServiceAccounts")]
    [InlineData("encryptionKeys: [{name: a, secret: AAAA}]", 53, "no encryption key")]
    [InlineData("encryptionKeys: [{name: a, secret: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=}, {name: a, secret: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=}]", 107, "stands twice")]
    [InlineData("podCird: 10.0.0.0/16", 18, "The key 'podCird' is unknown. Known here: podCidr, ")]
    public void A_mistake_below_kubernetes_is_refused_with_its_place(string line, int column, string problem)
    {
        ConfigurationException error = Should.Throw<ConfigurationException>(() => Parse($"role: cache\n  kubernetes: {{  {line}}}"));
        error.Message.ShouldContain(problem);
        (error.Line, error.Column).ShouldBe((5, column), error.Message);
        error.Problem.ShouldNotContain("0123456789abcdef");
    }

    [Theory]
    [InlineData("kubernetes.io/role: x")]
    [InlineData("node-role.kubernetes.io/worker: ''")]
    [InlineData("node-restriction.kubernetes.io/x: ''")]
    [InlineData("a.k8s.io/x: ''")]
    [InlineData("a/b/c: ''")]
    [InlineData("-a: ''")]
    [InlineData("a: -b")]
    public void A_label_that_a_kubelet_would_not_start_with_is_refused(string label) =>
        Should.Throw<ConfigurationException>(() => Parse($"role: cache\n  labels: {{{label}}}")).Line.ShouldBe(5);

    [Theory]
    [InlineData("10.200.3.4", "the pods' network 10.200.0.0/16")]
    [InlineData("10.32.0.77", "the Services' network 10.32.0.0/24")]
    public void An_address_of_the_machine_within_the_networks_is_refused(string address, string network)
    {
        string text = $"role: worker\n  address: {address}\n  kubernetes: {{token: abcdef.0123456789abcdef}}\n  {_workerPki}";
        Should.Throw<ConfigurationException>(() => Parse(text)).Message.ShouldContain($"{address} lies within {network}");
        Parse($"role: cache\n  address: {address}").Address.ShouldBe(IPAddress.Parse(address));
    }

    [Fact]
    public void Each_secret_that_a_master_lacks_is_named_with_both_places_where_it_can_stand()
    {
        string[] parts = [$"serviceAccountKeys: [{ClusterSamples.EcKey}]", $"encryptionKeys: [{{name: a, secret: {ClusterSamples.EncryptionSecret}}}]", "tokens: [{id: abcdef, secret: 0123456789abcdef}]"];
        string Message(string kubernetes, string pki) =>
            Should.Throw<ConfigurationException>(() => Parse($"role: master\n  kubernetes: {{{kubernetes}}}\n  pki: {pki}")).Message;

        Message(string.Join(", ", parts[1..]), ClusterSamples.MasterPki).ShouldContain("The role master needs a key for ServiceAccounts. Add it under 'kubernetes: serviceAccountKeys:', or as /etc/bootstrapper/pki/service-account.key in write_files.");
        Message($"{parts[0]}, {parts[2]}", ClusterSamples.MasterPki).ShouldContain("/etc/bootstrapper/pki/encryption-keys");
        Message($"{parts[0]}, {parts[1]}", ClusterSamples.MasterPki).ShouldContain("/etc/bootstrapper/pki/bootstrap-tokens");
        Message(string.Join(", ", parts), $"{{kubernetes: {ClusterSamples.Certificate}, front-proxy: {ClusterSamples.Authority}, etcd-client: {ClusterSamples.Authority}}}").ShouldContain("the authority 'kubernetes' with its key");
        Message(string.Join(", ", parts), $"{{kubernetes: {ClusterSamples.Authority}, etcd-client: {ClusterSamples.Authority}}}").ShouldContain("the authority 'front-proxy' with its key");
    }

    [Fact]
    public void A_worker_needs_its_token_and_the_authoritys_certificate()
    {
        Should.Throw<ConfigurationException>(() => Parse($"role: worker\n  {_workerPki}")).Message.ShouldContain("The role worker needs a bootstrap token. Add it under 'kubernetes: token:', or as /etc/bootstrapper/pki/bootstrap-token in write_files.");
        Should.Throw<ConfigurationException>(() => Parse("role: worker\n  kubernetes: {token: abcdef.0123456789abcdef}")).Message.ShouldContain("The role worker needs the authority 'kubernetes'.");
    }

    [Fact]
    public void A_signing_key_in_a_workers_metadata_is_warned_of()
    {
        string Worker(string pki, string more = "") => $"role: worker\n  kubernetes: {{token: abcdef.0123456789abcdef{more}}}\n  pki: {pki}";

        Parse(Worker($"{{kubernetes: {ClusterSamples.Authority}}}")).Warnings.ShouldHaveSingleItem().ShouldContain("the key of the authority kubernetes, which no worker needs");
        Parse(Worker($"{{kubernetes: {ClusterSamples.Certificate}}}", $", serviceAccountKeys: [{ClusterSamples.EcKey}], encryptionKeys: [{{name: a, secret: {ClusterSamples.EncryptionSecret}}}]"))
            .Warnings.Count.ShouldBe(2);
        Parse(Worker($"{{kubernetes: {ClusterSamples.Authority}}}").Replace("role: worker", "roles: [worker, cache]", StringComparison.Ordinal)).Warnings.ShouldBeEmpty();
        Parse(Worker($"{{kubernetes: {ClusterSamples.Certificate}}}")).Warnings.ShouldBeEmpty();
    }

    private static NodeSettings Parse(string lines) => CloudConfig.Parse($"#cloud-config\nnode:\n  cluster: demo\n  {lines}\n", "user-data", _roles).Node;
}
