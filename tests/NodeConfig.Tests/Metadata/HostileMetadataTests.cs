using FsCheck;
using FsCheck.Fluent;
using Images.NodeConfig.Metadata;
using Images.TestSupport;

namespace Images.NodeConfig.Tests.Metadata;

/// <summary>
/// Whatever the text, it gives metadata or a <see cref="ConfigurationException"/>: any other exception would leave a
/// machine in a loop of restarts that has a good copy of its metadata.
/// </summary>
public sealed class HostileMetadataTests
{
    private static readonly AuthorityPem _authority = AuthorityPem.Create("demo");

    /// <summary>Object identifier of the curve P-256 (RFC 5480 2.1.1.1), as DER.</summary>
    private static readonly byte[] _curve = [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07];

    private static readonly string _whole = $$"""
        #cloud-config
        hostname: a
        ssh_authorized_keys: [ "ssh-ed25519 AAAA x" ]
        ntp: { enabled: true, servers: [10.0.0.1] }
        ca_certs: { trusted: ["{{Escape(_authority.Certificate)}}"] }
        timezone: Europe/Paris
        write_files:
          - { path: /etc/x, content: "YWJj", encoding: b64, permissions: '0600', owner: root:root }
          - { path: /etc/y, content: "H4sIAAAAAAACA0tMSgYAwkEkNQMAAAA=", encoding: gz+b64, append: true }
        node:
          cluster: demo
          roles: [etcd, master, worker]
          single: true
          address: 10.0.0.11
          labels: { zone: a }
          etcd: { size: 1 }
          hosts: { node1: [10.0.0.1, 10.0.0.2] }
          kubernetes:
            podCidr: 10.200.0.0/16
            token: abcdef.0123456789abcdef
            tokens: [{ id: abcdef, secret: 0123456789abcdef, expires: 2027-01-31T12:00:00Z, group: worker }]
            serviceAccountKeys: ["{{Escape(_authority.Key)}}"]
            encryptionKeys: [{ name: key1, secret: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= }]
          pki:
            kubernetes: {{_authority.ToYaml()}}
            front-proxy: {{_authority.ToYaml()}}
            etcd-peer: {{_authority.ToYaml()}}
            etcd-client: {{_authority.ToYaml()}}
        """;

    [Fact]
    public void The_text_that_the_others_begin_with_is_metadata() => IsHandled(_whole).ShouldBeNull();

    [Fact]
    public void A_curve_that_nobody_knows_is_refused_in_certificate_and_key()
    {
        string unknown = WithCurve(_authority.Certificate, "CERTIFICATE");
        Refusal(_authority with { Certificate = unknown }).ShouldContain("certificate");
        Refusal(_authority with { Key = WithCurve(_authority.Key, "PRIVATE KEY") })
            .ShouldContain("the key cannot be read");
        IsHandled(_whole.Replace(
            $"serviceAccountKeys: [\"{Escape(_authority.Key)}\"]",
            $"serviceAccountKeys: [\"{Escape(WithCurve(_authority.Key, "PRIVATE KEY"))}\"]",
            StringComparison.Ordinal)).ShouldBe("This is no key for ServiceAccounts.");
    }

    [Theory]
    [InlineData("!<[>")]
    [InlineData("!![")]
    [InlineData("!!tch]")]
    [InlineData("!<")]
    public void A_tag_that_is_no_URI_is_refused(string tag) =>
        IsHandled(_whole.Replace("etcd: {", $"etcd: {tag} {{", StringComparison.Ordinal)).ShouldNotBeNull();

    [Fact]
    public void Changed_bytes_of_certificates_and_keys_give_metadata_or_a_refusal() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).Two().ToArbitrary(), change =>
        {
            string certificate = Changed(_authority.Certificate, "CERTIFICATE", change.Item1, change.Item2);
            string key = Changed(_authority.Key, "PRIVATE KEY", change.Item1, change.Item2);
            foreach ((string from, string to) in new[] { (_authority.Certificate, certificate), (_authority.Key, key) })
            {
                _ = IsHandled(_whole.Replace(Escape(from), Escape(to), StringComparison.Ordinal));
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(150));

    [Fact]
    public void Changed_texts_give_metadata_or_a_refusal()
    {
        string[] pieces =
        [
            "", " ", "\n", "\n  ", ": ", "- ", "[", "]", "{", "}", ",", "'", "\"", "|", "!", "!!", "!<", "&a ", "*a",
            "\t", "~", "-", "0", "999999999999999999999", "é", "\u00a0", "%", "#", "/", "..", "\\", "\ud800",
        ];
        var change = from start in Gen.Choose(0, _whole.Length - 1)
                     from length in Gen.Choose(0, 12)
                     from piece in Gen.Elements(pieces)
                     select (start, length, piece);
        Prop.ForAll(change.NonEmptyListOf().ToArbitrary(), changes =>
        {
            string text = _whole;
            foreach ((int start, int length, string piece) in changes.Take(4))
            {
                int from = Math.Min(start, text.Length);
                text = text.Remove(from, Math.Min(length, text.Length - from)).Insert(from, piece);
            }

            _ = IsHandled(text);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1500));
    }

    [Fact]
    public void Any_text_at_all_gives_meta_data_or_a_refusal() =>
        Prop.ForAll<string>(text =>
        {
            _ = IsHandled("#cloud-config\n" + text);
            try
            {
                _ = InstanceMetadata.Parse(text ?? "", "meta-data");
            }
            catch (ConfigurationException)
            {
                // the other allowed outcome
            }
        }).QuickCheckThrowOnFailure();

    /// <summary>Null for metadata, else what was refused; anything else that is thrown fails the test.</summary>
    private static string? IsHandled(string text)
    {
        try
        {
            _ = CloudConfig.Parse(text, "user-data", RolesOfProduct.Named("etcd", "master", "worker"));
            return null;
        }
        catch (ConfigurationException e)
        {
            return e.Problem;
        }
    }

    private static string Refusal(AuthorityPem authority) => Should.Throw<ConfigurationException>(() =>
        CloudConfig.Parse(
            $"#cloud-config\nnode: {{cluster: demo, role: lb, pki: {{kubernetes: {authority.ToYaml()}}}}}\n",
            "user-data",
            RolesOfProduct.Named("lb"))).Problem;

    private static string WithCurve(string pem, string label)
    {
        byte[] der = Der(pem);
        int at = der.AsSpan().IndexOf(_curve);
        at.ShouldBePositive();
        der[at + _curve.Length - 1] = 0x63;
        return Pem(der, label);
    }

    private static string Changed(string pem, string label, int place, int value)
    {
        byte[] der = Der(pem);
        der[place % der.Length] ^= (byte)(1 + (value % 255));
        return Pem(der, label);
    }

    private static byte[] Der(string pem) =>
        Convert.FromBase64String(string.Concat(pem.Split('\n').Where(line => !line.StartsWith('-'))));

    private static string Pem(byte[] der, string label) =>
        new string(System.Security.Cryptography.PemEncoding.Write(label, der)) + "\n";

    private static string Escape(string pem) => pem.Replace("\n", "\\n", StringComparison.Ordinal);
}
