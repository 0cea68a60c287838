using Images.NodeConfig.Roles;
using Images.NodeConfig.Yaml;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Roles.Hardening;

/// <summary>
/// docs/hardening.csv beside what machines of the oldest, a middle and the newest Kubernetes have, by their goldens. It renders
/// docs/hardening.md; IMAGES_WRITE_GOLDENS=1 writes that.
/// </summary>
public sealed class HardeningTests
{
    private static readonly string _docs = Path.Combine(Checkout.Folder, "docs");

    private static readonly IReadOnlyList<HardeningControl> _controls = HardeningControl.ReadAll(Path.Combine(_docs, "hardening.csv"));

    [Theory]
    [InlineData("1.20.2")]
    [InlineData("1.29.0")]
    [InlineData("1.36.0")]
    public void Each_control_holds_or_says_why_it_does_not(string version)
    {
        Failing(version, Golden(version)).Where(control => control.Reason.Length == 0).ShouldBeEmpty();
        _controls.Where(control => control.Operator == HardeningControl.ByHand && control.Reason.Length == 0).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("--anonymous-auth=false", "--anonymous-auth=true", "--anonymous-auth")]
    [InlineData("--audit-log-maxage=30 ", "--audit-log-maxage=7 ", "--audit-log-maxage")]
    [InlineData("NodeRestriction,DenyServiceExternalIPs", "NodeRestriction", "--enable-admission-plugins")]
    [InlineData("enforce: baseline", "enforce: privileged", "defaults.enforce")]
    [InlineData("protectKernelDefaults: true\n", "", "protectKernelDefaults")]
    [InlineData("ETCD_CLIENT_CERT_AUTH=true", "ETCD_CLIENT_CERT_AUTH=false", "ETCD_CLIENT_CERT_AUTH")]
    [InlineData("=== /etc/kubernetes/kubelet.yaml 0600", "=== /etc/kubernetes/kubelet.yaml 0644", "/etc/kubernetes/kubelet.yaml")]
    public void A_machine_that_is_otherwise_is_noticed(string ours, string other, string key)
    {
        string golden = Golden("1.36.0");
        golden.ShouldContain(ours);

        HardeningControl[] noticed = [.. Failing("1.36.0", golden.Replace(ours, other, StringComparison.Ordinal)).Except(Failing("1.36.0", golden))];

        noticed.ShouldNotBeEmpty();
        noticed.ShouldAllBe(control => control.Key == key);
    }

    [Fact]
    public void Most_lines_are_decided_by_files_and_none_stands_twice()
    {
        _controls.Count(control => control.Operator != HardeningControl.ByHand).ShouldBeGreaterThan(150);
        _controls.GroupBy(control => control with { Reason = "" }).Where(same => same.Count() > 1).ShouldBeEmpty();
    }

    [Fact]
    public void The_page_is_what_the_tables_render()
    {
        string page = Path.Combine(_docs, "hardening.md");
        string text = HardeningPage.Render(
            File.ReadAllText(page), _controls, RoleGoldenTests.Versions.Select(version => (Version(version), Facts(Golden(version)))),
            File.ReadAllLines(Path.Combine(_docs, "exposure.csv")));
        ShouldBeInFile(text, page);
    }

    [Theory]
    [InlineData("master", 60)]
    [InlineData("etcd", 9)]
    [InlineData("node", 20)]
    public void The_profile_for_kube_bench_is_what_the_table_renders(string target, int atLeast)
    {
        string version = RoleGoldenTests.Versions[^1];
        string text = KubeBenchProfile.Render(target, _controls, Facts(Golden(version)), Version(version));

        ShouldBeInFile(text, Path.Combine(_docs, "kube-bench", "cfg", "images", $"{target}.yaml"));
        // kube-bench reads what is below "controls" as its siblings
        StrictYaml.ParseMapping(text.Replace("controls:\n", "", StringComparison.Ordinal), target).MappingList("groups")
            .Sum(group => group.MappingList("checks").Count).ShouldBeGreaterThan(atLeast);
    }

    private static void ShouldBeInFile(string text, string file)
    {
        if (Environment.GetEnvironmentVariable("IMAGES_WRITE_GOLDENS") == "1")
        {
            File.WriteAllText(file, text);
        }

        text.ShouldBe(File.ReadAllText(file));
    }

    private static string Golden(string version) => File.ReadAllText(RoleGoldenTests.GoldenOf(version, "etcd,master,worker"));

    private static HardeningFacts Facts(string golden) => new(new GoldenMachine(golden));

    private static ComponentVersion Version(string version) => ComponentVersion.TryParse(version)!.Value;

    private static HardeningControl[] Failing(string version, string golden)
    {
        HardeningFacts facts = Facts(golden);
        return [.. _controls.Where(control => HardeningVerdict.Of(control, facts, Version(version)).Holds == false)];
    }
}
