using System.Security.Cryptography;
using Images.Formats.Tree;

namespace Images.Formats.Fat32;

/// <summary>The bytes of a file on a FAT32 volume.</summary>
internal sealed class Fat32Content(Stream volume, Fat32Geometry geometry, uint[] clusters, long length) : FileContent
{
    public override long Length => length;

    public override Digest Digest
    {
        get
        {
            using Stream content = OpenRead();
            return Digest.FromSha256(SHA256.HashData(content));
        }
    }

    public override Stream OpenRead() => new Fat32FileStream(volume, geometry, clusters, length);
}
