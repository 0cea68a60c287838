using System.Text.Json.Nodes;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Kubernetes.Draining;

namespace Images.Bootstrapper.Tests.Kubernetes.Draining;

public sealed class DrainRuleTests
{
    private static readonly DateTimeOffset _now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    [Theory]
    [InlineData("ReplicaSet", true, "Running", false, true)]
    [InlineData("StatefulSet", true, "Pending", false, true)]
    [InlineData("DaemonSet", true, "Running", false, false)] // it would come back at once
    [InlineData("Node", true, "Running", true, false)] // a static pod
    [InlineData("ReplicaSet", false, "Running", false, false)] // nobody replaces it
    [InlineData(null, false, "Running", false, false)] // it would be gone for ever
    [InlineData("Job", true, "Succeeded", false, false)]
    [InlineData("Job", true, "Failed", false, false)]
    public void Pods_end_that_others_replace_elsewhere(string? owner, bool controls, string phase, bool isMirror, bool ends)
    {
        JsonObject pod = new()
        {
            ["metadata"] = new JsonObject
            {
                ["annotations"] = isMirror ? new JsonObject { ["kubernetes.io/config.mirror"] = "x" } : null,
                ["ownerReferences"] = owner is null ? [] : new JsonArray(new JsonObject { ["kind"] = owner, ["controller"] = controls }),
            },
            ["status"] = new JsonObject { ["phase"] = phase },
        };

        DrainRule.Ends(new KubernetesObject(pod)).ShouldBe(ends);
    }

    [Theory]
    [InlineData("", 1, "default/web-1 (kept by a disruption budget, 1 of its containers runs)")]
    [InlineData("2026-03-04T05:06:07Z", 2, "default/web-1 (asked to end, 2 of its containers run)")]
    [InlineData("2026-03-04T05:06:07Z", 0, "default/web-1 (asked to end, none of its containers runs)")]
    public void A_pod_that_has_not_ended_is_told_with_what_it_still_is(string deleted, int running, string words)
    {
        static JsonObject Container(bool isRunning) => new()
        {
            ["state"] = isRunning
                ? new JsonObject { ["running"] = new JsonObject { ["startedAt"] = "2026-03-04T05:00:00Z" } }
                : new JsonObject { ["terminated"] = new JsonObject { ["exitCode"] = 0 } },
        };
        JsonObject pod = new()
        {
            ["metadata"] = new JsonObject { ["namespace"] = "default", ["name"] = "web-1", ["deletionTimestamp"] = deleted },
            ["status"] = new JsonObject { ["containerStatuses"] = new JsonArray([.. Enumerable.Range(0, 3).Select(index => Container(index < running))]) },
        };

        DrainRule.Describe(new KubernetesObject(pod)).ShouldBe(words);
    }

    [Theory]
    [InlineData("n1", true, false, false)] // itself
    [InlineData("n2", true, false, true)]
    [InlineData("n2", false, false, false)]
    [InlineData("n2", true, true, false)]
    public void Pods_end_early_only_where_another_Node_could_take_them(string name, bool isReady, bool isClosed, bool hasOther)
    {
        JsonObject node = new()
        {
            ["metadata"] = new JsonObject { ["name"] = name },
            ["spec"] = new JsonObject { ["unschedulable"] = isClosed },
            ["status"] = new JsonObject
            {
                ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Ready", ["status"] = isReady ? "True" : "Unknown" }),
            },
        };

        DrainRule.HasOther([new KubernetesObject(node)], "n1").ShouldBe(hasOther);
    }

    [Fact]
    public void A_machine_opens_only_the_Node_that_it_has_closed_itself()
    {
        JsonObject open = new() { ["metadata"] = new JsonObject(), ["spec"] = new JsonObject() };
        JsonObject closedByAnother = new() { ["metadata"] = new JsonObject(), ["spec"] = new JsonObject { ["unschedulable"] = true } };
        JsonObject closed = DrainRule.Close(new KubernetesObject(open), _now).ShouldNotBeNull();

        closed.ToJsonString().ShouldBe("""{"metadata":{"annotations":{"images/stopping":"2026-03-04T05:06:07Z"}},"spec":{"unschedulable":true}}""");
        DrainRule.Open(new KubernetesObject(closed)).ShouldNotBeNull().ToJsonString()
            .ShouldBe("""{"metadata":{"annotations":{"images/stopping":null}},"spec":{"unschedulable":null}}""");
        DrainRule.Close(new KubernetesObject(closedByAnother), _now).ShouldBeNull();
        DrainRule.Open(new KubernetesObject(closedByAnother)).ShouldBeNull();
        DrainRule.Open(new KubernetesObject(open)).ShouldBeNull();
    }
}
