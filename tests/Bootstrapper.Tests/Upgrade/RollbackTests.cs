using Images.Bootstrapper.Upgrade;
using Images.NodeConfig;
using Images.NodeConfig.Upgrades;

namespace Images.Bootstrapper.Tests.Upgrade;

public sealed class RollbackTests : IDisposable
{
    private readonly SampleMachine _machine = new();
    private readonly StringWriter _output = new();

    public void Dispose()
    {
        _machine.Dispose();
        _output.Dispose();
    }

    [Fact]
    public void The_image_that_was_kept_in_the_other_slot_becomes_the_newest_without_counting()
    {
        _machine.HoldsAnOlderImage(new SampleImage(1, dataBlocks: 2));

        Rollback.Run(new NodeRoot(_machine["root"]), _machine.Slots, _output);

        _machine.Chosen().ShouldBe('b');
        _machine.EntryNames.ShouldBe(["node-2.conf", "node-3.conf", "node-4.conf"]);
        _output.ToString().ShouldBe("the next boot starts node 0.0.9 from slot b (node-4.conf)\n");
        File.Exists(_machine["root" + NodePaths.UpgradeMemory]).ShouldBeTrue();
    }

    [Theory]
    [InlineData("node-4+3.conf")]
    [InlineData("node-4+0-3.conf")]
    public void An_image_that_was_never_kept_is_none_to_go_back_to(string entry)
    {
        _machine.Put("esp/EFI/images/b.efi", [1]);
        _machine.Put($"esp/loader/entries/{entry}", BootEntryText.Of("node", 4, 'b'));

        Refused();
    }

    [Fact]
    public void An_empty_slot_or_one_without_a_kernel_image_is_none_either()
    {
        Refused();
        _machine.Put("esp/loader/entries/node-2.conf", BootEntryText.Of("node", 2, 'b'));
        Refused();
    }

    private void Refused()
    {
        string[] before = _machine.EntryNames;
        Should.Throw<BootFailure>(() => Rollback.Run(new NodeRoot(_machine["root"]), _machine.Slots, _output)).Code.ShouldBe("NODE0812");
        _machine.EntryNames.ShouldBe(before);
    }
}
