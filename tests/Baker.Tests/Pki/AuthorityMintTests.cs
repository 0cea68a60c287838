using Images.Baker.Pki;
using Images.NodeConfig;
using Images.TestSupport;

namespace Images.Baker.Tests.Pki;

public sealed class AuthorityMintTests
{
    private static readonly DateTimeOffset _now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    [Fact]
    public void Openssl_reads_an_authority_that_may_sign_leaves_only()
    {
        using TemporaryFolder folder = new();
        CertificateAuthority authority = AuthorityMint.Create("demo", "etcd-peer", _now);
        File.WriteAllText(folder["ca.crt"], authority.Certificate);
        File.WriteAllText(folder["ca.key"], authority.Key.Reveal());

        string text = Judge.Run("openssl", "x509", "-in", folder["ca.crt"], "-noout", "-text");
        text.ShouldContain("CN = demo etcd-peer");
        text.ShouldContain("CA:TRUE, pathlen:0");
        text.ShouldContain("Certificate Sign, CRL Sign");
        text.ShouldContain("NIST CURVE: P-256");
        text.ShouldContain("Not Before: Mar  4 04:06:07 2026 GMT");
        text.ShouldContain("Not After : Mar  4 05:06:07 2036 GMT");
        string publicKey = Judge.Run("openssl", "x509", "-in", folder["ca.crt"], "-noout", "-pubkey");
        Judge.Run("openssl", "pkey", "-in", folder["ca.key"], "-pubout").ShouldBe(publicKey);
    }

    [Fact]
    public void A_key_belongs_to_its_own_certificate_only()
    {
        CertificateAuthority one = AuthorityMint.Create("demo", "kubernetes", _now);
        CertificateAuthority other = AuthorityMint.Create("demo", "kubernetes", _now);

        AuthorityMint.BelongTogether(one.Certificate, one.Key).ShouldBeTrue();
        AuthorityMint.BelongTogether(one.Certificate, other.Key).ShouldBeFalse();
        AuthorityMint.BelongTogether(one.Certificate, new Secret("nonsense")).ShouldBeFalse();
    }
}
