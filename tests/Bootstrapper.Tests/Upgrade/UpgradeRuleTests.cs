using Images.Bootstrapper.Cli;
using Images.Bootstrapper.Upgrade;
using Images.NodeConfig.Upgrades;

namespace Images.Bootstrapper.Tests.Upgrade;

public sealed class UpgradeRuleTests
{
    private static readonly UpgradeManifest _manifest = new SampleImage(1, dataBlocks: 2).Manifest;
    private static readonly RunningImage _running = new("node", "0.1.0+k8s1.20.2-debian", "amd64");

    private static readonly string _runs = new('e', 64);

    private static readonly UpgradeMemory _gaveItUp = new()
    {
        Failed = [new FailedImage { Version = "0.2.0", RootHash = _manifest.RootHash, Tries = 3, At = DateTimeOffset.UnixEpoch, Reason = "ssh.service has failed" }],
    };

    [Fact]
    public void Another_image_of_the_same_name_is_taken_be_it_older_or_newer()
    {
        Require(_manifest);
        Require(_manifest with { Version = "0.0.1" });
        Require(_manifest with { From = "0.1.0" });
        Require(_manifest with { From = "0.0.9+k8s1.36.0" });
    }

    [Fact]
    public void Another_machines_image_is_refused()
    {
        Refused(_manifest with { Name = "shop" }, "NODE0806").ShouldContain("'shop', and this machine runs 'node'");
        Refused(_manifest with { Architecture = "arm64" }, "NODE0806").ShouldContain("for arm64");
    }

    [Fact]
    public void A_delta_is_taken_by_who_runs_what_it_starts_from()
    {
        UpgradeBase start = new() { FromRootHash = _runs, Bytes = 1, Sha256 = new string('b', 64), UkiBytes = 1, UkiSha256 = new string('c', 64) };
        Require(_manifest with { Delta = start });
        Refused(_manifest with { Delta = start with { FromRootHash = new string('a', 64) } }, "NODE0807")
            .ShouldContain($"a delta from root hash {new string('a', 64)}, and this machine runs {_runs}");
    }

    [Theory]
    [InlineData("0.2.0")]
    [InlineData("0.1.1+k8s1.20.2")]
    [InlineData("rolling")]
    public void An_upgrade_that_skips_an_image_is_refused(string from) =>
        Refused(_manifest with { From = from }, "NODE0813").ShouldContain(from);

    [Fact]
    public void What_was_given_up_is_not_taken_again_unless_somebody_says_so()
    {
        Should.Throw<BootFailure>(() => UpgradeRule.Require(_manifest, _running, _runs, _gaveItUp, again: false))
            .Message.ShouldBe("NODE0808  the upgrade: image 0.2.0 was tried 3 times and given up: ssh.service has failed (1970-01-01 00:00:00 UTC); mend what was wrong and add --again, or bake another image");
        UpgradeRule.Require(_manifest, _running, _runs, _gaveItUp, again: true);
        UpgradeRule.Require(_manifest with { RootHash = new string('c', 64) }, _running, _runs, _gaveItUp, again: false);
    }

    [Theory]
    [InlineData("-", "-", null, true, false, false, null)]
    [InlineData("node.upgrade --no-reboot", "node.upgrade", null, false, false, false, null)]
    [InlineData("--again http://10.0.0.1/u --sha256 ab", "http://10.0.0.1/u", "ab", true, true, false, null)]
    [InlineData("--stage --again -", "-", null, true, true, true, null)]
    [InlineData("--arm ab --no-reboot", "", null, false, false, false, "ab")]
    public void The_command_line_is_read(string line, string place, string? sha256, bool reboot, bool again, bool stage, string? arm) =>
        UpgradeArguments.Parse(line.Split(' ')).ShouldBe(new UpgradeArguments(place, sha256, reboot, again, stage, arm));

    [Theory]
    [InlineData("")]
    [InlineData("--again")]
    [InlineData("a b")]
    [InlineData("a --sha256")]
    [InlineData("a --force")]
    [InlineData("--stage")]
    [InlineData("--arm")]
    [InlineData("--arm ab -")]
    [InlineData("--arm ab --stage")]
    [InlineData("--look -")]
    public void Another_command_line_gets_the_usage(string line) =>
        UpgradeArguments.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ShouldBeNull();

    [Theory]
    [InlineData("0 321136 verity 1 254:3 254:3 4096 4096 40142 40142 sha256 2FE79 00 1 panic_on_corruption", null)]
    [InlineData("0 8 linear 254:3 0", null)]
    [InlineData("", null)]
    [InlineData("0 321136 verity 1 254:3 254:3 4096 4096 40142 40142 sha256 2fe790bd2fe790bd2fe790bd2fe790bd2fe790bd2fe790bd2fe790bd2fe790bd 5a 1 panic_on_corruption", "2fe790bd2fe790bd2fe790bd2fe790bd2fe790bd2fe790bd2fe790bd2fe790bd")]
    public void The_running_root_is_known_by_the_kernels_table(string table, string? hash) => RunningRoot.HashIn(table).ShouldBe(hash);

    private static void Require(UpgradeManifest manifest) => UpgradeRule.Require(manifest, _running, _runs, new UpgradeMemory(), again: false);

    private static string Refused(UpgradeManifest manifest, string code)
    {
        BootFailure failure = Should.Throw<BootFailure>(() => Require(manifest));
        failure.Code.ShouldBe(code);
        return failure.Message;
    }
}
