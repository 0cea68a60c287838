using System.Runtime.Versioning;
using System.Text;
using Images.Baker.Signing;
using Images.Formats;
using Images.NodeConfig.Upgrades;
using Images.TestSupport;

namespace Images.Baker.Tests.Signing;

[SupportedOSPlatform("linux")]
public sealed class UpgradeSigningKeyTests : IDisposable
{
    private static readonly byte[] _manifest = Encoding.UTF8.GetBytes("{ \"version\": \"0.2.0\" }\n");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_a_key_signs_its_public_half_verifies_and_the_same_bytes_are_signed_alike()
    {
        (UpgradeSigningKey key, string line) = Make("one");
        UpgradeKeys keys = UpgradeKeys.Parse(line, "keys");
        for (int i = 0; i < 200; i++) // numbers of fewer than 32 bytes among them
        {
            byte[] manifest = [.. _manifest, (byte)i];
            byte[] signature = key.Sign(manifest);
            keys.Verify(manifest, signature).ShouldBeTrue();
            key.Sign(manifest).ShouldBe(signature);
        }
    }

    [Fact]
    public void One_changed_bit_of_manifest_or_signature_and_every_other_length_are_refused()
    {
        (UpgradeSigningKey key, string line) = Make("one");
        UpgradeKeys keys = UpgradeKeys.Parse(line, "keys");
        byte[] signature = key.Sign(_manifest);
        for (int i = 0; i < signature.Length; i++)
        {
            byte[] other = [.. signature];
            other[i] ^= 1;
            keys.Verify(_manifest, other).ShouldBeFalse();
        }

        byte[] changed = [.. _manifest];
        changed[3] ^= 1;
        keys.Verify(changed, signature).ShouldBeFalse();
        keys.Verify(_manifest, []).ShouldBeFalse();
        keys.Verify(_manifest, signature.AsSpan(1)).ShouldBeFalse();
        keys.Verify(_manifest, [.. signature, 0]).ShouldBeFalse();
        keys.Verify(_manifest, new byte[UpgradeKeys.SignatureBytes]).ShouldBeFalse();
    }

    [Fact]
    public void A_list_knows_the_old_key_and_the_new_one()
    {
        (UpgradeSigningKey old, string oldLine) = Make("old");
        (UpgradeSigningKey next, string nextLine) = Make("next");
        UpgradeKeys both = UpgradeKeys.Parse($"# who\n{oldLine}\n{nextLine.Trim()} since May\n", "keys");
        both.Verify(_manifest, old.Sign(_manifest)).ShouldBeTrue();
        both.Verify(_manifest, next.Sign(_manifest)).ShouldBeTrue();
        UpgradeKeys.Parse(nextLine, "keys").Verify(_manifest, old.Sign(_manifest)).ShouldBeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nobody\n")]
    [InlineData("AAAA\n")]
    [InlineData("no base64\n")]
    public void A_list_without_a_key_is_refused(string text) =>
        Should.Throw<MalformedDataException>(() => UpgradeKeys.Parse(text, "keys"));

    [Fact]
    public void A_private_key_is_its_owners_alone()
    {
        string path = _folder["mine"];
        UpgradeSigningKey.Make(path);
        File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Should.Throw<BakeException>(() => UpgradeSigningKey.Make(path)).Code.ShouldBe("BAKE0660");
        foreach (UnixFileMode mode in (UnixFileMode[])[UnixFileMode.GroupRead, UnixFileMode.OtherRead])
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | mode);
            Should.Throw<BakeException>(() => UpgradeSigningKey.Read(path)).Code.ShouldBe("BAKE0661");
        }
    }

    [Fact]
    public void What_is_no_key_is_refused_and_not_quoted()
    {
        string path = _folder["none"];
        File.WriteAllText(path, "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead);
        BakeException refused = Should.Throw<BakeException>(() => UpgradeSigningKey.Read(path));
        refused.Code.ShouldBe("BAKE0662");
        refused.Message.ShouldNotContain("c2VjcmV0");
        Should.Throw<BakeException>(() => UpgradeSigningKey.Read(path + "-absent")).Code.ShouldBe("BAKE0662");
    }

    private (UpgradeSigningKey Key, string Line) Make(string name)
    {
        string path = _folder[name];
        string line = File.ReadAllText(UpgradeSigningKey.Make(path));
        return (UpgradeSigningKey.Read(path), line);
    }
}
