using Images.Formats.Tree;

namespace Images.Formats.Tests.Tree;

public sealed class TreePathTests
{
    [Theory]
    [InlineData("./usr/bin/", "usr/bin")]
    [InlineData("/usr/bin", "usr/bin")]
    [InlineData("usr", "usr")]
    [InlineData("./", "")]
    [InlineData("/", "")]
    [InlineData(".", "")]
    public void The_spellings_of_tar_and_of_people_mean_the_same_path(string text, string expected) =>
        TreePath.Parse(text).Value.ShouldBe(expected);

    [Theory]
    [InlineData("../etc/passwd")]
    [InlineData("usr/../../etc")]
    [InlineData("usr//bin")]
    [InlineData("usr/./bin")]
    public void A_path_that_would_escape_is_refused(string text) => Should.Throw<FormatException>(() => TreePath.Parse(text));

    [Fact]
    public void There_is_one_root()
    {
        TreePath.Parse("/").ShouldBe(TreePath.Root);
        TreePath.Parse("usr").Parent.ShouldBe(TreePath.Root);
    }

    [Fact]
    public void A_folder_sorts_directly_before_its_content()
    {
        TreePath[] paths = [TreePath.Parse("a-b"), TreePath.Parse("a/z"), TreePath.Parse("a"), TreePath.Parse("b")];
        paths.Order().Select(path => path.Value).ShouldBe(["a", "a/z", "a-b", "b"]);
    }
}
