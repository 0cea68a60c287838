using Images.Bootstrapper.Identity;
using Images.NodeConfig;

namespace Images.Bootstrapper.Tests.Identity;

public sealed class Ec2InstanceTests : IDisposable
{
    private readonly FakeMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    [Theory]
    [InlineData("/sys/class/dmi/id/sys_vendor", "Amazon EC2\n", true)]
    [InlineData("/sys/class/dmi/id/sys_vendor", "QEMU\n", false)]
    [InlineData("/sys/class/dmi/id/sys_vendor", "Not Amazon EC2\n", false)]
    [InlineData("/sys/hypervisor/uuid", "ec2e1916-9099-7caf-fd21-012345abcdef\n", true)]
    [InlineData("/sys/hypervisor/uuid", "45e12aec-dcd1-b213-94ed-012345abcdef\n", false)]
    [InlineData("/sys/other", "", false)]
    public void An_instance_is_told_by_what_its_firmware_or_its_Xen_says(string path, string text, bool expected)
    {
        _machine.Put(path, text);
        Ec2Instance.IsThis(_machine.Root).ShouldBe(expected);
    }

    [Fact]
    public void A_container_on_an_instance_is_none()
    {
        _machine.Put("/sys/class/dmi/id/sys_vendor", "Amazon EC2\n");
        _machine.Put(NodePaths.InContainer, "images\n");
        Ec2Instance.IsThis(_machine.Root).ShouldBeFalse();
    }
}
