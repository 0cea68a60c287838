using Images.Baker.Plan;
using Images.NodeConfig;

namespace Images.Baker.Tests.Plan;

public sealed class KubernetesPlanReaderTests
{
    private const string All = """
          source: auto
          upstream: { version: 1.36.0 }
          folder: { path: programs, version: 1.29.3 }
          debian:
            toolchain: golang-1.26-go
            suites: [{ suite: bookworm, archive: debian, components: [main], keys: [{ file: keys/b.pgp, fingerprint: 04B54C3CDCA79751B16BC6B5225629DF75B188BD }] }]
        """;

    [Fact]
    public void Every_source_is_read()
    {
        KubernetesPlan plan = Parse(All)!;
        plan.Source.ShouldBe(KubernetesSource.Auto);
        plan.Upstream!.Version.ToString().ShouldBe("1.36.0");
        plan.Upstream.Sha512.ShouldBeNull();
        plan.Folder!.Path.ShouldBe("/repo/programs");
        plan.Debian!.Toolchain.ShouldBe("golang-1.26-go");
        plan.Debian.Suites.ShouldHaveSingleItem().Keys[0].File.ShouldBe("/repo/keys/b.pgp");
    }

    [Fact]
    public void A_plan_without_the_key_asks_for_no_kubernetes() =>
        ImagePlanReader.Parse(SmallestPlan.Text, "image.yaml", "/repo").Kubernetes.ShouldBeNull();

    [Theory]
    [InlineData("1.20.0")]
    [InlineData("1.36.99")]
    public void The_ends_of_the_supported_range_are_accepted(string version) =>
        Parse(All.Replace("1.29.3", version, StringComparison.Ordinal))!.Folder!.Version.ToString().ShouldBe(version);

    [Theory]
    [InlineData("source: auto", "source: latest", 13, 11, "'latest' is no source")]
    [InlineData("source: auto", "sauce: auto", 13, 3, "source")]
    [InlineData("source: auto", "source: auto\n  colour: red", 14, 3, "colour")]
    [InlineData("  upstream: { version: 1.36.0 }\n", "", 13, 11, "'upstream' and 'debian'")]
    [InlineData("source: auto\n  upstream: { version: 1.36.0 }", "source: upstream", 13, 11, "'upstream' is not described")]
    [InlineData("1.36.0", "1.36", 14, 24, "not a release")]
    [InlineData("1.36.0", "v1.36.0", 14, 24, "not a release")]
    [InlineData("1.36.0", "1.036.0", 14, 24, "not a release")]
    [InlineData("1.36.0", "1.37.0", 14, 24, "1.20 to 1.36")]
    [InlineData("1.29.3", "1.19.16", 15, 38, "1.20 to 1.36")]
    [InlineData("1.29.3", "2.30.0", 15, 38, "1.20 to 1.36")]
    [InlineData("version: 1.36.0", "version: 1.36.0, sha512: 00ff", 14, 40, "SHA-512")]
    [InlineData("path: programs", "paths: programs", 15, 11, "path")]
    [InlineData("golang-1.26-go", "gccgo", 17, 16, "gccgo")]
    [InlineData("suite: bookworm, ", "", 18, 14, "suite")]
    public void A_wrong_part_is_refused_at_its_line_and_column(string text, string replacement, int line, int column, string named)
    {
        ConfigurationException error = Should.Throw<ConfigurationException>(() => Parse(All.Replace(text, replacement, StringComparison.Ordinal)));
        error.Message.ShouldStartWith($"image.yaml:{line}:{column}  ");
        error.Message.ShouldContain(named);
    }

    private static KubernetesPlan? Parse(string kubernetes) => ImagePlanReader.Parse($"{SmallestPlan.Text}kubernetes:\n{kubernetes}", "image.yaml", "/repo").Kubernetes;
}
