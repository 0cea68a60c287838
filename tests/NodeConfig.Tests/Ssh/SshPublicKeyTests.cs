using Images.NodeConfig.Ssh;
using Images.TestSupport;

namespace Images.NodeConfig.Tests.Ssh;

public sealed class SshPublicKeyTests
{
    private const string Blob = "AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";

    [Theory]
    [InlineData("ed25519")]
    [InlineData("ecdsa")]
    [InlineData("rsa")]
    public void A_key_that_ssh_keygen_has_made_has_the_fingerprint_that_it_shows(string type)
    {
        using TemporaryFolder folder = new();
        Judge.Run("ssh-keygen", "-q", "-t", type, "-N", "", "-C", "a comment", "-f", folder["key"]);
        string text = File.ReadAllText(folder["key.pub"]);
        SshPublicKey key = SshPublicKey.TryParse(text).ShouldNotBeNull();
        Judge.Run("ssh-keygen", "-l", "-f", folder["key.pub"]).Split(' ')[1].ShouldBe(key.Fingerprint);
        text.ShouldStartWith($"{key} ");
    }

    [Theory]
    [InlineData("ssh-ed25519 " + Blob, true)]
    [InlineData("  ssh-ed25519\t" + Blob + " a comment\n", true)]
    [InlineData("ssh-rsa " + Blob, false)] // another type than the blob's
    [InlineData("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5", false)] // a type and no key
    [InlineData("ssh-ed25519 AAAA", false)]
    [InlineData("ssh-ed25519 /////w==", false)] // a type of 4 GiB
    [InlineData("ssh-ed25519 !", false)]
    [InlineData("ssh-ed25519", false)]
    [InlineData("@cert-authority ssh-ed25519 " + Blob, false)]
    [InlineData("", false)]
    public void What_is_no_key_is_none(string line, bool isKey) => (SshPublicKey.TryParse(line) is not null).ShouldBe(isKey);

    [Fact]
    public void A_blob_has_a_limit() =>
        SshPublicKey.TryParse("ssh-ed25519 " + Convert.ToBase64String([.. Convert.FromBase64String(Blob), .. new byte[5000]])).ShouldBeNull();
}
