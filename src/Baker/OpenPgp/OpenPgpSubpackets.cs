using System.Buffers.Binary;
using Images.Formats;

namespace Images.Baker.OpenPgp;

/// <summary>
/// What a signature says about itself (RFC 9580, section 5.2.3.7). Everything is taken from the hashed part, but
/// for the issuer, which is a hint that the signature's own check proves or not, and the embedded signature,
/// which is checked by itself.
/// </summary>
internal sealed record OpenPgpSubpackets
{
    private const int SignatureCreationTime = 2;
    private const int SignatureExpirationTime = 3;
    private const int KeyExpirationTime = 9;
    private const int IssuerKeyId = 16;
    private const int KeyFlagsType = 27;
    private const int EmbeddedSignatureType = 32;
    private const int IssuerFingerprint = 33;

    // known, and without a say in what is decided here: exportable, revocable, preferences, revocation key,
    // key server, primary user id, policy, signer's user id, reason, features, intended recipient, preferred AEAD
    private static readonly int[] _indifferent = [4, 7, 11, 12, 21, 22, 23, 24, 25, 26, 28, 29, 30, 34, 35, 39];

    public static OpenPgpSubpackets Empty { get; } = new();

    public DateTimeOffset? Created { get; init; }

    /// <summary>After creation; null or zero for never.</summary>
    public TimeSpan? SignatureLifetime { get; init; }

    /// <summary>After the key's creation; null for never.</summary>
    public TimeSpan? KeyLifetime { get; init; }

    /// <summary>Null where the signature names none; 0x02 means: may sign data.</summary>
    public byte? KeyFlags { get; init; }

    /// <summary>40 or 16 hexadecimal digits, or null where no issuer is named.</summary>
    public string? Issuer { get; init; }

    /// <summary>Body of the signature in it.</summary>
    public ReadOnlyMemory<byte>? EmbeddedSignature { get; init; }

    /// <summary>Type of a subpacket that must be understood and is not.</summary>
    public int? UnknownCritical { get; init; }

    /// <exception cref="MalformedDataException">A length is broken.</exception>
    public static OpenPgpSubpackets Read(
        ReadOnlySpan<byte> hashed, ReadOnlySpan<byte> unhashed, string name, int offset)
    {
        OpenPgpSubpackets result = ReadArea(Empty, hashed, isHashed: true, name, offset);
        return ReadArea(result, unhashed, isHashed: false, name, offset);
    }

    public bool CanSign => KeyFlags is { } flags && (flags & 0x02) != 0;

    private static OpenPgpSubpackets ReadArea(
        OpenPgpSubpackets result, ReadOnlySpan<byte> area, bool isHashed, string name, int offset)
    {
        OpenPgpReader reader = new(area, name, offset);
        while (!reader.AtEnd)
        {
            int first = reader.Byte();
            int length = first < 192
                ? first
                : first < 255 ? ((first - 192) << 8) + reader.Byte() + 192
                : checked((int)Math.Min(reader.UInt32(), int.MaxValue));
            if (length == 0)
            {
                throw new MalformedDataException(name, offset, "a subpacket has no type");
            }

            ReadOnlySpan<byte> subpacket = reader.Bytes(length);
            result = result.With(subpacket[0], subpacket[1..], isHashed);
        }

        return result;
    }

    private OpenPgpSubpackets With(byte typeAndCritical, ReadOnlySpan<byte> body, bool isHashed)
    {
        int type = typeAndCritical & 0x7F;
        OpenPgpSubpackets? known = (type, body.Length) switch
        {
            (IssuerKeyId, 8) => Issuer is null ? this with { Issuer = Convert.ToHexString(body) } : this,
            (IssuerFingerprint, 21) when body[0] == 4 => this with { Issuer = Convert.ToHexString(body[1..]) },
            (EmbeddedSignatureType, > 0) => this with { EmbeddedSignature = body.ToArray() },
            (SignatureCreationTime, 4) when isHashed =>
                this with { Created = DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadUInt32BigEndian(body)) },
            (SignatureExpirationTime, 4) when isHashed => this with { SignatureLifetime = Lifetime(body) },
            (KeyExpirationTime, 4) when isHashed => this with { KeyLifetime = Lifetime(body) },
            (KeyFlagsType, > 0) when isHashed => this with { KeyFlags = body[0] },
            (SignatureCreationTime or SignatureExpirationTime or KeyExpirationTime or KeyFlagsType, _) when !isHashed =>
                this,
            _ => _indifferent.Contains(type) ? this : null,
        };
        bool isCritical = (typeAndCritical & 0x80) != 0;
        return known ?? (isCritical ? this with { UnknownCritical = type } : this);
    }

    private static TimeSpan? Lifetime(ReadOnlySpan<byte> seconds)
    {
        uint value = BinaryPrimitives.ReadUInt32BigEndian(seconds);
        return value == 0 ? null : TimeSpan.FromSeconds(value);
    }
}
