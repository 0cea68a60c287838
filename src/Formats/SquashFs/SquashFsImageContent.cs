using System.Security.Cryptography;

namespace Images.Formats.SquashFs;

/// <summary>A file of an image; nothing is read until asked for.</summary>
internal sealed class SquashFsImageContent : StoredContent
{
    private readonly Lazy<Digest> _digest;

    public SquashFsImageContent(SquashFsBlockSource source, StoredFile stored)
        : base(source, stored)
    {
        _digest = new Lazy<Digest>(() =>
        {
            using Stream stream = OpenRead();
            return Digest.FromSha256(SHA256.HashData(stream));
        });
    }

    public override Digest Digest => _digest.Value;
}
