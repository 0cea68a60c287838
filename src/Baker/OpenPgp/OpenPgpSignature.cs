using System.Buffers.Binary;
using System.Security.Cryptography;
using Images.Formats;

namespace Images.Baker.OpenPgp;

/// <summary>
/// A signature packet (RFC 9580, section 5.2). One that this code cannot judge is read as far as needed to say why, in
/// <see cref="Unsupported"/>: another version or algorithm, SHA-1, a critical subpacket that is not known.
/// </summary>
internal sealed record OpenPgpSignature
{
    private const int CurveNumberSize = 32;

    /// <summary>Null where the signature can be judged.</summary>
    public required string? Unsupported { get; init; }

    public bool IsSupported => Unsupported is null;

    public required OpenPgpSignatureType Type { get; init; }

    public required byte Algorithm { get; init; }

    public required HashAlgorithmName HashName { get; init; }

    public required OpenPgpSubpackets Subpackets { get; init; }

    /// <summary>The first two bytes of the hash.</summary>
    public required byte[] HashStart { get; init; }

    /// <summary>The RSA number, or both numbers of Ed25519; empty for other algorithms.</summary>
    public required byte[] Value { get; init; }

    /// <summary>
    /// What is hashed behind the signed bytes: the packet up to its hashed subpackets, and the trailer.
    /// </summary>
    public required byte[] Trailer { get; init; }

    /// <exception cref="MalformedDataException">A length is broken.</exception>
    public static OpenPgpSignature Read(OpenPgpPacket packet, string name) =>
        Read(packet.Body.Span, packet.Offset, name);

    public static OpenPgpSignature Read(ReadOnlySpan<byte> body, int offset, string name)
    {
        OpenPgpReader reader = new(body, name, offset);
        byte version = reader.Byte();
        if (version != 4)
        {
            return NotRead($"it has version {version}");
        }

        OpenPgpSignatureType type = (OpenPgpSignatureType)reader.Byte();
        byte algorithm = reader.Byte();
        byte hash = reader.Byte();
        ReadOnlySpan<byte> hashed = reader.Bytes(reader.UInt16());
        byte[] trailer = TrailerOf(body[..reader.Position]);
        ReadOnlySpan<byte> unhashed = reader.Bytes(reader.UInt16());
        OpenPgpSubpackets subpackets = OpenPgpSubpackets.Read(hashed, unhashed, name, offset);
        HashAlgorithmName? hashName = hash switch
        {
            8 => HashAlgorithmName.SHA256,
            9 => HashAlgorithmName.SHA384,
            10 => HashAlgorithmName.SHA512,
            _ => null,
        };
        string? unsupported = !OpenPgpAlgorithm.IsSupported(algorithm)
            ? $"its algorithm {OpenPgpAlgorithm.NameOf(algorithm)} is not supported"
            : hashName is null ? $"its hash {HashNameOf(hash)} is not accepted"
            : subpackets.UnknownCritical is { } unknown ? $"its critical subpacket {unknown} is not known"
            : subpackets.Created is null ? "it does not say when it was made"
            : null;
        return new OpenPgpSignature
        {
            Unsupported = unsupported,
            Type = type,
            Algorithm = algorithm,
            HashName = hashName ?? default,
            Subpackets = subpackets,
            HashStart = reader.Bytes(2).ToArray(),
            Value = ReadValue(algorithm, ref reader),
            Trailer = trailer,
        };
    }

    public byte[] HashOf(params ReadOnlySpan<byte[]> signedParts)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashName);
        foreach (byte[] part in signedParts)
        {
            hash.AppendData(part);
        }

        hash.AppendData(Trailer);
        return hash.GetHashAndReset();
    }

    // RFC 9580, section 5.2.3
    private static byte[] ReadValue(byte algorithm, ref OpenPgpReader reader) => algorithm switch
    {
        OpenPgpAlgorithm.Rsa => reader.Mpi().ToArray(),
        OpenPgpAlgorithm.EdDsaLegacy => [.. CurveNumber(reader.Mpi()), .. CurveNumber(reader.Mpi())],
        _ => [],
    };

    // leading zeros are not written; a number that is too long stays so, and then fits no key
    private static byte[] CurveNumber(ReadOnlySpan<byte> number)
    {
        byte[] padded = new byte[Math.Max(CurveNumberSize, number.Length)];
        number.CopyTo(padded.AsSpan(padded.Length - number.Length));
        return padded;
    }

    // RFC 9580, section 5.2.4: the hashed part of the packet, then 04 FF and its length
    private static byte[] TrailerOf(ReadOnlySpan<byte> hashedPart)
    {
        byte[] trailer = new byte[hashedPart.Length + 6];
        hashedPart.CopyTo(trailer);
        trailer[^6] = 0x04;
        trailer[^5] = 0xFF;
        BinaryPrimitives.WriteInt32BigEndian(trailer.AsSpan(trailer.Length - 4), hashedPart.Length);
        return trailer;
    }

    private static OpenPgpSignature NotRead(string reason) => new()
    {
        Unsupported = reason,
        Type = default,
        Algorithm = 0,
        HashName = default,
        Subpackets = OpenPgpSubpackets.Empty,
        HashStart = [],
        Value = [],
        Trailer = [],
    };

    private static string HashNameOf(byte hash) => hash switch
    {
        1 => "MD5",
        2 => "SHA-1",
        3 => "RIPEMD-160",
        11 => "SHA-224",
        _ => $"{hash}",
    };
}
