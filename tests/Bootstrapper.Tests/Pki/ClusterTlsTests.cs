using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Images.Bootstrapper.Pki;
using Images.Bootstrapper.Tests.Roles;
using Images.NodeConfig.Metadata;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Pki;

public sealed class ClusterTlsTests : IDisposable
{
    private readonly FakeMachine _node = new();
    private readonly SampleMachine _machine = new(["master", "worker"], "1.36.0");

    public void Dispose() => _node.Dispose();

    [Theory]
    [InlineData(-400)] // it has ended
    [InlineData(0)]
    [InlineData(40)] // this machine's clock is behind
    public void A_clients_certificate_is_of_the_cluster_whatever_its_time(int days) =>
        IsOfCluster(_machine.Authorities[ClusterSecrets.Kubernetes], days).ShouldBeTrue();

    [Fact]
    public void Another_authority_of_the_same_name_is_not_the_clusters_nor_is_one_of_another_purpose()
    {
        IsOfCluster(AuthorityPem.Create("demo kubernetes"), 0).ShouldBeFalse();
        IsOfCluster(_machine.Authorities[ClusterSecrets.FrontProxy], 0).ShouldBeFalse();
    }

    private bool IsOfCluster(AuthorityPem authority, int days)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 signer = X509Certificate2.CreateFromPem(authority.Certificate, authority.Key);
        CertificateRequest request = new("O=system:nodes, CN=system:node:w1", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ChainTrust.ClientUsage)], critical: false));
        DateTimeOffset begin = DateTimeOffset.UtcNow.AddDays(days);
        using X509Certificate2 made = request.Create(signer.SubjectName, X509SignatureGenerator.CreateForECDsa(signer.GetECDsaPrivateKey()!), begin.AddMinutes(-5), begin.AddDays(30), [1, 2, 3]);
        return new ClusterTls(_node.Root, _machine.State, TimeProvider.System).IsOf(ClusterSecrets.Kubernetes, made);
    }
}
