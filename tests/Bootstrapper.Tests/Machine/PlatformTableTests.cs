using Images.Bootstrapper.Machine;
using Images.NodeConfig;

namespace Images.Bootstrapper.Tests.Machine;

public sealed class PlatformTableTests : IDisposable
{
    private readonly FakeMachine _machine = new();

    public void Dispose() => _machine.Dispose();

    /// <summary>Each row of the table at least once, and what is near a row and is none.</summary>
    [Theory]
    [InlineData("EC2", "sys_vendor=Amazon EC2")]
    [InlineData("EC2", "bios_vendor=Amazon EC2|sys_vendor=Xen")]
    [InlineData("EC2", "product_uuid=EC2E1916-9099-7CAF-FD21-012345ABCDEF|product_serial=ec2e1916-9099-7caf-fd21-012345abcdef")]
    [InlineData("EC2", "product_uuid=45e12aec-dcd1-b213-94ed-012345abcdef|product_serial=ec2ae145-d1dc-13b2-94ed-012345abcdef")]
    [InlineData(null, "product_uuid=ec2e1916-9099-7caf-fd21-012345abcdef")]
    [InlineData(null, "product_uuid=45e12aec-dcd1-b213-94ed-012345abcdef|product_serial=C-7")]
    [InlineData(null, "sys_vendor=Not Amazon EC2")]
    [InlineData("Brightbox", "product_serial=srv-1.gb1.brightbox.com")]
    [InlineData(null, "product_serial=xbrightbox.com")]
    [InlineData("ZStack", "chassis_asset_tag=123456.zstack.io")]
    [InlineData("e24cloud", "sys_vendor=e24cloud")]
    [InlineData("Tilaa", "sys_vendor=Tilaa")]
    [InlineData("Outscale", "sys_vendor=3DS Outscale|product_name=3DS Outscale VM")]
    [InlineData(null, "sys_vendor=3DS Outscale|product_name=another")]
    [InlineData("GCE", "product_name=Google Compute Engine")]
    [InlineData("GCE", "product_name=Google")]
    [InlineData("GCE", "product_serial=GoogleCloud-0123")]
    [InlineData("Azure", "sys_vendor=Microsoft Corporation|product_name=Virtual Machine|chassis_asset_tag=7783-7084-3265-9085-8269-3286-77")]
    [InlineData("Hyper-V", "sys_vendor=Microsoft Corporation|product_name=Virtual Machine")]
    [InlineData(null, "sys_vendor=Microsoft Corporation|product_name=Surface")]
    [InlineData("OpenStack", "product_name=OpenStack Nova")]
    [InlineData("OpenStack", "product_name=OpenStack Compute")]
    [InlineData("OpenStack", "chassis_asset_tag=OpenTelekomCloud")]
    [InlineData("OpenStack", "chassis_asset_tag=SAP CCloud VM")]
    [InlineData("OpenStack", "chassis_asset_tag=HUAWEICLOUD")]
    [InlineData("OpenStack", "chassis_asset_tag=Samsung Cloud Platform")]
    [InlineData("DigitalOcean", "sys_vendor=DigitalOcean")]
    [InlineData("Hetzner", "sys_vendor=Hetzner")]
    [InlineData("Oracle", "chassis_asset_tag=OracleCloud.com")]
    [InlineData("Vultr", "sys_vendor=Vultr")]
    [InlineData("Vultr", "", "ro vultr quiet")]
    [InlineData("Scaleway", "sys_vendor=Scaleway")]
    [InlineData("Scaleway", "", "scaleway")]
    [InlineData(null, "", "node.config=http://scaleway/vultr")]
    [InlineData("UpCloud", "sys_vendor=UpCloud")]
    [InlineData("Exoscale", "product_name=Exoscale Compute Platform")]
    [InlineData("CloudStack", "product_name=CloudStack KVM Hypervisor")]
    [InlineData("Akamai", "sys_vendor=Linode")]
    [InlineData("Akamai", "sys_vendor=Akamai")]
    [InlineData("Alibaba", "product_name=Alibaba Cloud ECS")]
    [InlineData("CloudCIX", "product_name=CloudCIX")]
    [InlineData("CloudSigma", "product_name=CloudSigma")]
    [InlineData("SmartOS", "product_name=SmartDC HVM")]
    [InlineData("NWCS", "sys_vendor=NWCS")]
    [InlineData("KubeVirt", "product_name=KubeVirt")]
    [InlineData("Nutanix", "sys_vendor=Nutanix")]
    [InlineData("VirtualBox", "sys_vendor=innotek GmbH|product_name=VirtualBox")]
    [InlineData("VMware", "sys_vendor=VMware, Inc.|product_name=VMware7,1")]
    [InlineData("VMware", "product_name=VMware Virtual Platform")]
    [InlineData("Equinix", "sys_vendor=Dell Inc.", "images.platform=equinix")]
    [InlineData("CloudStack", "product_name=VMware7,1", "ro images.platform=CloudStack")]
    [InlineData(null, "sys_vendor=Hetzner", "images.platform=none")]
    [InlineData(null, "sys_vendor=Hetzner", "images.platform=other")]
    [InlineData(null, "sys_vendor=QEMU|product_name=Standard PC (Q35 + ICH9, 2009)")]
    [InlineData(null, "")]
    public void A_platform_is_told_by_what_is_its_own(string? expected, string facts, string commandLine = "") =>
        (PlatformTable.Find(Facts(facts, commandLine))?.Name).ShouldBe(expected);

