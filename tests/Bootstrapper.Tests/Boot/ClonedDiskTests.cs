using Images.Bootstrapper.Cli;
using Images.NodeConfig;

namespace Images.Bootstrapper.Tests.Boot;

/// <summary>A disk in another machine than its own.</summary>
public sealed class ClonedDiskTests : IDisposable
{
    private const string Uuid = "/sys/class/dmi/id/product_uuid";

    private readonly FakeMachine _machine = new();

    public ClonedDiskTests() => _machine.Put(Uuid, "6d3f0a1c-0001-4000-8000-000000000001\n");

    public void Dispose() => _machine.Dispose();

    [Fact]
    public async Task A_copy_of_a_disk_starts_nothing_says_why_and_lets_its_owner_in()
    {
        await BootAndStopAsync();
        _machine.Put(Uuid, "0b1e2f3d-0002-4000-8000-000000000002\n");
        BootFailure refusal = await Should.ThrowAsync<BootFailure>(() => _machine.BootAsync());
        refusal.Message.ShouldStartWith(
            "NODE0007  this disk: it belongs to another machine: product_uuid was 6d3f0a1c… and is 0b1e2f3d…; if it is a copy, run 'bootstrapper reset --yes' and reboot; "
            + "if it is the same machine in other hardware, run 'bootstrapper accept machine' and reboot, or boot with node.accept=");
        Directory.Exists(_machine.Root[NodePaths.Gates]).ShouldBeFalse();
        _machine.KernelName.ShouldBeNull();
        _machine.Get("/run/bootstrapper/ssh/admin").ShouldBe("ssh-ed25519 AAAA me\n");
    }

    [Fact]
    public async Task After_a_reset_the_copy_is_a_machine_of_its_own()
    {
        await BootAndStopAsync();
        _machine.Put(Uuid, "0b1e2f3d-0002-4000-8000-000000000002\n");
        _machine.Put("/state/machine-id", "0123456789abcdef0123456789abcdef\n");
        await ResetCommand.RunAsync(_machine.Root, TextWriter.Null, confirmed: true);
        _machine.Has("/state/machine-id").ShouldBeFalse("two machines of one machine-id have one default host name");
        (await _machine.BootAsync()).InstanceId.ShouldBe("i-1");
        _machine.Reboot();
        await _machine.BootAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_same_machine_in_other_hardware_goes_on_once_the_user_says_so(bool byWord)
    {
        await BootAndStopAsync();
        _machine.Put(Uuid, "0b1e2f3d-0002-4000-8000-000000000002\n");
        BootFailure refusal = await Should.ThrowAsync<BootFailure>(() => _machine.BootAsync());
        if (byWord)
        {
            _machine.Put("/proc/cmdline", $"quiet {refusal.Message.Split("boot with ")[1].Split(' ')[0]}\n");
        }
        else
        {
            AcceptCommand.Run(_machine.Root, TextWriter.Null, NodePaths.AcceptMachine);
        }

        (await _machine.BootAsync()).InstanceId.ShouldBe("i-1");
        _machine.ConsoleText.ShouldContain("another machine than before, and accepted: product_uuid was 6d3f0a1c… and is 0b1e2f3d…");
        _machine.Reboot();
        _machine.Put("/proc/cmdline", "quiet\n");
        await _machine.BootAsync();

        _machine.Reboot();
        _machine.Put(Uuid, "99999999-0003-4000-8000-000000000003\n");
        await Should.ThrowAsync<BootFailure>(() => _machine.BootAsync());
    }

    [Fact]
    public async Task A_machine_that_remembers_no_machine_takes_the_present_one_once()
    {
        await BootAndStopAsync();
        File.Delete(_machine.Root[NodePaths.Memory]);
        _machine.Put(Uuid, "0b1e2f3d-0002-4000-8000-000000000002\n");
        await _machine.BootAsync();
        _machine.Reboot();
        _machine.Put(Uuid, "6d3f0a1c-0001-4000-8000-000000000001\n");
        await Should.ThrowAsync<BootFailure>(() => _machine.BootAsync());
    }

    [Fact]
    public async Task A_firmware_that_says_nothing_decides_nothing_and_is_not_learnt()
    {
        await BootAndStopAsync();
        File.Delete(_machine.Root[Uuid]);
        await _machine.BootAsync();
        _machine.Reboot();
        _machine.Put(Uuid, "0b1e2f3d-0002-4000-8000-000000000002\n");
        await Should.ThrowAsync<BootFailure>(() => _machine.BootAsync());
    }

    [Fact]
    public async Task No_serial_number_or_uuid_is_written_where_others_read()
    {
        _machine.Put("/sys/class/dmi/id/board_serial", "SECRET-SERIAL\n");
        await BootAndStopAsync();
        _machine.Put(Uuid, "0b1e2f3d-0002-4000-8000-000000000002\n");
        await Should.ThrowAsync<BootFailure>(() => _machine.BootAsync());
        string said = _machine.Get(NodePaths.Identity) + _machine.ConsoleText + _machine.Get(NodePaths.Trace) + _machine.Get(NodePaths.Status);
        said.ShouldNotContain("000000000002");
        said.ShouldNotContain("SECRET-SERIAL");
        File.GetUnixFileMode(_machine.Root[NodePaths.Memory]).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private async Task BootAndStopAsync()
    {
        _machine.InsertSeed(FakeMachine.EtcdUserData());
        await _machine.BootAsync();
        _machine.Reboot();
    }
}
