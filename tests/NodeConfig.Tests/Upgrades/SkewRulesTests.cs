using Images.NodeConfig.Upgrades;

namespace Images.NodeConfig.Tests.Upgrades;

public sealed class SkewRulesTests
{
    [Theory]
    [InlineData("1.20.2", "1.20.2", true, "the same, 1.20.2")]
    [InlineData("1.20.2", "1.20.15", true, "1.20.2 → 1.20.15: within 1.20 any order is allowed")]
    [InlineData("1.20.15", "1.20.2", true, "1.20.15 → 1.20.2: within 1.20 any order is allowed")]
    [InlineData("1.35.4", "1.36.0", true, "1.35.4 → 1.36.0: one minor up")]
    [InlineData("1.29.0", "1.31.0", false, "1.29.0 → 1.31.0: 2 minors, and API servers may go up by one at a time")]
    [InlineData("1.20.2", "1.36.0", false, "1.20.2 → 1.36.0: 16 minors, and API servers may go up by one at a time")]
    [InlineData("1.36.0", "1.35.4", false, "1.36.0 → 1.35.4: older, and what the newer API server stored the older may not read")]
    [InlineData("1.36.0", "2.36.0", false, "1.36.0 → 2.36.0: another major version")]
    [InlineData(null, null, true, "neither image holds Kubernetes")]
    [InlineData(null, "1.36.0", true, "Kubernetes 1.36.0 is new")]
    [InlineData("1.36.0", null, false, "the newer image holds no Kubernetes, and machines run 1.36.0")]
    public void Kubernetes_goes_up_by_one_minor_at_a_time(string? from, string? to, bool isAllowed, string reason)
    {
        SkewVerdict verdict = SkewRules.Kubernetes(from, to);
        (verdict.IsAllowed, verdict.Reason).ShouldBe((isAllowed, reason));
        (verdict.Remedy.Length > 0).ShouldBe(!isAllowed);
    }

    [Fact]
    public void Sixteen_minors_are_refused_with_the_way_that_there_is()
    {
        string remedy = SkewRules.Kubernetes("1.20.2", "1.36.0").Remedy;
        remedy.ShouldStartWith("Make a new cluster of the newer image beside this one and move the workloads");
        remedy.ShouldContain("one image for each of 1.21 to 1.36");
        SkewRules.Kubernetes("1.29.0", "1.31.0").Remedy.ShouldStartWith("Bake one image for each of 1.30 to 1.31");
    }

    [Theory]
    [InlineData("3.4.23", "3.5.16", true)]
    [InlineData("3.5.16", "3.5.16", true)]
    [InlineData("3.5.17", "3.5.16", true)]
    [InlineData("3.5.16", "3.6.0", true)]
    [InlineData("3.5.16", "3.4.23", false)]
    [InlineData("3.4.23", "3.6.0", false)]
    [InlineData("3.5.16", "4.0.0", false)]
    [InlineData("3.5.16", null, false)]
    [InlineData(null, "3.5.16", true)]
    public void Etcd_goes_up_by_one_minor_and_never_down(string? from, string? to, bool isAllowed)
    {
        SkewVerdict verdict = SkewRules.Etcd(from, to);
        verdict.IsAllowed.ShouldBe(isAllowed, verdict.Reason);
        (verdict.Remedy.Length > 0).ShouldBe(!isAllowed);
    }

    [Theory]
    [InlineData("1.36.0", "1.33.1", true)]
    [InlineData("1.36.0", "1.32.1", false)]
    [InlineData("1.27.0", "1.25.0", true)]
    [InlineData("1.27.0", "1.24.0", false)]
    [InlineData("1.28.0", "1.25.0", true)]
    [InlineData("1.35.0", "1.36.0", false)]
    public void A_kubelet_is_never_newer_than_its_API_server_nor_much_older(string apiServer, string kubelet, bool may) =>
        SkewRules.MayServe(apiServer, kubelet).ShouldBe(may);

    [Fact]
    public void APIs_that_a_newer_Kubernetes_lacks_are_named_once_in_order()
    {
        RemovedApis.Between(20, 36).Count.ShouldBe(24);
        RemovedApis.Between(36, 36).ShouldBeEmpty();
        RemovedApis.Between(24, 25).Select(api => $"{api.Since} {api.ApiVersion} {string.Join(',', api.Kinds)}")
            .ShouldContain("1.25 batch/v1beta1 CronJob");
        RemovedApis.Between(20, 36).Select(api => int.Parse(api.Since[2..], System.Globalization.CultureInfo.InvariantCulture)).ShouldBeInOrder();
    }
}
