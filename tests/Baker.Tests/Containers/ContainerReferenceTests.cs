using Images.Baker.Plan;

namespace Images.Baker.Tests.Containers;

public sealed class ContainerReferenceTests
{
    private const string Hex = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("registry.k8s.io/coredns/coredns:v1.12.1", "registry.k8s.io", "coredns/coredns", "v1.12.1", false)]
    [InlineData("127.0.0.1:5000/a:1", "127.0.0.1:5000", "a", "1", false)]
    [InlineData("[::1]:5000/a:1", "[::1]:5000", "a", "1", false)]
    [InlineData("localhost/a_b/c--d.e:Latest_1", "localhost", "a_b/c--d.e", "Latest_1", false)]
    [InlineData("images.local/pause@sha256:" + Hex, "images.local", "pause", null, true)]
    [InlineData("images.local/pause:1@sha256:" + Hex, "images.local", "pause", "1", true)]
    public void A_whole_name_is_read_and_written_again(string text, string host, string repository, string? tag, bool hasDigest)
    {
        ContainerReference reference = ContainerReference.TryParse(text).ShouldNotBeNull();

        reference.Host.ShouldBe(host);
        reference.Repository.ShouldBe(repository);
        reference.Tag.ShouldBe(tag);
        (reference.Digest is not null).ShouldBe(hasDigest);
        reference.ToString().ShouldBe(text);
    }

    [Theory]
    [InlineData("pause:1")]
    [InlineData("library/pause:1")]
    [InlineData("images.local/pause")]
    [InlineData("images.local/Pause:1")]
    [InlineData("images.local/a//b:1")]
    [InlineData("images.local/../b:1")]
    [InlineData("images.local/a:1\n")]
    [InlineData("https://images.local/a:1")]
    [InlineData("images.local/a:-1")]
    [InlineData("images.local/a@sha256:00")]
    [InlineData("images.local/a@sha512:" + Hex + Hex)]
    [InlineData("user@images.local/a:1")]
    [InlineData("")]
    public void A_name_that_leaves_something_to_guess_is_none(string text) => ContainerReference.TryParse(text).ShouldBeNull();
}
