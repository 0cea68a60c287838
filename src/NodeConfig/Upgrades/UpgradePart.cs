using System.Security.Cryptography;
using Images.Formats;

namespace Images.NodeConfig.Upgrades;

/// <summary>
/// One part of an upgrade, forwards. The read that would give its last byte fails instead where the digest of all bytes
/// is another than the manifest's: who has them all has the right ones.
/// </summary>
internal sealed class UpgradePart(Stream content, long bytes, string sha256, string file) : ReadOnlyStream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _left = bytes;

    public override long Length { get; } = bytes;

    public bool IsRead => _left == 0;

    protected override int TakeBytes(Span<byte> buffer)
    {
        Span<byte> wanted = buffer[..(int)Math.Min(buffer.Length, _left)];
        if (wanted.IsEmpty)
        {
            return 0;
        }

        int read = content.ReadAtLeast(wanted, 1);
        _hash.AppendData(wanted[..read]);
        if (read == _left && Convert.ToHexStringLower(_hash.GetHashAndReset()) is string found && found != sha256)
        {
            wanted.Clear();
            throw new MalformedDataException(
                file, -1, $"its SHA-256 is {found}; the manifest promises {sha256}: it was changed on its way.");
        }

        _left -= read;
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash.Dispose();
        }

        base.Dispose(disposing);
    }
}
