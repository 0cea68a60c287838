using Images.Bootstrapper.Machine;

namespace Images.Bootstrapper.Tests.Machine;

public sealed class MetadataAddressTests
{
    [Theory]
    [InlineData("GCE", "169.254.169.254")]
    [InlineData("EC2", "169.254.169.254 169.254.170.2")]
    [InlineData("Azure", "169.254.169.254 168.63.129.16:80,32526")]
    [InlineData("Alibaba", "169.254.169.254 100.100.100.200")]
    [InlineData("Oracle", "169.254.169.254 192.0.0.192")]
    [InlineData("Scaleway", "169.254.169.254 169.254.42.42")]
    [InlineData(null, "169.254.169.254 168.63.129.16:80,32526 100.100.100.200 192.0.0.192 169.254.170.2 169.254.42.42")]
    public void A_platform_has_its_own_and_an_unknown_one_may_be_any(string? platform, string addresses) =>
        string.Join(' ', MetadataAddress.Of(platform is null ? null : new Platform(platform, "told"))
            .Select(address => address.TcpPorts.Count == 0 ? address.Address : $"{address.Address}:{string.Join(',', address.TcpPorts)}"))
            .ShouldBe(addresses);

    [Fact]
    public void Each_platform_that_the_list_names_is_one_of_the_table() =>
        PlatformTable.Names.Where(name => MetadataAddress.Of(new Platform(name, "told")).Count > 1)
            .ShouldBe(["EC2", "Azure", "Oracle", "Scaleway", "Alibaba"], ignoreOrder: true);
}
