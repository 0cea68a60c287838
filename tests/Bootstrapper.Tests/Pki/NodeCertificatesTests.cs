using System.Globalization;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Pki;
using Images.NodeConfig.Kubernetes;
using Images.NodeConfig.Metadata;
using Images.NodeConfig.Roles;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Pki;

public sealed class NodeCertificatesTests : IDisposable
{
    private static readonly DateTimeOffset _imageMade = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset _now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly NodeIdentity _identity = new()
    {
        InstanceId = "i",
        Roles = ["etcd"],
        Cluster = "demo",
        Domain = "k8s",
        Hostname = "etcd1",
        Address = "10.0.0.11",
        FirstBoot = _now,
    };

    private static readonly RoleNames _names = new(CompiledRoles.Of([]), "demo", "k8s");

    private readonly TemporaryFolder _folder = new();
    private readonly SetClock _clock = new(_now);
    private readonly ClusterAuthority _authority = TestAuthority.Create("etcd-client", _imageMade);

    private string Crt => _folder["var/lib/bootstrapper/pki/etcd/server.crt"];

    private string Key => _folder["var/lib/bootstrapper/pki/etcd/server.key"];

    private string Bundle => _folder["var/lib/bootstrapper/pki/etcd/client-ca.crt"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Openssl_agrees_on_chain_names_usage_and_expiry()
    {
        Ensure(_authority).ShouldBe("there was none");

        foreach (string purpose in new[] { "sslserver", "sslclient" })
        {
            foreach (string[] name in new[] { new[] { "-verify_ip", "10.0.0.11" }, ["-verify_ip", "127.0.0.1"], ["-verify_hostname", "etcd.demo.k8s"], ["-verify_hostname", "etcd1.demo.k8s"], ["-verify_hostname", "localhost"] })
            {
                Judge.Run("openssl", ["verify", "-x509_strict", "-attime", _now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), "-purpose", purpose, "-CAfile", Bundle, .. name, Crt]);
            }
        }

        Judge.Try("openssl", "verify", "-CAfile", Bundle, "-verify_ip", "10.0.0.12", Crt).ExitCode.ShouldNotBe(0);
        string text = Judge.Run("openssl", "x509", "-in", Crt, "-noout", "-text");
        text.ShouldContain("NIST CURVE: P-256");
        text.ShouldContain("Not Before: Jun  1 11:00:00 2026 GMT");
        text.ShouldContain("Not After : May 31 12:00:00 2028 GMT");
        Judge.Run("openssl", "pkey", "-in", Key, "-pubout").ShouldBe(Judge.Run("openssl", "x509", "-in", Crt, "-noout", "-pubkey"));
        File.GetUnixFileMode(Key).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
    }

    [Fact]
    public void What_still_fits_stays_and_is_renewed_after_two_thirds_of_its_life_with_the_same_key()
    {
        Ensure(_authority);
        string key = File.ReadAllText(Key);
        Ensure(_authority).ShouldBeNull();
        _clock.Now = _now.AddHours(17520 * 0.6);
        Ensure(_authority).ShouldBeNull();
        _clock.Now = _now.AddHours(17520 * 0.7);
        Ensure(_authority).ShouldBe("less than a third of its life was left");

        File.ReadAllText(Key).ShouldBe(key);
        Ensure(_authority).ShouldBeNull();
    }

    [Fact]
    public void A_new_authority_signs_anew_and_both_are_trusted()
    {
        Ensure(_authority);
        ClusterAuthority newer = TestAuthority.Create("etcd-client", _imageMade);

        Ensure(newer, _authority).ShouldBe("its authority has changed");

        File.ReadAllText(Bundle).Split("BEGIN CERTIFICATE").Length.ShouldBe(3);
        Judge.Run("openssl", "verify", "-attime", _now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), "-CAfile", Bundle, Crt);
    }

    [Fact]
    public void A_changed_address_makes_a_new_certificate()
    {
        Ensure(_authority);

        new NodeCertificates(new NodeRoot(_folder.FullPath), TestAuthority.Secrets("etcd-client", _authority), CertificateLife.Usual, _clock, _imageMade)
            .Ensure(CertificateCatalogue.Find("etcd-server", _identity with { Address = "10.0.0.99" }, KubernetesSettings.Default, _names)).ShouldBe("the machine's names have changed");
    }

    [Fact]
    public void A_clock_in_the_past_counts_from_when_the_image_was_made_and_a_jump_back_renews()
    {
        _clock.Now = DateTimeOffset.UnixEpoch;
        Ensure(_authority);
        Judge.Run("openssl", "x509", "-in", Crt, "-noout", "-startdate").ShouldContain("Jan  1 00:00:00 2026");

        _clock.Now = _now.AddMonths(6);
        Ensure(_authority).ShouldBeNull();
        File.Delete(Crt);
        Ensure(_authority);
        _clock.Now = _now;
        Ensure(_authority).ShouldBe("the clock went back before its beginning");
    }

    [Theory]
    [InlineData("")]
    [InlineData("garbage")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    public void A_half_written_certificate_is_made_again(string content)
    {
        Ensure(_authority);
        File.WriteAllText(Crt, content);
        Ensure(_authority).ShouldBe("it could not be read");
        File.WriteAllText(Key, content);
        Ensure(_authority).ShouldBe("it belonged to another key");
        Ensure(_authority).ShouldBeNull();
    }

    [Fact]
    public void An_authority_without_key_is_refused() => Should.Throw<BootFailure>(() => Ensure(_authority with { Key = null }))
        .Message.ShouldContain("the authority 'etcd-client' with its key is missing");

    private string? Ensure(params ClusterAuthority[] authorities) =>
        new NodeCertificates(new NodeRoot(_folder.FullPath), TestAuthority.Secrets("etcd-client", authorities), CertificateLife.Usual, _clock, _imageMade)
            .Ensure(CertificateCatalogue.Find("etcd-server", _identity, KubernetesSettings.Default, _names));
}
