using Images.NodeConfig.Kubernetes;

namespace Images.NodeConfig.Tests.Kubernetes;

public sealed class AddressPoolTests
{
    [Theory]
    [InlineData("10.240.0.7", "10.240.0.7", "10.240.0.7")]
    [InlineData("10.240.0.64/28", "10.240.0.64", "10.240.0.79")]
    [InlineData("10.240.0.64-10.240.0.66", "10.240.0.64", "10.240.0.66")]
    [InlineData("10.240.0.9-10.240.0.9", "10.240.0.9", "10.240.0.9")]
    [InlineData("10.240.0.9/32", "10.240.0.9", "10.240.0.9")]
    [InlineData("0.0.0.0/1", "0.0.0.0", "127.255.255.255")]
    public void A_range_is_read_in_each_of_its_forms(string text, string first, string last)
    {
        AddressRange range = AddressRange.TryParse(text)!.Value;

        (AddressRange.TextOf(range.First), AddressRange.TextOf(range.Last)).ShouldBe((first, last));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("/")]
    [InlineData("10.240.0.65/28")]
    [InlineData("10.240.0.64/0")]
    [InlineData("10.240.0.64/33")]
    [InlineData("10.240.0.64/028")]
    [InlineData("10.240.0.64/+28")]
    [InlineData("10.240.0.64/28/1")]
    [InlineData("10.240.0.66-10.240.0.64")]
    [InlineData("10.240.0.64-79")]
    [InlineData("10.240.0.64 - 10.240.0.79")]
    [InlineData("10.240.0.064")]
    [InlineData("10.240.64")]
    [InlineData("fd00::/64")]
    public void What_is_no_range_is_none(string text) => AddressRange.TryParse(text).ShouldBeNull();

    [Fact]
    public void Addresses_come_lowest_first_without_those_that_a_network_keeps_for_itself()
    {
        AddressPool pool = Pool("10.240.1.254-10.240.2.1", "10.240.0.255-10.240.1.1");

        pool.Addresses.ShouldBe(["10.240.1.1", "10.240.1.254", "10.240.2.1"]);
        pool.Contains("10.240.2.1").ShouldBeTrue();
        pool.Contains("10.240.2.0").ShouldBeFalse();
        pool.Contains("10.240.1.255").ShouldBeFalse();
        pool.Contains("10.240.02.1").ShouldBeFalse("another form of the same");
        pool.Contains("somewhere").ShouldBeFalse();
        AddressPool.None.Contains("10.240.2.1").ShouldBeFalse();
    }

    private static AddressPool Pool(params string[] ranges) => new() { Ranges = [.. ranges.Select(range => AddressRange.TryParse(range)!.Value)] };
}
