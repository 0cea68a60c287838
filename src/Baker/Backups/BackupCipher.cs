using System.Buffers.Binary;
using System.Security.Cryptography;
using Images.Formats;

namespace Images.Baker.Backups;

/// <summary>
/// An encrypted backup: a magic, a public key that was made for this file alone, and segments of 64 KiB, each sealed by
/// AES-256-GCM. The key comes of both public keys by ECDH and HKDF (RFC 5869) and is used for no other file, so a
/// counter is a nonce. The last segment is marked in its nonce: a file that was cut off does not open.
/// </summary>
internal static class BackupCipher
{
    private const int SegmentBytes = 64 << 10;
    private const int TagBytes = 16;
    private const int NonceBytes = 12;
    private const int KeyBytes = 32;
    private const int LongestKey = 512;

    private static ReadOnlySpan<byte> Magic => "IMAGES BACKUP 1\n"u8;

    private static ReadOnlySpan<byte> Purpose => "images backup 1"u8;

    /// <summary>Encrypts a stream to its end.</summary>
    public static async Task EncryptAsync(
        Stream plain, Stream target, ECDiffieHellman recipient, CancellationToken cancellationToken)
    {
        using ECDiffieHellman own = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        byte[] shown = own.ExportSubjectPublicKeyInfo();
        byte[] length = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)shown.Length);
        await target.WriteAsync(Magic.ToArray(), cancellationToken).ConfigureAwait(false);
        await target.WriteAsync(length, cancellationToken).ConfigureAwait(false);
        await target.WriteAsync(shown, cancellationToken).ConfigureAwait(false);
        using AesGcm cipher = new(Agree(own, recipient, shown, recipient.ExportSubjectPublicKeyInfo()), TagBytes);
        byte[] now = new byte[SegmentBytes], next = new byte[SegmentBytes];
        int count = await ReadAsync(plain, now, cancellationToken).ConfigureAwait(false);
        for (ulong number = 0; ; number++)
        {
            // one segment ahead: whether there is another says whether this is the last
            int following = count < SegmentBytes
                ? 0
                : await ReadAsync(plain, next, cancellationToken).ConfigureAwait(false);
            byte[] sealedSegment = new byte[count + TagBytes];
            cipher.Encrypt(
                Nonce(number, isLast: following == 0), now.AsSpan(0, count), sealedSegment.AsSpan(0, count),
                sealedSegment.AsSpan(count));
            await target.WriteAsync(sealedSegment, cancellationToken).ConfigureAwait(false);
            if (following == 0)
            {
                return;
            }

            ((now, next), count) = ((next, now), following);
        }
    }

    /// <summary>Decrypts a stream to its end. What it has written before a fault is as it was encrypted.</summary>
    /// <exception cref="MalformedDataException">It is no backup, not this cluster's, or not whole.</exception>
    public static async Task DecryptAsync(
        Stream file, string name, Stream target, ECDiffieHellman key, CancellationToken cancellationToken)
    {
        byte[] shown = await ReadHeaderAsync(file, name, cancellationToken).ConfigureAwait(false);
        using AesGcm cipher = new(AgreeWith(shown, name, key), TagBytes);
        byte[] now = new byte[SegmentBytes + TagBytes], next = new byte[SegmentBytes + TagBytes];
        int count = await ReadAsync(file, now, cancellationToken).ConfigureAwait(false);
        for (ulong number = 0; ; number++)
        {
            int following = count < now.Length
                ? 0
                : await ReadAsync(file, next, cancellationToken).ConfigureAwait(false);
            byte[] plain = Open(cipher, name, number, isLast: following == 0, now.AsSpan(0, count));
            await target.WriteAsync(plain, cancellationToken).ConfigureAwait(false);
            if (following == 0)
            {
                return;
            }

            ((now, next), count) = ((next, now), following);
        }
    }

    private static byte[] Open(AesGcm cipher, string name, ulong number, bool isLast, ReadOnlySpan<byte> segment)
    {
        if (segment.Length < TagBytes)
        {
            throw Malformed(name, number, "it ends too early");
        }

        byte[] plain = new byte[segment.Length - TagBytes];
        try
        {
            cipher.Decrypt(Nonce(number, isLast), segment[..^TagBytes], segment[^TagBytes..], plain);
            return plain;
        }
        catch (CryptographicException)
        {
            throw Malformed(name, number, "it is not whole, or was encrypted to another cluster's key");
        }
    }

    private static async Task<byte[]> ReadHeaderAsync(Stream file, string name, CancellationToken cancellationToken)
    {
        byte[] start = new byte[Magic.Length + sizeof(ushort)];
        int count = await ReadAsync(file, start, cancellationToken).ConfigureAwait(false);
        if (count < start.Length || !start.AsSpan(0, Magic.Length).SequenceEqual(Magic))
        {
            throw new MalformedDataException(name, 0, "it is no backup of 'baker backup'");
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(start.AsSpan(Magic.Length));
        byte[] shown = new byte[length <= LongestKey ? length : 0];
        return shown.Length > 0
            && await ReadAsync(file, shown, cancellationToken).ConfigureAwait(false) == shown.Length
                ? shown
                : throw new MalformedDataException(name, Magic.Length, "its key is none");
    }

    private static byte[] AgreeWith(byte[] shown, string name, ECDiffieHellman key)
    {
        using ECDiffieHellman other = ECDiffieHellman.Create();
        try
        {
            other.ImportSubjectPublicKeyInfo(shown, out _);
            return Agree(key, other, shown, key.ExportSubjectPublicKeyInfo());
        }
        catch (Exception e)
            when (e is CryptographicException or ArgumentException or PlatformNotSupportedException) // of no curve here
        {
            throw new MalformedDataException(name, Magic.Length, "its key is none");
        }
    }

    private static byte[] Agree(ECDiffieHellman own, ECDiffieHellman other, byte[] ephemeral, byte[] recipient)
    {
        using ECDiffieHellmanPublicKey shown = other.PublicKey;
        byte[] secret = own.DeriveRawSecretAgreement(shown);
        byte[] key = HKDF.DeriveKey(
            HashAlgorithmName.SHA256, secret, KeyBytes, SHA256.HashData([.. ephemeral, .. recipient]),
            Purpose.ToArray());
        CryptographicOperations.ZeroMemory(secret);
        return key;
    }

    private static byte[] Nonce(ulong number, bool isLast)
    {
        byte[] nonce = new byte[NonceBytes];
        BinaryPrimitives.WriteUInt64BigEndian(nonce, number);
        nonce[^1] = isLast ? (byte)1 : (byte)0;
        return nonce;
    }

    private static async Task<int> ReadAsync(Stream stream, byte[] buffer, CancellationToken cancellationToken) =>
        await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken)
            .ConfigureAwait(false);

    private static MalformedDataException Malformed(string name, ulong segment, string problem) =>
        new(name, (long)segment * (SegmentBytes + TagBytes), problem);
}
