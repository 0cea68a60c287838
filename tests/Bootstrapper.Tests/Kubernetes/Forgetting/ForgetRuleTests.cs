using System.Text.Json.Nodes;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Kubernetes.Forgetting;

namespace Images.Bootstrapper.Tests.Kubernetes.Forgetting;

public sealed class ForgetRuleTests
{
    private static readonly DateTimeOffset _now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);
    private static readonly TimeSpan _day = TimeSpan.FromDays(1);

    [Theory]
    [InlineData(25, 25, true)]
    [InlineData(23, 25, false)]
    [InlineData(25, 23, false)]
    public void A_Node_goes_when_it_was_unnamed_and_silent_for_long_enough(int unnamedHours, int silentHours, bool goes)
    {
        KubernetesObject[] nodes = [Node(1, null), Node(2, null), Node(3, silentHours)];
        Dictionary<string, DateTimeOffset> unnamed = [];
        ForgetRule.NoteNames(unnamed, nodes, ["10.0.0.1", "10.0.0.2"], _now.AddHours(-unnamedHours));

        ForgetRule.Choose(nodes, unnamed, _now, _day).Gone?.Name.ShouldBe("n3");
        (ForgetRule.Choose(nodes, unnamed, _now, _day).Gone is not null).ShouldBe(goes);
    }

    [Fact]
    public void None_goes_where_more_than_a_third_would()
    {
        KubernetesObject[] nodes = [Node(1, null), Node(2, 30), Node(3, 30)];
        Dictionary<string, DateTimeOffset> unnamed = [];
        ForgetRule.NoteNames(unnamed, nodes, ["10.0.0.1"], _now.AddHours(-30));

        ForgetRule.Choose(nodes, unnamed, _now, _day).ShouldBe((null, 2));
    }

    [Theory]
    [InlineData("10.0.0.1 10.0.0.2 10.0.0.3")] // it was there for a moment
    [InlineData("")] // a failure says nothing
    [InlineData("10.9.9.9")] // DNS that names nobody who is Ready is not believed
    public void Any_answer_in_between_that_does_not_agree_begins_the_count_anew(string between)
    {
        KubernetesObject[] nodes = [Node(1, null), Node(2, null), Node(3, 60)];
        Dictionary<string, DateTimeOffset> unnamed = [];
        ForgetRule.NoteNames(unnamed, nodes, ["10.0.0.1"], _now.AddHours(-30));
        ForgetRule.NoteNames(unnamed, nodes, between.Length == 0 ? null : between.Split(' '), _now.AddHours(-20));
        ForgetRule.NoteNames(unnamed, nodes, ["10.0.0.1", "10.0.0.2"], _now.AddHours(-19));

        ForgetRule.Choose(nodes, unnamed, _now, _day).ShouldBe((null, 0));
    }

    [Fact]
    public void A_Node_that_is_Ready_stays_whatever_DNS_says()
    {
        KubernetesObject[] nodes = [Node(1, null), Node(2, null), Node(3, null)];
        Dictionary<string, DateTimeOffset> unnamed = [];
        ForgetRule.NoteNames(unnamed, nodes, ["10.0.0.1"], _now.AddHours(-300));

        ForgetRule.Choose(nodes, unnamed, _now, _day).ShouldBe((null, 0));
    }

    /// <param name="silentHours">Since when it is not Ready; null for one that is.</param>
    private static KubernetesObject Node(int number, int? silentHours) => new(new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = $"n{number}", ["uid"] = $"u{number}" },
        ["status"] = new JsonObject
        {
            ["addresses"] = new JsonArray(new JsonObject { ["type"] = "InternalIP", ["address"] = $"10.0.0.{number}" }),
            ["conditions"] = new JsonArray(new JsonObject
            {
                ["type"] = "Ready",
                ["status"] = silentHours is null ? "True" : "Unknown",
                ["lastTransitionTime"] = _now.AddHours(-(silentHours ?? 900)).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", null),
            }),
        },
    });
}
