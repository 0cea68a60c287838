using Images.Formats.Tree;

namespace Images.Formats.Tests.SquashFs;

/// <summary>A file whose digest the test knows, so that gigabytes are hashed once and not twice.</summary>
internal sealed class KnownDigestContent(string path, long length, Digest digest) : FileContent
{
    public override long Length => length;

    public override Digest Digest => digest;

    public override Stream OpenRead() => File.OpenRead(path);
}
