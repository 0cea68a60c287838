using System.Security.Cryptography;
using Images.Formats;
using Images.Formats.Tree;

namespace Images.Baker.Containers.Archives;

/// <summary>A part of a file on the machine that bakes.</summary>
internal sealed class HostFileSection : FileContent
{
    private readonly string _path;
    private readonly long _offset;
    private readonly Lazy<Digest> _digest;

    public HostFileSection(string path, long offset, long length)
    {
        _path = path;
        _offset = offset;
        Length = length;
        _digest = new Lazy<Digest>(() =>
        {
            using Stream stream = OpenRead();
            return Digest.FromSha256(SHA256.HashData(stream));
        });
    }

    public override long Length { get; }

    public override Digest Digest => _digest.Value;

    public override Stream OpenRead() => new HostFileSectionStream(_path, _offset, Length);
}
