using Images.Baker.Pki;
using Images.TestSupport;

namespace Images.Baker.Tests.Pki;

public sealed class SshKeyPairTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Ssh_keygen_derives_the_same_public_line_from_the_private_key()
    {
        SshKeyPair pair = SshKeyPair.Create("baker cluster demo");
        File.WriteAllText(_folder["key"], pair.Private.Reveal());
        Judge.Run("chmod", "600", _folder["key"]);

        string derived = Judge.Run("ssh-keygen", "-y", "-f", _folder["key"]).Trim();

        pair.Public.ShouldBe($"{derived} baker cluster demo");
        pair.Private.ToString().ShouldNotContain("PRIVATE KEY");
    }

    [Fact]
    public void Two_are_never_the_same() =>
        SshKeyPair.Create("a").Public.ShouldNotBe(SshKeyPair.Create("a").Public);
}