    [Fact]
    public void Each_row_has_a_name_of_its_own_and_is_reached_by_it() =>
        PlatformTable.Names.Select(name => PlatformTable.Find(Facts("", $"images.platform={name}"))!.Name)
            .ShouldBe(PlatformTable.Names.Distinct(StringComparer.OrdinalIgnoreCase));

    [Theory]
    [InlineData("ec2e1916-9099-7caf-fd21-012345abcdef\n", true)]
    [InlineData("45e12aec-dcd1-b213-94ed-012345abcdef\n", false)]
    public void Xen_tells_of_EC2_where_the_firmware_does_not(string uuid, bool expected)
    {
        _machine.Put("/sys/hypervisor/uuid", uuid);
        (Platform.Of(_machine.Root) is { IsEc2: true }).ShouldBe(expected);
    }

    [Fact]
    public void A_container_is_on_no_platform_whatever_its_host_is()
    {
        _machine.Put("/sys/class/dmi/id/sys_vendor", "Amazon EC2\n");
        Platform.Of(_machine.Root).ShouldBe(new Platform("EC2", "sys_vendor \"Amazon EC2\""));
        _machine.Put(NodePaths.InContainer, "images\n");
        Platform.Of(_machine.Root).ShouldBeNull();
        Dmi.Read(_machine.Root).SystemVendor.ShouldBe("");
    }

    [Fact]
    public async Task Why_says_what_the_machine_is_taken_for()
    {
        _machine.Put("/sys/class/dmi/id/sys_vendor", "Hetzner\n");
        _machine.InsertSeed(FakeMachine.EtcdUserData());
        await _machine.BootAsync();
        _machine.Get(NodePaths.Trace).ShouldContain("platform Hetzner (sys_vendor ");
        _machine.Put("/proc/cmdline", "images.platform=hetzer\n");
        Platform.Describe(_machine.Root).ShouldStartWith("images.platform=hetzer is no platform that this image knows; the names are EC2, Brightbox, ");
    }

    private static PlatformFacts Facts(string facts, string commandLine) => new()
    {
        Dmi = Dmi.Of(facts.Split('|', StringSplitOptions.RemoveEmptyEntries)
            .Select(fact => fact.Split('=', 2))
            .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal)),
        CommandLine = commandLine,
    };
}
