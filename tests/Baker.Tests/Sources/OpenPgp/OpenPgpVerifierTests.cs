using System.Text;
using Images.Baker.OpenPgp;
using Images.Formats;
using Images.TestSupport;

namespace Images.Baker.Tests.Sources.OpenPgp;

/// <summary>
/// Ours and gpgv must agree, and gpgv must never be the stricter one. It warns about revoked and expired keys and goes on,
/// and has no other clock than the host's, so there ours is judged by what the keys say.
/// </summary>
[Collection(SigningCollection.Name)]
public sealed class OpenPgpVerifierTests(SigningHome home)
{
    private const string Release = "Origin: Test\nSuite: stable\nDate: Sat, 12 Sep 2026 07:55:41 UTC\nSHA256:\n 00 1 main/Packages\n";
    // asked for each time: the keys are made long after this class is loaded
    private static DateTimeOffset Soon => DateTimeOffset.UtcNow.AddMinutes(1);

    [Theory]
    [InlineData("SHA256")]
    [InlineData("SHA512")]
    [InlineData("SHA384")]
    public void A_good_signature_of_a_pinned_key_is_good(string hash)
    {
        byte[] message = home.ClearSign(Encoding.UTF8.GetBytes(Release), ["--digest-algo", hash], "archive");
        home.GpgvAccepts(message, home.ArchiveKey).ShouldBeTrue();
        Verify(message, home.ArchiveKey).SignedBy.ShouldBe([home.ArchiveFingerprint]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("one line without end")]
    [InlineData("trailing blanks  \t \nand more \n")]
    [InlineData("- dash\n-----BEGIN PGP SIGNATURE-----\n--\n-\nFrom here\n")]
    [InlineData("\n\nempty lines\n\n\n")]
    [InlineData("crlf\r\nlines\r\n")]
    [InlineData("Grüße\n")]
    public void Every_shape_of_text_is_verified_and_read_as_gpgv_does(string text)
    {
        byte[] message = home.ClearSign(text, "archive");
        home.GpgvAccepts(message, home.ArchiveKey).ShouldBeTrue();
        Verify(message, home.ArchiveKey).SignedBy.ShouldBe([home.ArchiveFingerprint]);
        string[] lines = [.. text.TrimEnd('\n').Split('\n').Select(line => line.TrimEnd(' ', '\t', '\r'))];
        Encoding.UTF8.GetString(CleartextMessage.Parse(message, "m").Text).TrimEnd('\n').ShouldBe(string.Join('\n', lines).TrimEnd('\n'));
    }

    public static TheoryData<string> Tamperings => [.. _tamperings.Keys];

    private static readonly Dictionary<string, Func<string, string>> _tamperings = new(StringComparer.Ordinal)
    {
        ["a changed letter"] = text => text.Replace("Origin: Test", "Origin: Tesu", StringComparison.Ordinal),
        ["an added line"] = text => text.Replace("Suite:", "Codename: evil\nSuite:", StringComparison.Ordinal),
        ["a removed line"] = text => text.Replace("Suite: stable\n", "", StringComparison.Ordinal),
        ["a truncated signature"] = text => Cut(text, "-----BEGIN PGP SIGNATURE-----", 200),
        ["no signature"] = text => text[..text.IndexOf("-----BEGIN PGP SIGNATURE-----", StringComparison.Ordinal)],
        ["an undone dash escape"] = text => text.Replace("SHA256:\n", "-----SHA256:\n", StringComparison.Ordinal),
        ["a broken armor"] = text => text.Replace("-----BEGIN PGP SIGNATURE-----\n\n", "-----BEGIN PGP SIGNATURE-----\n\n!!!!", StringComparison.Ordinal),
        ["plain text"] = _ => Release,
        ["nothing"] = _ => "",
    };

    [Theory]
    [MemberData(nameof(Tamperings))]
    public void What_gpgv_refuses_is_refused(string tampering)
    {
        byte[] message = Encoding.UTF8.GetBytes(_tamperings[tampering](Encoding.UTF8.GetString(home.ClearSign(Release, "archive"))));
        home.GpgvAccepts(message, home.ArchiveKey).ShouldBeFalse();
        IsAccepted(message, home.ArchiveKey).ShouldBeFalse();
    }

    [Theory]
    [InlineData("CR LF", "\n", "\r\n")]
    [InlineData("trailing blanks", "\nSuite", "  \t\nSuite")]
    public void A_change_that_the_framework_forgives_is_forgiven(string what, string part, string replacement)
    {
        string text = Encoding.UTF8.GetString(home.ClearSign(Release, "archive")).Replace(part, replacement, StringComparison.Ordinal);
        byte[] message = Encoding.UTF8.GetBytes(text);
        home.GpgvAccepts(message, home.ArchiveKey).ShouldBeTrue(what);
        Verify(message, home.ArchiveKey).SignedBy.ShouldBe([home.ArchiveFingerprint]);
    }

    [Fact]
    public void A_missing_newline_at_the_end_is_forgiven()
    {
        byte[] message = home.ClearSign(Release, "archive")[..^1];
        home.GpgvAccepts(message, home.ArchiveKey).ShouldBeTrue();
        Verify(message, home.ArchiveKey).SignedBy.ShouldBe([home.ArchiveFingerprint]);
    }

    [Theory]
    [InlineData("Suite: evil\n\n", "")]
    [InlineData("", "Suite: evil\n")]
    public void Text_around_the_signed_text_is_refused(string before, string behind)
    {
        byte[] signed = home.ClearSign(Release, "archive");
        byte[] message = [.. Encoding.UTF8.GetBytes(before), .. signed, .. Encoding.UTF8.GetBytes(behind)];
        IsAccepted(message, home.ArchiveKey).ShouldBeFalse();
    }

    [Fact]
    public void An_armor_without_end_is_refused_though_gpgv_lets_it_pass()
    {
        string text = Encoding.UTF8.GetString(home.ClearSign(Release, "archive"));
        IsAccepted(Encoding.UTF8.GetBytes(text.Replace("-----END PGP SIGNATURE-----", "", StringComparison.Ordinal)), home.ArchiveKey).ShouldBeFalse();
    }

    [Fact]
    public void Two_messages_in_one_file_are_refused()
    {
        byte[] signed = home.ClearSign(Release, "archive");
        IsAccepted([.. signed, .. signed], home.ArchiveKey).ShouldBeFalse();
    }

    [Fact]
    public void A_stranger_s_signature_does_not_count()
    {
        byte[] message = home.ClearSign(Release, "stranger");
        home.GpgvAccepts(message, home.ArchiveKey).ShouldBeFalse();
        OpenPgpVerdict verdict = Verify(message, home.ArchiveKey);
        verdict.SignedBy.ShouldBeEmpty();
        verdict.Rejections.ShouldHaveSingleItem().ShouldContain("not one of the pinned ones");
    }

    [Theory]
    [InlineData("SHA256")]
    [InlineData("SHA512")]
    public void A_good_signature_of_an_Ed25519_key_is_good(string hash)
    {
        byte[] message = home.ClearSign(Encoding.UTF8.GetBytes(Release), ["--digest-algo", hash], "ed");
        home.GpgvAccepts(message, home.EdKey).ShouldBeTrue();
        Verify(message, home.EdKey).SignedBy.ShouldBe([home.FingerprintOf("ed")]);
        IsAccepted(message, home.ArchiveKey).ShouldBeFalse();
    }

    [Theory]
    [MemberData(nameof(Tamperings))]
    public void What_gpgv_refuses_of_an_Ed25519_key_is_refused(string tampering)
    {
        string signed = Encoding.UTF8.GetString(home.ClearSign(Release, "ed"));
        byte[] message = Encoding.UTF8.GetBytes(tampering == "a truncated signature"
            ? Cut(signed, "-----BEGIN PGP SIGNATURE-----", 40)
            : _tamperings[tampering](signed));
        home.GpgvAccepts(message, home.EdKey).ShouldBeFalse();
        IsAccepted(message, home.EdKey).ShouldBeFalse();
    }

    [Fact]
    public void A_signature_of_an_Ed25519_key_with_any_bit_of_its_numbers_changed_is_not_good()
    {
        IReadOnlyList<OpenPgpCertificate> certificates = OpenPgpCertificate.ReadAll(File.ReadAllBytes(home.EdKey), "k");
        CleartextMessage message = CleartextMessage.Parse(home.ClearSign(Release, "ed"), "m");
        OpenPgpVerifier verifier = new(certificates, Soon);
        verifier.Verify(message, "m").SignedBy.ShouldHaveSingleItem();

        // the second number, 32 bytes unless it begins with zeros, is the last of the packet; before it lie the length of it and the first one
        int length = message.Signatures.Length;
        int[] bytes = [.. Enumerable.Range(length - 64, 30), .. Enumerable.Range(length - 31, 31)];
        foreach (int bit in bytes.SelectMany(place => Enumerable.Range(place * 8, 8)))
        {
            byte[] changed = [.. message.Signatures];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            try
            {
                verifier.Verify(message with { Signatures = changed }, "m").SignedBy.ShouldBeEmpty($"bit {bit}");
            }
            catch (MalformedDataException)
            {
                // refused by name
            }
        }
    }

    [Fact]
    public void A_signing_subkey_of_Ed25519_counts_below_a_primary_key_of_either_kind()
    {
        foreach ((string user, string primary) in new[] { ("mixed", "rsa2048"), ("pure", "ed25519") })
        {
            home.Gpg("--quick-generate-key", $"{user} <{user}@example.org>", primary, "cert", "never");
            home.Gpg("--quick-add-key", home.FingerprintOf(user), "ed25519", "sign", "never");
            byte[] message = home.ClearSign(Release, user);
            home.GpgvAccepts(message, home.Export(user)).ShouldBeTrue(user);
            Verify(message, home.Export(user)).SignedBy.ShouldBe([home.FingerprintOf(user)], user);
        }
    }

    [Fact]
    public void A_key_that_can_only_encrypt_and_one_of_another_curve_are_known_by_name_only()
    {
        home.Gpg("--quick-generate-key", "curve <curve@example.org>", "nistp256", "cert,sign", "never");
        home.Gpg("--quick-generate-key", "both <both@example.org>", "ed25519", "cert,sign", "never");
        home.Gpg("--quick-add-key", home.FingerprintOf("both"), "cv25519", "encr", "never");
        byte[] message = home.ClearSign(Release, "curve", "both");
        OpenPgpVerdict verdict = Verify(message, home.Export("curve"), home.Export("both"));
        verdict.SignedBy.ShouldBe([home.FingerprintOf("both")]);
        verdict.Rejections.ShouldHaveSingleItem().ShouldContain("ECDSA is not supported");
    }

    [Fact]
    public void An_Ed25519_key_whose_point_is_none_or_of_a_small_group_is_refused()
    {
        byte[] certificate = File.ReadAllBytes(home.EdKey);
        int point = certificate.AsSpan().IndexOf((ReadOnlySpan<byte>)[0x2B, 0x06, 0x01, 0x04, 0x01, 0xDA, 0x47, 0x0F, 0x01]) + 9 + 2 + 1;
        foreach (byte first in (byte[])[0, 1, 2]) // of order four, the neutral one, none at all
        {
            byte[] changed = [.. certificate];
            changed.AsSpan(point, 32).Clear();
            changed[point] = first;
            Should.Throw<MalformedDataException>(() => OpenPgpCertificate.ReadAll(changed, "k")).Message.ShouldContain("an Ed25519 key that cannot be used");
        }
    }

    [Fact]
    public void One_good_signature_among_others_is_enough_and_the_others_say_why_not()
    {
        byte[] message = home.ClearSign(Release, "stranger", "archive", "ed");
        OpenPgpVerdict verdict = Verify(message, home.ArchiveKey);
        verdict.SignedBy.ShouldBe([home.ArchiveFingerprint]);
        verdict.Rejections.Length.ShouldBe(2);
        Verify(message, home.ArchiveKey, home.EdKey).SignedBy.Length.ShouldBe(2);
    }

    [Fact]
    public void Sha1_is_refused()
    {
        byte[] message = home.ClearSign(Encoding.UTF8.GetBytes(Release), ["--digest-algo", "SHA1", "--allow-weak-digest-algos"], "archive");
        Verify(message, home.ArchiveKey).Rejections.ShouldHaveSingleItem().ShouldContain("SHA-1");
    }

    [Fact]
    public void A_critical_notation_is_refused_as_gpgv_does()
    {
        byte[] message = home.ClearSign(Encoding.UTF8.GetBytes(Release), ["--digest-algo", "SHA256", "--set-notation", "!secret@example.org=1"], "archive");
        home.GpgvAccepts(message, home.ArchiveKey).ShouldBeFalse();
        Verify(message, home.ArchiveKey).Rejections.ShouldHaveSingleItem().ShouldContain("critical subpacket 20");
    }

    [Fact]
    public void A_notation_that_is_not_critical_is_passed_over()
    {
        byte[] message = home.ClearSign(Encoding.UTF8.GetBytes(Release), ["--digest-algo", "SHA256", "--set-notation", "note@example.org=1"], "archive");
        Verify(message, home.ArchiveKey).SignedBy.ShouldBe([home.ArchiveFingerprint]);
    }

    [Fact]
    public void An_expired_signature_and_one_of_the_future_do_not_count()
    {
        byte[] message = home.ClearSign(Encoding.UTF8.GetBytes(Release), ["--digest-algo", "SHA256", "--default-sig-expire", "seconds=3600"], "archive");
        Verify(message, home.ArchiveKey).SignedBy.ShouldBe([home.ArchiveFingerprint]);
        Verify(message, Soon.AddHours(2), home.ArchiveKey).Rejections.ShouldHaveSingleItem().ShouldContain("it expired at");
        Verify(message, Soon.AddDays(-1), home.ArchiveKey).Rejections.ShouldHaveSingleItem().ShouldContain("in the future");
    }

    [Fact]
    public void A_signature_of_an_expired_key_does_not_count()
    {
        home.Gpg("--quick-generate-key", "brief <brief@example.org>", "rsa2048", "cert,sign", "1d");
        string key = home.Export("brief");
        byte[] message = home.ClearSign(Release, "brief");
        Verify(message, key).SignedBy.ShouldBe([home.FingerprintOf("brief")]);
        Verify(message, Soon.AddDays(2), key).Rejections.ShouldHaveSingleItem().ShouldContain("its key expired at");
    }

    [Fact]
    public void A_revoked_key_and_a_revoked_subkey_do_not_count()
    {
        home.Gpg("--quick-generate-key", "leaked <leaked@example.org>", "rsa2048", "cert,sign", "never");
        string fingerprint = home.FingerprintOf("leaked");
        home.Gpg("--quick-add-key", fingerprint, "rsa2048", "sign", "never");
        byte[] bySubkey = home.ClearSign(Release, "leaked");
        byte[] byPrimary = home.ClearSign(Release, fingerprint + "!");
        Verify(bySubkey, home.Export("leaked")).SignedBy.ShouldBe([fingerprint]);

        EditKey("leaked", "key 1\nrevkey\ny\n0\n\ny\nsave\n");
        string subkeyRevoked = home.Export("leaked", "leaked.subkey.pgp");
        Verify(bySubkey, subkeyRevoked).SignedBy.ShouldBeEmpty();
        Verify(byPrimary, subkeyRevoked).SignedBy.ShouldBe([fingerprint]);

        EditKey("leaked", "revkey\ny\n0\n\ny\nsave\n");
        string revoked = home.Export("leaked", "leaked.primary.pgp");
        Verify(byPrimary, revoked).Rejections.ShouldHaveSingleItem().ShouldContain("revoked");
    }

    [Fact]
    public void A_subkey_without_a_back_signature_does_not_count()
    {
        byte[] message = home.ClearSign(Release, "archive");
        byte[] certificate = File.ReadAllBytes(home.ArchiveKey);

        // the embedded signature (type 32) lies unhashed in the binding: calling it a private subpacket hides it
        int embedded = LastIndexOf(certificate, [0x20, 0x04, 0x19, 0x01]);
        certificate[embedded] = 100;
        Verify(message, DateTimeOffset.MaxValue.AddYears(-7900), OpenPgpCertificate.ReadAll(certificate, "k")).SignedBy.ShouldBeEmpty();
    }

    [Fact]
    public void Bytes_of_a_key_file_at_random_never_end_in_anything_but_a_named_error()
    {
        byte[] certificate = File.ReadAllBytes(home.ArchiveKey);
        byte[] message = home.ClearSign(Release, "archive");
        Random random = new(1);
        for (int i = 0; i < 2000; i++)
        {
            byte[] damaged = [.. (i % 2 == 0 ? certificate : message)];
            damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            damaged = i % 5 == 0 ? damaged[..random.Next(damaged.Length)] : damaged;
            try
            {
                if (i % 2 == 0)
                {
                    OpenPgpCertificate.ReadAll(damaged, "damaged");
                }
                else
                {
                    Verify(damaged, home.ArchiveKey);
                }
            }
            catch (MalformedDataException)
            {
                // refused by name
            }
        }
    }

    private void EditKey(string user, string commands)
    {
        using TemporaryFolder folder = new();
        File.WriteAllText(folder["commands"], commands);
        home.Gpg("--command-file", folder["commands"], "--edit-key", user);
    }

    private static bool IsAccepted(byte[] message, string keyFile)
    {
        try
        {
            return !Verify(message, keyFile).SignedBy.IsEmpty;
        }
        catch (MalformedDataException)
        {
            return false;
        }
    }

    private static OpenPgpVerdict Verify(byte[] message, params string[] keyFiles) => Verify(message, Soon, keyFiles);

    private static OpenPgpVerdict Verify(byte[] message, DateTimeOffset now, params string[] keyFiles) =>
        Verify(message, now, [.. keyFiles.SelectMany(file => OpenPgpCertificate.ReadAll(File.ReadAllBytes(file), file))]);

    private static OpenPgpVerdict Verify(byte[] message, DateTimeOffset now, IReadOnlyList<OpenPgpCertificate> certificates) =>
        new OpenPgpVerifier(certificates, now).Verify(CleartextMessage.Parse(message, "m"), "m");

    private static string Cut(string text, string marker, int length)
    {
        int start = text.IndexOf(marker, StringComparison.Ordinal) + marker.Length + 100;
        return text.Remove(start, length);
    }

    private static int LastIndexOf(byte[] data, byte[] part) => data.AsSpan().LastIndexOf(part);
}
