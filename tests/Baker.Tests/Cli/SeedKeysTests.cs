using Images.Baker.Cli;
using Images.TestSupport;

namespace Images.Baker.Tests.Cli;

public sealed class SeedKeysTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData("\n \n# only a comment\n")]
    public void A_file_without_a_key_is_refused(string text)
    {
        File.WriteAllText(_folder["empty.pub"], text);

        BakeException refusal = Should.Throw<BakeException>(() => SeedCommand.ReadKeys(_folder["empty.pub"]));

        refusal.Code.ShouldBe("BAKE0807");
        refusal.Message.ShouldContain("holds no key");
    }

    [Fact]
    public void Keys_are_taken_and_comments_left()
    {
        File.WriteAllText(_folder["two.pub"], "# ours\r\nssh-ed25519 AAAA one\r\n\r\nssh-ed25519 BBBB two");

        SeedCommand.ReadKeys(_folder["two.pub"]).ShouldBe(["ssh-ed25519 AAAA one", "ssh-ed25519 BBBB two"]);
    }
}
