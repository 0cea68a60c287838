using FsCheck;
using FsCheck.Fluent;
using Images.Baker.Debian.Packages;
using Images.TestSupport;

namespace Images.Baker.Tests.Packages;

public sealed class DebVersionTests
{
    [Theory]
    [InlineData("1.0", "1.0", 0)]
    [InlineData("1.0", "0:1.00-0", 0)]
    [InlineData("1.0~rc1", "1.0", -1)]
    [InlineData("1.0~~", "1.0~", -1)]
    [InlineData("1.0~", "1.0~a", -1)]
    [InlineData("1.0", "1.0a", -1)]
    [InlineData("1.0a", "1.0+", -1)]
    [InlineData("1.9", "1.10", -1)]
    [InlineData("1:0.1", "2.0", 1)]
    [InlineData("1.0-1", "1.0-1+deb12u1", -1)]
    [InlineData("1.0-1~bpo12+1", "1.0-1", -1)]
    [InlineData("1.20.5+really1.20.2-1", "1.20.5-1", 1)]
    [InlineData("0099999999999999999999", "99999999999999999998", 1)]
    [InlineData("1-2-3", "1-10-1", -1)]
    public void Versions_are_ordered_as_policy_says_and_dpkg_agrees(string left, string right, int order)
    {
        Math.Sign(DebVersion.Parse(left).CompareTo(DebVersion.Parse(right))).ShouldBe(order);
        Math.Sign(DebVersion.Parse(right).CompareTo(DebVersion.Parse(left))).ShouldBe(-order);
        DpkgOrder(left, right).ShouldBe(order);
        if (order == 0)
        {
            DebVersion.Parse(left).GetHashCode().ShouldBe(DebVersion.Parse(right).GetHashCode());
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("a:1")]
    [InlineData(":1")]
    [InlineData("1:")]
    [InlineData("1.0-")]
    [InlineData("v1.0")]
    [InlineData("1 0")]
    [InlineData("1_0")]
    [InlineData("1.0-1_2")]
    [InlineData("99999999999:1")]
    [InlineData("+1:1")]
    public void What_is_no_version_is_refused(string text) => Should.Throw<FormatException>(() => DebVersion.Parse(text));

    [Fact]
    public void Made_up_versions_are_ordered_as_dpkg_orders_them() =>
        Prop.ForAll(AnyVersion().Two().ToArbitrary(), pair =>
        {
            DebVersion left = DebVersion.Parse(pair.Item1), right = DebVersion.Parse(pair.Item2);
            Math.Sign(left.CompareTo(right)).ShouldBe(DpkgOrder(pair.Item1, pair.Item2), $"{left} and {right}");
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_order_is_total_and_equal_versions_hash_alike() =>
        Prop.ForAll(AnyVersion().Three().ToArbitrary(), texts =>
        {
            DebVersion a = DebVersion.Parse(texts.Item1), b = DebVersion.Parse(texts.Item2), c = DebVersion.Parse(texts.Item3);
            Math.Sign(a.CompareTo(b)).ShouldBe(-Math.Sign(b.CompareTo(a)));
            (a <= b && b <= c && a > c).ShouldBeFalse();
            (a == b && a.GetHashCode() != b.GetHashCode()).ShouldBeFalse();
        }).QuickCheckThrowOnFailure();

    private static int DpkgOrder(string left, string right) =>
        IsOrdered(left, "lt", right) ? -1 : IsOrdered(left, "gt", right) ? 1 : IsOrdered(left, "eq", right) ? 0 : throw new JudgeException($"dpkg orders '{left}' and '{right}' in no way");

    private static bool IsOrdered(string left, string relation, string right) =>
        Judge.Try("dpkg", "--compare-versions", left, relation, right).ExitCode == 0;

    // few distinct pieces, so that versions often share a beginning or are equal
    private static Gen<string> AnyVersion()
    {
        Gen<string> piece = Gen.Elements("0", "00", "1", "01", "10", "9", "~", "~~", "+", ".", "a", "Z", "b1");
        Gen<string> part = piece.ListOf().Select(pieces => string.Concat(pieces.Take(6)));
        return
            from epoch in Gen.Elements("", "", "0:", "1:")
            from upstream in part
            from revision in Gen.OneOf(Gen.Constant(""), part.Select(text => $"-0{text}"))
            select $"{epoch}0{upstream}{revision}";
    }
}
