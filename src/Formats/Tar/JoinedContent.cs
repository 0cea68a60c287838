using System.Security.Cryptography;
using Images.Formats.Tree;

namespace Images.Formats.Tar;

/// <summary>Contents one after the other, as one.</summary>
internal sealed class JoinedContent : FileContent
{
    private readonly IReadOnlyList<FileContent> _parts;
    private readonly Lazy<Digest> _digest;

    public JoinedContent(IReadOnlyList<FileContent> parts)
    {
        _parts = parts;
        Length = parts.Sum(part => part.Length);
        _digest = new Lazy<Digest>(() =>
        {
            using Stream stream = OpenRead();
            return Digest.FromSha256(SHA256.HashData(stream));
        });
    }

    public override long Length { get; }

    public override Digest Digest => _digest.Value;

    public override Stream OpenRead() => new JoinedStream(_parts);
}
