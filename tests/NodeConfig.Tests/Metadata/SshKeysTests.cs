using Images.NodeConfig.Metadata;
using Images.TestSupport;

namespace Images.NodeConfig.Tests.Metadata;

public sealed class SshKeysTests
{
    private const string Ed25519 =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBS5SBpn42JfMexk4/zuQr8M4aPYC5bapDuV5wUQEQ3E ops@example.com";

    private const string PrivateBody = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW";

    [Theory]
    [InlineData(Ed25519 + "\\n")]
    [InlineData("  " + Ed25519 + "\\r\\n")]
    [InlineData("from=\\\"10.0.0.0/8\\\",no-pty " + Ed25519)]
    public void White_space_and_line_ends_around_a_key_are_not_of_it(string item)
    {
        NodeMetadata metadata = Parse($"[\"{item}\"]");
        metadata.SshAuthorizedKeys.ShouldHaveSingleItem().ShouldEndWith(Ed25519);
        metadata.SshAuthorizedKeys[0].ShouldBe(metadata.SshAuthorizedKeys[0].Trim());
        metadata.Warnings.ShouldBeEmpty();
    }

    [Fact]
    public void Several_keys_in_one_item_are_several_keys() =>
        Parse($"\n- |\n  {Ed25519}\n\n  {Ed25519}2\n- {Ed25519}3").SshAuthorizedKeys
            .ShouldBe([Ed25519, Ed25519 + "2", Ed25519 + "3"]);

    [Theory]
    [InlineData("|\n  -----BEGIN OPENSSH PRIVATE KEY-----\n  " + PrivateBody + "\n  -----END OPENSSH PRIVATE KEY-----\n")]
    [InlineData("'-----BEGIN OPENSSH PRIVATE KEY-----'")]
    [InlineData("\"-----BEGIN RSA PRIVATE KEY-----\\n" + PrivateBody + "\"")]
    public void A_private_key_is_refused_and_nothing_of_it_is_shown(string item)
    {
        ConfigurationException error = Should.Throw<ConfigurationException>(() => Parse($"\n- {item}"));
        error.Problem.ShouldBe("'ssh_authorized_keys' holds a private key.");
        error.Line.ShouldBe(4);
        error.Message.ShouldNotContain("BEGIN");
        ShouldShowNoPartOf(PrivateBody, error.Message);
    }

    [Theory]
    [InlineData("\"ssh-ed25519 AAAA \\e[31mred\"", "control characters")]
    [InlineData("'  '", "an empty item")]
    public void What_cannot_be_a_line_of_the_file_is_refused(string item, string problem) =>
        Should.Throw<ConfigurationException>(() => Parse($"[{item}]")).Problem
            .ShouldBe($"'ssh_authorized_keys' holds {problem}.");

    [Theory]
    [InlineData("not a key at all")]
    [InlineData(PrivateBody)]
    [InlineData("ssh-ed25519 me@example.com")]
    public void A_line_that_is_no_key_is_warned_of_without_showing_it(string item)
    {
        string warning = Parse($"\n- {item}").Warnings.ShouldHaveSingleItem();
        warning.ShouldBe(
            "ssh_authorized_keys, line 4: this is no public key of OpenSSH, so nobody can log in with it");
        ShouldShowNoPartOf(item, warning);
    }

    private static void ShouldShowNoPartOf(string secret, string text)
    {
        for (int start = 0; start + 10 <= secret.Length; start++)
        {
            text.ShouldNotContain(secret.Substring(start, 10));
        }
    }

    private static NodeMetadata Parse(string keys) => CloudConfig.Parse(
        $"#cloud-config\nnode: {{cluster: demo, role: lb}}\nssh_authorized_keys: {keys}\n", "user-data", RolesOfProduct.Named("lb"));
}
