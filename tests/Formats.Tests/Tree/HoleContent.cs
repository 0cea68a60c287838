using Images.Formats.Tree;
using Images.TestSupport;

namespace Images.Formats.Tests.Tree;

/// <summary>A file of any length that holds nothing but zeros.</summary>
internal sealed class HoleContent(long length) : FileContent
{
    public override long Length => length;

    public override Digest Digest { get; } = Digest.Sha256(BitConverter.GetBytes(length));

    public override Stream OpenRead() => new SparseMemoryStream(length);
}
