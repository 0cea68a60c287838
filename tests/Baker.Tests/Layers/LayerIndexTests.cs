using System.Text;
using Images.Baker.Layers;
using Images.Formats;
using Images.Formats.SquashFs;
using Images.Formats.Tree;

namespace Images.Baker.Tests.Layers;

public sealed class LayerIndexTests
{
    [Theory]
    [InlineData("../x")]
    [InlineData("a//b")]
    [InlineData("a/..")]
    public void A_path_that_leaves_the_tree_is_refused_as_what_is_damaged(string path)
    {
        byte[] index = LayerIndexWriter.Encode(Index("abcd"));
        int at = index.AsSpan().IndexOf("abcd"u8);
        Encoding.ASCII.GetBytes(path).CopyTo(index, at);
        Should.Throw<MalformedDataException>(() => LayerIndexReader.Decode(index, "layer")).Message.ShouldContain("an entry that is none");
    }

    [Fact]
    public void Any_size_of_a_fragment_is_read_as_it_was_written()
    {
        LayerIndex index = Index("abcd") with { Fragments = [new SquashFsFragment(5, uint.MaxValue)] };
        LayerIndexReader.Decode(LayerIndexWriter.Encode(index), "layer").Fragments.ShouldBe(index.Fragments);
    }

    private static LayerIndex Index(string path) => new()
    {
        BlocksLength = 0,
        BlocksChecksum = default,
        Fragments = [],
        Entries = [new LayerIndexEntry { Path = TreePath.Parse(path), Attributes = new DirectoryNode { Mode = 0 } }],
    };
}
