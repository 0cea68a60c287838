using Images.Baker.Plan;
using Images.NodeConfig;
using Images.TestSupport;

namespace Images.Baker.Tests.Plan;

public sealed class ImagePlanReaderTests
{
    private const string Smallest = """
        name: node
        version: 0.1.0
        debian:
          architecture: amd64
          suites:
            - suite: trixie
              archive: debian
              components: [main]
              keys: [{ file: keys/a.pgp, fingerprint: 04B5 4C3C DCA7 9751 B16B  C6B5 2256 29DF 75B1 88BD }]
        packages: [systemd, bash]
        initramfs: { modules: [overlay], packages: [busybox-static] }
        boot: { package: systemd-boot-efi, stub: usr/stub, loader: usr/loader, commandLine: ro }
        sizes: { esp: 512Mi, root: 1Gi, state: 16Mi }
        roles: roles
        outputs: [raw]
        """;

    [Fact]
    public void The_plan_of_this_repository_is_read()
    {
        ImagePlan plan = ImagePlanReader.ReadFile(Path.Combine(Checkout.Folder, "image.yaml"));
        plan.Name.ShouldBe("node");
        plan.Debian.Suites.Select(suite => suite.Suite).ShouldBe(["trixie", "trixie-updates", "trixie-security"]);
        plan.Debian.Suites.ShouldAllBe(suite => suite.Keys.All(key => File.Exists(key.File)));
        plan.Sizes.Root.ShouldBe(1L << 30);
    }

    [Fact]
    public void Lists_of_packages_are_sorted_and_paths_are_full()
    {
        ImagePlan plan = Parse(Smallest);
        plan.Packages.ShouldBe(["bash", "systemd"]);
        plan.Drop.ShouldBeEmpty();
        plan.Roles.ShouldBe("/repo/roles");
        plan.Debian.Suites[0].Keys[0].File.ShouldBe("/repo/keys/a.pgp");
        plan.Debian.Suites[0].Keys[0].Fingerprint.ShouldBe("04B54C3CDCA79751B16BC6B5225629DF75B188BD");
    }

    [Theory]
    [InlineData("outputs: [raw]", "outputs: [raw]\ncolour: red", 16, 1, "colour")]
    [InlineData("root: 1Gi", "rooot: 1Gi", 13, 8, "root")]
    [InlineData("root: 1Gi", "root: 1Gi, swap: 1Gi", 13, 33, "swap")]
    [InlineData("root: 1Gi", "root: 1000", 13, 28, "mebibytes")]
    [InlineData("[raw]", "[raw, vdi]", 15, 16, "vdi")]
    [InlineData("[raw]", "[raw, upgrade, raw]", 15, 25, "twice")]
    [InlineData("[raw]", "[upgrade]", 15, 10, "raw, upgrade")]
    [InlineData("architecture: amd64", "architecture: arm64", 4, 17, "arm64")]
    [InlineData("[systemd, bash]", "[systemd, systemd]", 10, 21, "twice")]
    [InlineData("[systemd, bash]", "[systemd=1.0]", 10, 12, "systemd=1.0")]
    [InlineData("packages: [systemd, bash]", "packages: [systemd]\ndrop: [systemd]", 11, 7, "dropped")]
    [InlineData("name: node", "name: ../node", 1, 7, "../node")]
    [InlineData("88BD }", "88 }", 9, 47, "fingerprint")]
    [InlineData("roles: roles", "roles: roles\nprune: { paths: [/usr/share] }", 15, 18, "/usr/share")]
    public void A_wrong_plan_is_refused_at_its_line_and_column(string text, string replacement, int line, int column, string named)
    {
        ConfigurationException error = Should.Throw<ConfigurationException>(() => Parse(Smallest.Replace(text, replacement, StringComparison.Ordinal)));
        error.Message.ShouldStartWith($"image.yaml:{line}:{column}  ");
        error.Message.ShouldContain(named);
    }

    [Fact]
    public void A_missing_plan_is_refused_by_name() =>
        Should.Throw<BakeException>(() => ImagePlanReader.ReadFile("/nowhere/image.yaml")).Message.ShouldStartWith("BAKE0201  /nowhere/image.yaml");

    private static ImagePlan Parse(string text) => ImagePlanReader.Parse(text, "image.yaml", "/repo");
}
