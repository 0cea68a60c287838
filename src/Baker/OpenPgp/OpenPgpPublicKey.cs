using System.Buffers.Binary;
using System.Security.Cryptography;
using Images.Formats;

namespace Images.Baker.OpenPgp;

/// <summary>
/// A version 4 public key or subkey (RFC 9580, section 5.5.2). Keys other than RSA are known by name only.
/// </summary>
internal sealed class OpenPgpPublicKey
{
    private const int MinimumModulusBits = 2048;
    private const int MaximumModulusBits = 8192;
    private readonly RSAParameters? _rsa;

    private OpenPgpPublicKey(byte[] body, DateTimeOffset created, byte algorithm, RSAParameters? rsa)
    {
        Body = body;
        Created = created;
        Algorithm = algorithm;
        _rsa = rsa;
        // the fingerprint of a version 4 key is defined with SHA-1 (RFC 9580, section 5.5.4.2); no signature is
#pragma warning disable CA5350
        Fingerprint = Convert.ToHexString(SHA1.HashData(Framed()));
#pragma warning restore CA5350
    }

    /// <summary>The packet's body.</summary>
    public byte[] Body { get; }

    public DateTimeOffset Created { get; }

    /// <summary>RFC 9580, section 9.1: 1 is RSA, 22 and 27 are Ed25519.</summary>
    public byte Algorithm { get; }

    /// <summary>40 upper-case hexadecimal digits.</summary>
    public string Fingerprint { get; }

    /// <summary>The last 16 digits of the fingerprint.</summary>
    public string KeyId => Fingerprint[^16..];

    /// <exception cref="MalformedDataException">
    /// It is no version 4 key, or an RSA key of a size nobody should use.
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
        RSAParameters? rsa = null;
        if (algorithm == OpenPgpSignature.Rsa)
        {
            rsa = new RSAParameters { Modulus = reader.Mpi().ToArray(), Exponent = reader.Mpi().ToArray() };
            int bits = rsa.Value.Modulus!.Length * 8;
            if (!reader.AtEnd
                || bits is < MinimumModulusBits or > MaximumModulusBits
                || rsa.Value.Exponent!.Length is 0 or > 8)
            {
                throw new MalformedDataException(
                    name, packet.Offset, $"it holds an RSA key of about {bits} bits that cannot be used");
            }
        }

        return new OpenPgpPublicKey(packet.Body.ToArray(), created, algorithm, rsa);
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
        if (_rsa is not { } parameters || !signature.IsSupported || signature.Algorithm != Algorithm)
        {
            return false;
        }

        byte[] hash = signature.HashOf(signedParts);
        if (hash[0] != signature.HashStart[0]
            || hash[1] != signature.HashStart[1]
            || signature.Value.Length > parameters.Modulus!.Length)
        {
            return false;
        }

        byte[] value = new byte[parameters.Modulus.Length];
        signature.Value.CopyTo(value, value.Length - signature.Value.Length);
        using RSA rsa = RSA.Create(parameters);
        return rsa.VerifyHash(hash, value, signature.HashName, RSASignaturePadding.Pkcs1);
    }
}
