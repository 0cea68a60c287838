using Images.Bootstrapper.Boot;

namespace Images.Bootstrapper.Tests.Boot;

public sealed class EarlyFilesTests
{
    [Theory]
    [InlineData("/etc/systemd/network/10-site.network", "networkctl reload")]
    [InlineData("/etc/sysctl.d/90-site.conf", "systemctl restart systemd-sysctl.service")]
    [InlineData("/etc/sysctl.conf", "systemctl restart systemd-sysctl.service")]
    [InlineData("/etc/modules-load.d/site.conf", "systemctl restart systemd-modules-load.service")]
    [InlineData("/etc/systemd/system/hello.service", "systemctl daemon-reload")]
    [InlineData("/etc/systemd/system/sshd.service.d/more.conf", "systemctl daemon-reload")]
    [InlineData("/etc/udev/rules.d/90-site.rules", "udevadm control --reload")]
    [InlineData("/etc/systemd/resolved.conf.d/site.conf", "systemctl restart systemd-resolved.service")]
    [InlineData("/etc/systemd/timesyncd.conf", "systemctl restart systemd-timesyncd.service")]
    [InlineData("/etc/motd", null)]
    [InlineData("/var/lib/site/etc/sysctl.d/x", null)]
    public void What_was_read_before_is_read_again(string path, string? command) =>
        EarlyFiles.CommandsFor([path]).Select(words => string.Join(' ', words)).ShouldBe(command is null ? [] : [command]);

    [Fact]
    public void Each_command_runs_once_and_modules_come_before_their_settings() =>
        EarlyFiles.CommandsFor(["/etc/sysctl.d/b", "/etc/modules-load.d/a", "/etc/sysctl.d/a"]).Select(words => words[^1])
            .ShouldBe(["systemd-modules-load.service", "systemd-sysctl.service"]);
}
