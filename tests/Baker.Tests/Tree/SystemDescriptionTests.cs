using Images.Baker.Composing.Fixups;
using Images.NodeConfig;

namespace Images.Baker.Tests.Tree;

public sealed class SystemDescriptionTests
{
    [Theory]
    [InlineData("/etc/x: '0644'\n  /etc/x/: '0600'")]
    [InlineData("/etc/x: '0644'\n  ./etc/x: '0600'")]
    public void A_path_with_two_modes_is_refused_with_its_place(string modes) =>
        Should.Throw<ConfigurationException>(() => SystemDescriptionReader.Read($"modes:\n  {modes}\n", "common.yaml")).Message.ShouldStartWith("common.yaml:3:3 ");

    [Fact]
    public void Two_paths_have_a_mode_each() =>
        SystemDescriptionReader.Read("modes:\n  /etc/x: '0644'\n  /etc/y: '0600'\n", "common.yaml").Modes.Count.ShouldBe(2);
}
