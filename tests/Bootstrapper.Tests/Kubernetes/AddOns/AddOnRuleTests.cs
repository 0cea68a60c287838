using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Kubernetes.AddOns;

namespace Images.Bootstrapper.Tests.Kubernetes.AddOns;

public sealed class AddOnRuleTests
{
    private static readonly DateTimeOffset _now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly AddOnSet _mine = Set(day: 10, "mine");

    [Fact]
    public void Without_a_record_a_set_is_applied_unless_there_is_nothing_in_it()
    {
        AddOnRule.Judge(null, _mine, _now).ShouldBe(AddOnDecision.Apply);
        AddOnRule.Judge(null, AddOnSet.Read(new ImageDescription("node", "1", _now), []), _now).ShouldBe(AddOnDecision.Stands);
        AddOnRule.Judge(null, AddOnSet.Read(new ImageDescription("node", "1", _now), [KeyValuePair.Create("a.yaml", "a: [")]), _now).ShouldBe(AddOnDecision.Apply, "so that somebody says what is wrong");
    }

    [Theory]
    [InlineData(AddOnRecord.Applied, 0, nameof(AddOnDecision.Stands))]
    [InlineData(AddOnRecord.Applied, 59, nameof(AddOnDecision.Stands))]
    [InlineData(AddOnRecord.Applied, 60, nameof(AddOnDecision.Apply))]
    [InlineData(AddOnRecord.Applied, -1, nameof(AddOnDecision.Apply))]
    [InlineData(AddOnRecord.Applying, 0, nameof(AddOnDecision.Apply))]
    [InlineData(AddOnRecord.Incomplete, 0, nameof(AddOnDecision.Apply))]
    public void The_same_set_stands_for_an_hour_if_all_of_it_does(string state, int minutesAgo, string decision) =>
        AddOnRule.Judge(Record(_mine) with { State = state, Time = _now.AddMinutes(-minutesAgo) }, _mine, _now).ToString().ShouldBe(decision);

    [Fact]
    public void The_image_that_was_made_later_decides_whatever_the_state()
    {
        AddOnRecord newer = Record(Set(day: 11, "newer"));
        AddOnRule.Judge(newer, _mine, _now).ShouldBe(AddOnDecision.LeaveToNewer);
        AddOnRule.Judge(newer with { State = AddOnRecord.Incomplete, Time = _now.AddYears(-1) }, _mine, _now).ShouldBe(AddOnDecision.LeaveToNewer);
        AddOnRule.Judge(Record(Set(day: 9, "older")), _mine, _now).ShouldBe(AddOnDecision.Apply);
    }

    [Fact]
    public void Of_two_sets_of_one_day_the_one_that_came_later_stands_and_they_do_not_take_turns()
    {
        AddOnSet other = Set(day: 10, "other");
        AddOnRecord first = Record(_mine);
        AddOnRule.Judge(first, other, _now).ShouldBe(AddOnDecision.Apply);
        AddOnRecord second = AddOnRecord.Begin(other, first, "m2", _now);
        AddOnRule.Judge(second, _mine, _now).ShouldBe(AddOnDecision.LeaveToSuccessor);
        AddOnRecord third = AddOnRecord.Begin(Set(day: 10, "third"), second, "m3", _now);
        AddOnRule.Judge(third, other, _now).ShouldBe(AddOnDecision.LeaveToSuccessor);
        AddOnRule.Judge(third, _mine, _now).ShouldBe(AddOnDecision.LeaveToSuccessor);
    }

    [Fact]
    public void Another_version_or_day_of_the_image_or_another_file_makes_another_set()
    {
        string[] digests =
        [
            _mine.Digest, Set(day: 11, "mine").Digest, Set(day: 10, "other").Digest, Set(day: 10, "mine", version: "2").Digest, Set(day: 10, "mine", file: "b.yaml").Digest,
        ];
        digests.ShouldBeUnique();
        Set(day: 10, "mine").Digest.ShouldBe(_mine.Digest);
    }

    [Fact]
    public void Names_survive_the_record()
    {
        AddOnName[] names = [new("v1", "Namespace", "", "shop"), new("rbac.authorization.k8s.io/v1", "ClusterRole", "", "images:x"), new("apps/v1", "Deployment", "shop", "a.b")];
        names.Select(name => AddOnName.TryParse(name.ToString())).ShouldBe(names);
        names.Select(name => name.ToString()).ShouldBe(["v1 Namespace shop", "rbac.authorization.k8s.io/v1 ClusterRole images:x", "apps/v1 Deployment shop/a.b"]);
        AddOnName.TryParse("v1 Namespace").ShouldBeNull();
        AddOnName.TryParse("v1  x").ShouldBeNull();
    }

    private static AddOnSet Set(int day, string name, string version = "1", string file = "a.yaml") => AddOnSet.Read(
        new ImageDescription("node", version, new DateTimeOffset(2026, 2, day, 0, 0, 0, TimeSpan.Zero)),
        [KeyValuePair.Create(file, $"{{ apiVersion: v1, kind: ConfigMap, metadata: {{ name: {name} }} }}")]);

    private static AddOnRecord Record(AddOnSet set) => AddOnRecord.Begin(set, null, "m1", _now) with { State = AddOnRecord.Applied };
}
