using System.Security.Cryptography;

namespace Images.Bootstrapper.Etcd;

/// <summary>
/// A snapshot as etcd gives it: the database file, and behind it the SHA-256 of all of that. The pages of a database
/// are multiples of 512 bytes, so the digest is seen by the size.
/// </summary>
internal static class EtcdSnapshotFile
{
    private const int DigestBytes = SHA256.HashSizeInBytes;
    private const int PageUnit = 512;
    private const int PartBytes = 1 << 20;

    /// <summary>Null for a whole one, else what is wrong with it, in words.</summary>
    public static string? Fault(Stream file)
    {
        if (file.Length % PageUnit != DigestBytes || file.Length < PageUnit + DigestBytes)
        {
            return "it is no snapshot of etcd, or a part of one: no digest stands at its end";
        }

        file.Position = 0;
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] part = new byte[PartBytes];
        for (long left = file.Length - DigestBytes; left > 0;)
        {
            int count = (int)Math.Min(left, PartBytes);
            file.ReadExactly(part, 0, count);
            hash.AppendData(part, 0, count);
            left -= count;
        }

        file.ReadExactly(part, 0, DigestBytes);
        return part.AsSpan(0, DigestBytes).SequenceEqual(hash.GetHashAndReset())
            ? null
            : "it is damaged: its digest is another one";
    }
}
