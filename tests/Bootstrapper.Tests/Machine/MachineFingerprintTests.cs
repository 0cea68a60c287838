using Images.Bootstrapper.Machine;

namespace Images.Bootstrapper.Tests.Machine;

public sealed class MachineFingerprintTests
{
    private const string A = "6d3f0a1c-1122-4000-8000-00000000000a";
    private const string B = "0b1e2f3d-3344-4000-8000-00000000000b";

    [Theory]
    [InlineData($"product_uuid={A}", $"product_uuid={A}", null)]
    [InlineData($"product_uuid={A}", $"product_uuid={B}", "product_uuid was 6d3f0a1c… and is 0b1e2f3d…")]
    [InlineData($"product_uuid={A}", "product_uuid=6D3F0A1C-1122-4000-8000-00000000000A", null)]
    [InlineData($"product_uuid={A}", "product_uuid=1c0a3f6d-2211-0040-8000-00000000000a", null)] // the other order of bytes
    [InlineData($"product_uuid={A}|board_serial=S1", $"product_uuid={A}|board_serial=S2", null)] // a new board
    [InlineData("board_serial=S1", "board_serial=S2", "board_serial was S1 and is S2")]
    [InlineData("board_serial=S1", "board_serial=S1|product_uuid=" + A, null)]
    [InlineData("board_serial=S1|chassis_serial=C1", "board_serial=S1|chassis_serial=C2", null)]
    [InlineData("chassis_serial=C1", "chassis_serial=C2", "chassis_serial was C1 and is C2")]
    [InlineData($"product_uuid={A}", "", null)]
    [InlineData("", $"product_uuid={A}", null)]
    [InlineData("board_serial=To Be Filled By O.E.M.", "board_serial=Default string", null)]
    [InlineData("board_serial=00000000", "board_serial=S2", null)]
    [InlineData("product_uuid=00000000-0000-0000-0000-000000000000", $"product_uuid={A}", null)]
    [InlineData("product_uuid=03000200-0400-0500-0006-000700080009", $"product_uuid={A}", null)]
    [InlineData("product_uuid=Not Settable", $"product_uuid={A}", null)]
    [InlineData("sys_vendor=Amazon EC2|board_asset_tag=i-0a", "sys_vendor=Amazon EC2|board_asset_tag=i-0b", "the instance was EC2 i-0a and is EC2 i-0b")]
    [InlineData($"sys_vendor=Amazon EC2|board_asset_tag=i-0a|product_uuid={A}", $"sys_vendor=Amazon EC2|board_asset_tag=i-0a|product_uuid={B}", null)]
    [InlineData("sys_vendor=Hetzner|product_serial=11", "sys_vendor=Hetzner|product_serial=12", null)] // 11: one digit again and again is none
    [InlineData("sys_vendor=Hetzner|product_serial=123", "sys_vendor=Hetzner|product_serial=124", "the instance was Hetzner 123 and is Hetzner 124")]
    [InlineData($"sys_vendor=Hetzner|product_serial=123|product_uuid={A}", $"sys_vendor=Vultr|product_serial=124|product_uuid={A}", null)]
    public void Another_machine_is_told_by_the_first_part_that_both_have(string before, string now, string? difference) =>
        Of(now).DifferenceFrom(Of(before)).ShouldBe(difference);

    private static MachineFingerprint Of(string facts)
    {
        Dmi dmi = Dmi.Of(facts.Split('|', StringSplitOptions.RemoveEmptyEntries)
            .Select(fact => fact.Split('=', 2))
            .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal));
        return MachineFingerprint.Of(dmi, PlatformTable.Find(new PlatformFacts { Dmi = dmi }));
    }
}
