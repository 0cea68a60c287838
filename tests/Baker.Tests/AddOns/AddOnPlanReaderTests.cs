using Images.Baker.Plan;
using Images.Baker.Tests.Plan;
using Images.NodeConfig;

namespace Images.Baker.Tests.AddOns;

public sealed class AddOnPlanReaderTests
{
    [Fact]
    public void Paths_begin_at_the_plan_and_an_entry_may_let_nodes_pull()
    {
        ImagePlan plan = Parse("""
            addons:
              - { path: more/, pull: allowed }
              - addons/a.yaml
            """);
        plan.AddOns.Select(addOn => (addOn.WrittenPath, addOn.Path, addOn.MayPull, addOn.Place)).ShouldBe(
            [("addons/a.yaml", "/repo/addons/a.yaml", false, "image.yaml:14:5"), ("more/", "/repo/more", true, "image.yaml:13:5")]);
        Parse("").AddOns.ShouldBeEmpty();
        Parse("addons: []").AddOns.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("addons: a.yaml", "image.yaml:12:9  'addons' must be a list")]
    [InlineData("addons: [[a.yaml]]", "image.yaml:12:10  'path' must be text, and this is a list.")]
    [InlineData("addons: [{ file: a.yaml }]", "image.yaml:12:10  The key 'path' is missing")]
    [InlineData("addons: [{ path: a.yaml, colour: red }]", "image.yaml:12:26  The key 'colour' is unknown.")]
    [InlineData("addons: [{ path: a.yaml, pull: always }]", "image.yaml:12:32  'always' is unknown for 'pull'.")]
    [InlineData("addons: [a.yaml, { path: ./a.yaml }]", "image.yaml:12:18  The add-on './a.yaml' stands twice")]
    public void What_is_no_list_of_add_ons_is_refused_with_its_place(string text, string message) =>
        Should.Throw<ConfigurationException>(() => Parse(text)).Message.ShouldStartWith(message);

    private static ImagePlan Parse(string text) => ImagePlanReader.Parse(SmallestPlan.Text + text, "image.yaml", "/repo");
}
