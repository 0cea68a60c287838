using Images.NodeConfig.Metadata;

namespace Images.NodeConfig.Tests.Metadata;

public sealed class InstanceMetadataTests
{
    [Theory]
    [InlineData("instance-id: i-1\nlocal-hostname: A\nother: {x: 1}\n", "i-1", "a")]
    [InlineData("{\"instance-id\": \"i-2\"}", "i-2", null)]
    [InlineData("instance-id: 123\nlocal-hostname: web1.example.com.\n", "123", "web1.example.com")]
    public void Instance_and_name_are_read(string text, string id, string? name)
    {
        InstanceMetadata instance = Parse(text);
        (instance.InstanceId, instance.LocalHostname).ShouldBe((id, name));
        instance.Warnings.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n \n")]
    [InlineData("# nothing yet\n")]
    [InlineData("---\n")]
    [InlineData("{}")]
    [InlineData("instance-id:\n")]
    [InlineData("local-hostname: a\n")]
    public void Meta_data_that_name_no_instance_are_those_of_nocloud(string text) =>
        Parse(text).InstanceId.ShouldBe("nocloud");

    [Fact]
    public void A_misspelt_key_of_the_instance_is_warned_of()
    {
        InstanceMetadata instance = Parse("instance_id: vm-7\n");
        instance.InstanceId.ShouldBe("nocloud");
        instance.Warnings.ShouldBe(["meta-data has 'instance_id', which nobody reads; the key is 'instance-id'"]);
    }

    [Theory]
    [InlineData("my_vm", "'my_vm'")]
    [InlineData("VM 1", "'VM 1'")]
    [InlineData("localhost", "'localhost'")]
    [InlineData("localhost.localdomain", "'localhost.localdomain'")]
    [InlineData("10.0.0.5", "'10.0.0.5'")]
    [InlineData("[a]", "'a list'")]
    [InlineData("\"a\\e[31mb\"", "'a<U+001B>[31mb'")]
    public void A_name_of_a_virtual_machine_that_no_machine_can_have_is_not_used_and_said(string value, string shown)
    {
        InstanceMetadata instance = Parse($"instance-id: i-1\nlocal-hostname: {value}\n");
        instance.LocalHostname.ShouldBeNull();
        instance.Warnings.ShouldBe([$"meta-data's local-hostname, {shown}, is no DNS name and is not used"]);
    }

    [Fact]
    public void What_is_no_mapping_is_refused() =>
        Should.Throw<ConfigurationException>(() => Parse("- a\n")).Message.ShouldContain("A mapping");

    private static InstanceMetadata Parse(string text) => InstanceMetadata.Parse(text, "meta-data");
}
