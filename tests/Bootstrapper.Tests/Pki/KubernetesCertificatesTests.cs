using System.Globalization;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Pki;
using Images.Bootstrapper.Prepare;
using Images.Bootstrapper.Tests.Roles;
using Images.NodeConfig.Metadata;
using Images.NodeConfig.Roles;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Pki;

public sealed class KubernetesCertificatesTests : IDisposable
{
    private static readonly DateTimeOffset _imageMade = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset _now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();
    private readonly SampleMachine _machine = new(["etcd", "master", "worker"], "1.36.0");

    private string Pki => _folder["var/lib/bootstrapper/pki/kubernetes"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Openssl_agrees_on_every_name_of_the_API_server()
    {
        Make(CertificateCatalogue.ApiServer);

        foreach (string name in new[] { "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local", "localhost", "masters.demo.k8s", "lb.demo.k8s", "node1", "node1.demo.k8s" })
        {
            Verify("kube-apiserver", "ca.crt", "sslserver", "-verify_hostname", name);
        }

        foreach (string address in new[] { "10.0.0.21", "127.0.0.1", "10.32.0.1" })
        {
            Verify("kube-apiserver", "ca.crt", "sslserver", "-verify_ip", address);
        }

        Fails("kube-apiserver", "ca.crt", "sslserver", "-verify_ip", "10.32.0.2");
        Fails("kube-apiserver", "ca.crt", "sslserver", "-verify_hostname", "etcd.demo.k8s");
    }

    [Theory]
    [InlineData("dns")]
    [InlineData("vip")]
    [InlineData("lb")]
    public void Whatever_the_endpoint_the_API_server_bears_each_virtual_address_and_further_name(string endpoint)
    {
        SampleMachine machine = new(["master"], "1.36.0", kubernetesMore: $"endpoint: {endpoint}\n    vip: {{masters: 10.0.0.20, lb: 10.0.0.40}}\n    apiNames: [kubernetes.example.com]");
        CertificatePlan plan = CertificateCatalogue.Find(CertificateCatalogue.ApiServer, machine.State);

        plan.Addresses.ShouldBe(["10.0.0.21", "127.0.0.1", "10.32.0.1", "10.0.0.20", "10.0.0.40"]);
        plan.DnsNames.ShouldContain("kubernetes.example.com");
    }

    [Theory]
    [InlineData("kube-apiserver-etcd-client", "etcd-ca.crt", "CN = node1 kube-apiserver")]
    [InlineData("kube-apiserver-kubelet-client", "ca.crt", "CN = kube-apiserver-kubelet-client")]
    [InlineData("front-proxy-client", "front-proxy-ca.crt", "CN = front-proxy-client")]
    [InlineData("kube-controller-manager", "ca.crt", "CN = system:kube-controller-manager")]
    [InlineData("kube-scheduler", "ca.crt", "CN = system:kube-scheduler")]
    [InlineData("kube-proxy", "ca.crt", "CN = system:kube-proxy")]
    [InlineData("masters-agent", "ca.crt", "CN = images:masters-agent")]
    public void A_client_is_who_it_should_be_and_no_server(string name, string authority, string subject)
    {
        Make(name);

        Verify(name, authority, "sslclient");
        Fails(name, authority, "sslserver");
        Judge.Run("openssl", "x509", "-in", $"{Pki}/{name}.crt", "-noout", "-subject").Trim().ShouldBe($"subject={subject}");
        Fails(name, authority == "ca.crt" ? "front-proxy-ca.crt" : "ca.crt", "sslclient");
    }

    [Theory]
    [InlineData("kube-apiserver")]
    [InlineData("kube-controller-manager-serving")]
    [InlineData("kube-scheduler-serving")]
    public void A_server_cannot_come_as_a_client(string name)
    {
        Make(name);

        Verify(name, "ca.crt", "sslserver", "-verify_ip", "127.0.0.1");
        Fails(name, "ca.crt", "sslclient");
    }

    [Fact]
    public void Openssl_agrees_on_what_etcd_shows_its_peers_and_on_what_asks_for_its_health()
    {
        Judge.Run("mkdir", "-p", Pki);
        Make(CertificateCatalogue.EtcdPeer);
        foreach (string purpose in new[] { "sslserver", "sslclient" })
        {
            Verify("../etcd/peer", "../etcd/peer-ca.crt", purpose, "-verify_ip", "10.0.0.21");
            Verify("../etcd/peer", "../etcd/peer-ca.crt", purpose, "-verify_hostname", "etcd.demo.k8s");
        }

        Fails("../etcd/peer", "../etcd/peer-ca.crt", "sslserver", "-verify_ip", "10.0.0.22");

        Make(CertificateCatalogue.EtcdServer);
        Make(CertificateCatalogue.EtcdHealthClient);
        Verify("../etcd/health-client", "../etcd/client-ca.crt", "sslclient");
        Fails("../etcd/health-client", "../etcd/client-ca.crt", "sslserver");
        Fails("../etcd/health-client", "../etcd/peer-ca.crt", "sslclient");
    }

    [Fact]
    public void Every_certificate_that_a_role_asks_for_is_made_and_ends_after_two_years()
    {
        // only a master without a member of etcd has a forwarder
        string[] names = [.. _machine.Services.Concat(new SampleMachine(["master"], "1.36.0").Services).SelectMany(item => item.Service.Certificates).Distinct(StringComparer.Ordinal)];
        names.Order(StringComparer.Ordinal).ShouldBe(CertificateCatalogue.Names.Order(StringComparer.Ordinal));
        foreach (string name in names)
        {
            Make(name);
            string path = _folder[CertificateCatalogue.Find(name, _machine.State).Path[1..]];
            string text = Judge.Run("openssl", "x509", "-in", path + ".crt", "-noout", "-text");
            text.ShouldContain("NIST CURVE: P-256");
            text.ShouldContain("Not Before: Jun  1 11:00:00 2026 GMT");
            text.ShouldContain("Not After : May 31 12:00:00 2028 GMT");
            text.ShouldNotContain("O = ");
        }
    }

    [Fact]
    public void What_the_machine_makes_and_what_a_master_signs_lives_as_long_as_the_metadata_says()
    {
        NodeSettings usual = _machine.State.Metadata.Node, brief = usual with { CertificateValidityPeriod = TimeSpan.FromHours(1) };
        CertificatePlan plan = CertificateCatalogue.Find(CertificateCatalogue.ApiServer, _machine.State);
        new NodeCertificates(new NodeRoot(_folder.FullPath), brief.Secrets, CertificateLife.Usual.For(brief), new SetClock(_now), _imageMade).Ensure(plan);
        Judge.Run("openssl", "x509", "-in", $"{Pki}/kube-apiserver.crt", "-noout", "-enddate").Trim().ShouldBe("notAfter=Jun  1 13:00:00 2026 GMT");

        SigningDuration(brief).ShouldBe("3600s");
        SigningDuration(usual).ShouldBe("2592000s");
    }

    [Fact]
    public void A_worker_makes_none() =>
        new SampleMachine(["worker"], "1.36.0").State.Roles.SelectMany(role => role.Services).SelectMany(service => service.Certificates).ShouldBeEmpty();

    [Fact]
    public void Another_cluster_domain_makes_another_certificate()
    {
        Make(CertificateCatalogue.ApiServer);
        CertificatePlan other = CertificateCatalogue.Find(CertificateCatalogue.ApiServer, _machine.State.Identity, _machine.State.Metadata.Node.Kubernetes with { ClusterDomain = "cluster.example" }, RoleNames.Of(_machine.State));

        Certificates().Ensure(other).ShouldBe("the machine's names have changed");
        Verify("kube-apiserver", "ca.crt", "sslserver", "-verify_hostname", "kubernetes.default.svc.cluster.example");
    }

    private static string SigningDuration(NodeSettings node) => KubernetesValues.Asked(ServiceValues.SigningDuration, node);

    private void Make(string name) => Certificates().Ensure(CertificateCatalogue.Find(name, _machine.State)).ShouldBe("there was none");

    private NodeCertificates Certificates() => new(new NodeRoot(_folder.FullPath), _machine.State.Metadata.Node.Secrets, CertificateLife.Usual, new SetClock(_now), _imageMade);

    private void Verify(string name, string authority, string purpose, params string[] more) => Judge.Run("openssl", Arguments(name, authority, purpose, more));

    private void Fails(string name, string authority, string purpose, params string[] more)
    {
        string bundle = Path.Combine(Pki, authority);
        if (!File.Exists(bundle))
        {
            string authorityName = authority == "front-proxy-ca.crt" ? ClusterSecrets.FrontProxy : ClusterSecrets.Kubernetes;
            File.WriteAllText(bundle, _machine.Authorities[authorityName].Certificate);
        }

        Judge.Try("openssl", Arguments(name, authority, purpose, more)).ExitCode.ShouldNotBe(0, $"{name} {purpose} {string.Join(' ', more)}");
    }

    private string[] Arguments(string name, string authority, string purpose, string[] more) =>
        ["verify", "-x509_strict", "-attime", _now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), "-purpose", purpose, "-CAfile", $"{Pki}/{authority}", .. more, $"{Pki}/{name}.crt"];
}
