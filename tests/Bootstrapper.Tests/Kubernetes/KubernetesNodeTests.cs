using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Kubernetes;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Pki;
using Images.Bootstrapper.Tests.Prepare;
using Images.Bootstrapper.Tests.Roles;
using Images.NodeConfig.Kubernetes;
using Images.NodeConfig.Metadata;

namespace Images.Bootstrapper.Tests.Kubernetes;

public sealed class KubernetesNodeTests : IDisposable
{
    private readonly FakeMachine _node = new();

    public void Dispose() => _node.Dispose();

    [Fact]
    public async Task A_kubelets_certificate_that_is_replaced_is_shown_at_the_next_connection()
    {
        SampleMachine machine = new(["master", "worker"], "1.36.0");
        NodeCertificates certificates = new(_node.Root, machine.State.Metadata.Node.Secrets, CertificateLife.Usual, TimeProvider.System, DateTimeOffset.UnixEpoch);
        using TlsServer server = new(machine.Authorities[ClusterSecrets.Kubernetes], "401 Unauthorized");
        ClusterTls tls = new(_node.Root, machine.State, TimeProvider.System);
        string link = _node.Root[KubernetesNode.KubeletCertificate];
        KubernetesAccess access = new($"https://127.0.0.1:{server.Url.Port}", host => tls.ForClient(host, ClusterSecrets.Kubernetes, ClusterTls.Load(link, link)));
        Should.Throw<IOException>(access.Connect);

        foreach (string name in new[] { CertificateCatalogue.Scheduler, CertificateCatalogue.Proxy })
        {
            CertificatePlan plan = CertificateCatalogue.Find(name, machine.State);
            certificates.Ensure(plan);
            _node.Put($"/var/lib/kubelet/pki/{name}.pem", _node.Get(plan.Path + ".crt") + _node.Get(plan.Path + ".key"));
            File.Delete(link);
            File.CreateSymbolicLink(link, $"{name}.pem");
            using KubernetesClient client = access.Connect();
            (await Should.ThrowAsync<KubernetesApiException>(client.GetAsync("/api/v1/nodes", CancellationToken.None))).Status.ShouldBe(401);
            server.Visitor.ShouldBe($"system:{name}");
        }
    }

    [Fact]
    public void Tokens_that_have_expired_are_not_kept()
    {
        NodeState state = new SampleMachine(["master"], "1.36.0").State;
        BootstrapToken token = state.Metadata.Node.Kubernetes.Tokens[0];
        DateTimeOffset now = DateTimeOffset.UtcNow;
        BootstrapToken[] tokens = [token, token with { Id = "aaaaaa", Expires = now.AddMinutes(-1) }, token with { Id = "bbbbbb", Expires = now.AddHours(1) }];
        state = state with
        {
            Metadata = state.Metadata with { Node = state.Metadata.Node with { Kubernetes = state.Metadata.Node.Kubernetes with { Tokens = tokens } } },
        };
        new KubernetesNode(_node.Root, state, TimeProvider.System).Tokens().Select(secret => new KubernetesObject(secret).Name)
            .ShouldBe(["bootstrap-token-abcdef", "bootstrap-token-bbbbbb"]);
    }
}
