using System.IO.Compression;
using System.Text;
using Images.NodeConfig.Metadata;
using Images.TestSupport;

namespace Images.NodeConfig.Tests.Metadata;

/// <summary>Values of cloud-config's own keys as people write them.</summary>
public sealed class HonouredKeysTests
{
    [Fact]
    public void Unread_keys_below_honoured_ones_are_ignored_by_their_names_and_lines() =>
        Parse("""
            ntp:
              enabled: true
              server: [ntp.example.com]
              ntp_client: chrony
            users: []
            ca_certs:
              certificates: []
            """).Ignored.ShouldBe(
            [
                new IgnoredKey("ntp.server", 5), new IgnoredKey("ntp.ntp_client", 6), new IgnoredKey("users", 7),
                new IgnoredKey("ca_certs.certificates", 9),
            ]);

    [Theory]
    [InlineData("true", true)]
    [InlineData("True", true)]
    [InlineData("TRUE", true)]
    [InlineData("false", false)]
    [InlineData("False", false)]
    [InlineData("FALSE", false)]
    public void Booleans_are_those_of_YAMLs_core_schema(string text, bool value) =>
        Parse($"ntp: {{enabled: {text}}}\nwrite_files: [{{path: /etc/x, append: {text}, defer: {text}}}]")
            .Ntp!.Enabled.ShouldBe(value);

    [Theory]
    [InlineData("yes")]
    [InlineData("on")]
    [InlineData("1")]
    public void Other_words_are_no_booleans(string text) =>
        Refusal($"ntp: {{enabled: {text}}}").ShouldContain($"'enabled' must be true or false, and this is '{text}'.");

    [Theory]
    [InlineData("null")]
    [InlineData("Null")]
    [InlineData("NULL")]
    [InlineData("~")]
    [InlineData("")]
    public void Nothing_is_no_host_name(string text) => Parse($"hostname: {text}").Hostname.ShouldBeNull();

    [Theory]
    [InlineData("hostname: localhost", "'localhost'")]
    [InlineData("fqdn: localhost.localdomain", "'localhost.localdomain'")]
    [InlineData("hostname: 10.0.0.5", "'10.0.0.5'")]
    [InlineData("hostname: my_host", "'my_host'")]
    public void A_name_that_no_machine_can_have_is_refused(string line, string shown) =>
        Refusal(line).ShouldContain($"cannot be {shown}. Write a DNS name (letters, digits and '-') other than localhost.");

    [Fact]
    public void A_dot_at_the_end_of_a_full_name_is_not_of_it() =>
        Parse("fqdn: Web1.example.com.").Fqdn.ShouldBe("web1.example.com");

    [Theory]
    [InlineData("10.0.0.1")]
    [InlineData("2001:db8::1")]
    [InlineData("ntp.example.com")]
    public void Time_servers_are_names_and_addresses(string server) =>
        Parse($"ntp: {{servers: ['{server}']}}").Ntp!.Servers.ShouldBe([server]);

    [Theory]
    [InlineData("10")]
    [InlineData("1.2")]
    [InlineData("010.0.0.1")]
    [InlineData("[2001:db8::1]")]
    [InlineData("ntp.example.com:123")]
    public void What_only_a_program_takes_for_an_address_is_no_time_server(string server) =>
        Refusal($"ntp: {{servers: ['{server}']}}").ShouldContain($"'ntp' cannot be '{server}'.");

    [Theory]
    [InlineData("Base64")]
    [InlineData("B64")]
    [InlineData("BASE64")]
    [InlineData("' b64 '")]
    public void Encodings_are_known_in_any_case(string encoding) =>
        Parse($"write_files: [{{path: /etc/x, encoding: {encoding}, content: YWJj}}]")
            .WriteFiles[0].Content.ShouldBe("abc"u8.ToArray());

    [Theory]
    [InlineData("420", "0644")]
    [InlineData("416", "0640")]
    public void Permissions_that_give_others_more_than_the_owner_are_a_decimal_number_and_refused(string permissions, string octal) =>
        Should.Throw<ConfigurationException>(() => Parse($"write_files: [{{path: /etc/x, permissions: {permissions}}}]"))
            .Message.ShouldContain($"{permissions} is read as octal digits, and would give others what the owner has not. "
                + $"Begin the mode with a zero. If {permissions} is meant as a decimal number, that is '{octal}'.");

    [Fact]
    public void Text_in_base64_is_named_as_such() =>
        Should.Throw<ConfigurationException>(() => CloudConfig.Parse(
            Convert.ToBase64String("#cloud-config\nnode: {cluster: demo, role: worker}\n"u8, Base64FormattingOptions.InsertLineBreaks), "user-data", RolesOfProduct.Named("worker")))
            .Message.ShouldContain("This is base64: it holds a cloud-config, or gzip, that nobody decoded.");

