using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Images.Bootstrapper.Kubernetes.Access;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Tests.Pki;
using Images.NodeConfig.Metadata;

namespace Images.Bootstrapper.Tests.Kubernetes.Access;

public sealed class AdministratorAccessTests
{
    [Fact]
    public void The_certificate_never_begins_before_the_authority_nor_outlives_it()
    {
        DateTimeOffset begins = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        ClusterAuthority authority = TestAuthority.Create("kubernetes", begins, days: 1);
        foreach (DateTimeOffset now in new[] { begins, begins.AddMinutes(1), begins.AddHours(12), begins.AddDays(1).AddMinutes(-1) })
        {
            SslClientAuthenticationOptions options = new();
            using KubernetesClient client = new AdministratorAccess("https://127.0.0.1:6443", authority, () => options, () => now).Connect();
            X509Certificate2 shown = (X509Certificate2)options.ClientCertificates![0];
            DateTimeOffset from = new(shown.NotBefore), until = new(shown.NotAfter);
            from.ShouldBeInRange(begins, now);
            until.ShouldBeInRange(now, begins.AddDays(1));
        }
    }
}
