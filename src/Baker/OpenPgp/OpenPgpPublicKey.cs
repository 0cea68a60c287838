using System.Buffers.Binary;
using System.Security.Cryptography;
using Images.Formats;

namespace Images.Baker.OpenPgp;

/// <summary>
/// A version 4 public key or subkey (RFC 9580, section 5.5.2). Keys other than RSA and Ed25519 are known by name only.
/// </summary>
internal sealed class OpenPgpPublicKey
{
    private readonly OpenPgpKeyMaterial? _material;

    private OpenPgpPublicKey(byte[] body, DateTimeOffset created, byte algorithm, OpenPgpKeyMaterial? material)
    {
        Body = body;
        Created = created;
        Algorithm = algorithm;
        _material = material;
        // the fingerprint of a version 4 key is defined with SHA-1 (RFC 9580, section 5.5.4.2); no signature is
#pragma warning disable CA5350
        Fingerprint = Convert.ToHexString(SHA1.HashData(Framed()));
#pragma warning restore CA5350
    }

    /// <summary>The packet's body.</summary>
    public byte[] Body { get; }

    public DateTimeOffset Created { get; }

    /// <summary>One of <see cref="OpenPgpAlgorithm"/>, or another.</summary>
    public byte Algorithm { get; }

    /// <summary>Whether signatures of it can be checked.</summary>
    public bool IsSupported => _material is not null;

    /// <summary>40 upper-case hexadecimal digits.</summary>
    public string Fingerprint { get; }

    /// <summary>The last 16 digits of the fingerprint.</summary>
    public string KeyId => Fingerprint[^16..];

    /// <exception cref="MalformedDataException">
    /// It is no version 4 key, or one that nobody should use.
    /// </exception>
    public static OpenPgpPublicKey Read(OpenPgpPacket packet, string name)
    {
        OpenPgpReader reader = new(packet.Body.Span, name, packet.Offset);
        byte version = reader.Byte();
        if (version != 4)
        {
            throw new MalformedDataException(
                name, packet.Offset, $"it holds a key of version {version}; version 4 is read");
        }

        DateTimeOffset created = DateTimeOffset.FromUnixTimeSeconds(reader.UInt32());
        byte algorithm = reader.Byte();
        OpenPgpKeyMaterial? material = OpenPgpKeyMaterial.Read(algorithm, ref reader, name, packet.Offset);
        return new OpenPgpPublicKey(packet.Body.ToArray(), created, algorithm, material);
    }

    /// <summary>As signatures and fingerprints hash it: 0x99, the length, the body.</summary>
    public byte[] Framed()
    {
        byte[] framed = new byte[3 + Body.Length];
        framed[0] = 0x99;
        BinaryPrimitives.WriteUInt16BigEndian(framed.AsSpan(1), checked((ushort)Body.Length));
        Body.CopyTo(framed, 3);
        return framed;
    }

    /// <summary>Whether the signature over these bytes is this key's. Says nothing about time or purpose.</summary>
    public bool Verifies(OpenPgpSignature signature, params ReadOnlySpan<byte[]> signedParts)
    {
        if (_material is null || !signature.IsSupported || signature.Algorithm != Algorithm)
        {
            return false;
        }

        byte[] hash = signature.HashOf(signedParts);
        return hash[0] == signature.HashStart[0]
            && hash[1] == signature.HashStart[1]
            && _material.Verifies(signature, hash);
    }
}