    [Theory]
    [InlineData("0644", "0644")]
    [InlineData("0o644", "0644")]
    [InlineData("'644'", "0644")]
    public void Permissions_are_octal_however_they_are_written(string permissions, string mode) =>
        Parse($"write_files: [{{path: /etc/x, permissions: {permissions}}}]").WriteFiles[0].Mode.ShouldBe(mode);

    [Fact]
    public void A_path_with_a_blank_at_its_end_is_refused() =>
        Refusal("write_files: [{path: '/etc/x '}]").ShouldContain("'path' cannot be '/etc/x '.");

    [Fact]
    public void Content_of_a_file_that_was_cut_off_is_refused_at_its_line_wherever_it_was_cut()
    {
        byte[] packed = Packed("must be there\n");
        for (int length = 2; length < packed.Length; length++)
        {
            string content = Convert.ToBase64String(packed, 0, length);
            ConfigurationException error = Should.Throw<ConfigurationException>(
                () => Parse($"write_files:\n- path: /etc/x\n  encoding: gz+b64\n  content: {content}"), $"at {length}");
            error.Problem.ShouldStartWith("The content cannot be decompressed: the gzip ");
            error.Line.ShouldBe(6);
        }
    }

    [Theory]
    [InlineData("node:", "The key 'node' has no value, so this machine has no role.")]
    [InlineData("Node: {cluster: demo, role: lb}", "The key is 'node', not 'Node', so this machine has no role.")]
    [InlineData("'node ': {cluster: demo, role: lb}", "The key is 'node', not 'node ', so this machine has no role.")]
    [InlineData("nodes: {}", "The key 'node' is missing, so this machine has no role.")]
    public void Why_there_is_no_role_is_said(string line, string problem) =>
        Should.Throw<ConfigurationException>(() => CloudConfig.Parse($"#cloud-config\n{line}\n", "user-data", RolesOfProduct.Named("lb")))
            .Problem.ShouldBe(problem);

    [Fact]
    public void Long_values_and_values_of_several_lines_are_described_and_not_shown()
    {
        Refusal($"hostname: \"{new string('\n', 1000).Replace("\n", "a\\n", StringComparison.Ordinal)}\"")
            .ShouldContain("'hostname' cannot be text of 1000 lines.");
        Refusal($"hostname: {new string('_', 1000)}").ShouldContain("'hostname' cannot be text of 1000 characters.");
        Refusal("hostname: \"a\\u00a0b\"").ShouldContain("'hostname' cannot be 'a<U+00A0>b'.");
    }

    [Theory]
    [InlineData("tokens: [{id: abcdef.0123456789abcdef, secret: x}]")]
    [InlineData("tokens: [{id: abcdef, secret: 0123456789abcdef, group: abcdef.0123456789abcdef}]")]
    [InlineData("tokens: [{id: abcdef, secret: 0123456789abcdef, expires: abcdef.0123456789abcdef}]")]
    [InlineData("token: abcdef.0123456789abcdefg")]
    [InlineData("{token:abcdef.0123456789abcdef}")]
    [InlineData("encryptionKeys: [{name: k, secret:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=0123456}]")]
    [InlineData("tokens: [{id: abcdef, secret:0123456789abcdef}]")]
    [InlineData("{abcdef.0123456789abcdef}")]
    [InlineData("abcdef.0123456789abcdef: {}")]
    [InlineData("network: abcdef.0123456789abcdef")]
    [InlineData("dns: 0123456789abcdef")]
    [InlineData("encryptionKeys: [{name: 0123456789abcdef0123456789abcdef0123456789A=, secret: key1}]")]
    public void A_secret_in_the_place_of_what_stands_beside_it_is_not_shown(string line)
    {
        string text = $"#cloud-config\nnode:\n  cluster: demo\n  role: lb\n  kubernetes:\n    {line}\n";
        string message = Should.Throw<ConfigurationException>(() => CloudConfig.Parse(text, "user-data", RolesOfProduct.Named("lb"))).Message;
        string remedy = Images.NodeConfig.Kubernetes.KubernetesSecretFiles.TokenForm; // shows a made-up one
        message = message.Replace(remedy, "", StringComparison.Ordinal);
        message.ShouldNotContain("0123456");
    }

    [Theory]
    [InlineData("token:abcdef.0123456789abcdef")]
    [InlineData("abcdef.0123456789abcdef")]
    public void A_secret_in_the_place_of_a_key_that_is_not_read_is_not_shown(string key) =>
        Parse($"\"{key}\": {{}}").Ignored.ShouldHaveSingleItem().Key.ShouldNotContain("0123456");

    private static string Refusal(string lines) => Should.Throw<ConfigurationException>(() => Parse(lines)).Message;

    private static NodeMetadata Parse(string lines) =>
        CloudConfig.Parse($"#cloud-config\nnode: {{cluster: demo, role: lb}}\n{lines}\n", "user-data", RolesOfProduct.Named("lb"));

    private static byte[] Packed(string text)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Optimal))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return packed.ToArray();
    }
}
