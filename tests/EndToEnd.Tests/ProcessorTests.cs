using Images.Lab.Machines;

namespace Images.EndToEnd.Tests;

/// <summary>A processor on which the programs of the image would die without a word.</summary>
public sealed class ProcessorTests
{
    private readonly string _folder = BakedImage.RunFolder(nameof(ProcessorTests));

    [Fact]
    public void A_processor_without_cx16_is_named_on_the_console_with_the_remedy_before_any_disk_is_touched()
    {
        using VirtualMachine machine = new(new VirtualMachineOptions
        {
            Name = "without-cx16",
            Folder = _folder,
            DiskMebibytes = 3072,
            ProcessorModel = "max,cx16=off",
        });
        machine.Start();
        machine.WaitFor("init: STOPPED: this processor has no cx16 .*give the virtual machine the model host or x86-64-v2", 120);
        Thread.Sleep(5000);
        machine.Console.Text.ShouldNotContain("root is vd");
        machine.Console.Text.ShouldNotContain("handing over to systemd");
    }
}
