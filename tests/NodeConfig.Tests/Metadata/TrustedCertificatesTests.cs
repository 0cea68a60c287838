using Images.NodeConfig.Metadata;
using Images.TestSupport;

namespace Images.NodeConfig.Tests.Metadata;

public sealed class TrustedCertificatesTests
{
    private const string Broken = "-----BEGIN CERTIFICATE-----\nnot base64 at all !!\n-----END CERTIFICATE-----\n";

    private static readonly string _first = AuthorityPem.Create("first").Certificate;
    private static readonly string _second = AuthorityPem.CreateRsa("second").Certificate;
    private static readonly string _key = AuthorityPem.Create("x").Key;

    [Fact]
    public void Several_certificates_in_one_item_are_several_and_what_stands_between_them_is_left_out() =>
        Parse("trusted", "# issued by hand\n" + _first + "\nnext:\n" + _second).ShouldBe([_first, _second]);

    [Fact]
    public void One_text_in_place_of_a_list_is_taken()
    {
        string text = "#cloud-config\nnode: {cluster: demo, role: lb}\nca_certs:\n  trusted: |\n" + Indented(_first);
        CloudConfig.Parse(text, "user-data", RolesOfProduct.Named("lb")).CaCertificates!.Trusted.ShouldBe([_first]);
    }

    public static TheoryData<string, string> Refused => new()
    {
        { _first + Broken, "Block 2 of 2" },
        { Broken + _first, "Block 1 of 2" },
        { _first + "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", "Block 2 of 2" },
        { _first + _second[..^30], "Block 2 of 2" },
        { _second[..^30] + _first, "Block 1 of 2" },
        { _first + _key, "Block 2 of 2" },
        { _key, "Block 1 of 1" },
        { _first + "-----BEGIN X-----\n" + _second, "Block 2 of 3" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_block_that_is_no_certificate_is_refused_by_its_number(string item, string block)
    {
        ConfigurationException error = Should.Throw<ConfigurationException>(() => Parse("trusted", item));
        error.Problem.ShouldBe($"{block} in this item of 'trusted' is no X.509 certificate.");
        error.Line.ShouldBe(5);
        error.Message.ShouldNotContain("PRIVATE");
    }

    [Fact]
    public void What_holds_no_block_is_refused() =>
        Should.Throw<ConfigurationException>(() => Parse("trusted", "MIIB\n")).Problem
            .ShouldBe("'trusted' holds no PEM block 'CERTIFICATE'.");

    private static IReadOnlyList<string> Parse(string key, string item) => CloudConfig.Parse(
        $"#cloud-config\nnode: {{cluster: demo, role: lb}}\nca_certs:\n  {key}:\n  - |\n{Indented(item)}",
        "user-data",
        RolesOfProduct.Named("lb")).CaCertificates!.Trusted;

    private static string Indented(string text) =>
        string.Concat(text.TrimEnd('\n').Split('\n').Select(line => $"    {line}\n"));
}
