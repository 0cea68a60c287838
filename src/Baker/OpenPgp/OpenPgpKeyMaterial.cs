// One closed family, read together: the kinds of keys that can verify.
#pragma warning disable MA0048
using System.Security.Cryptography;
using Images.Formats;
using CurveSignature = Org.BouncyCastle.Math.EC.Rfc8032.Ed25519;

namespace Images.Baker.OpenPgp;

/// <summary>What a key verifies with (RFC 9580, section 5.5.5).</summary>
internal abstract record OpenPgpKeyMaterial
{
    /// <summary>Reads on behind a key's algorithm.</summary>
    /// <returns>Null where keys of the kind are known by name only.</returns>
    /// <exception cref="MalformedDataException">It is cut short, or nobody should use it.</exception>
    public static OpenPgpKeyMaterial? Read(byte algorithm, ref OpenPgpReader reader, string name, int offset) =>
        algorithm switch
        {
            OpenPgpAlgorithm.Rsa => OpenPgpRsaKey.Read(ref reader, name, offset),
            OpenPgpAlgorithm.EdDsaLegacy => OpenPgpEd25519Key.Read(ref reader, name, offset),
            _ => null,
        };

    /// <param name="signature">Of this algorithm.</param>
    /// <param name="hash">Of what it signs.</param>
    public abstract bool Verifies(OpenPgpSignature signature, byte[] hash);
}

/// <summary>RSA of a size between what is too weak and what is only slow.</summary>
internal sealed record OpenPgpRsaKey(RSAParameters Parameters) : OpenPgpKeyMaterial
{
    private const int MinimumModulusBits = 2048;
    private const int MaximumModulusBits = 8192;

    public static OpenPgpRsaKey Read(ref OpenPgpReader reader, string name, int offset)
    {
        RSAParameters rsa = new() { Modulus = reader.Mpi().ToArray(), Exponent = reader.Mpi().ToArray() };
        int bits = rsa.Modulus!.Length * 8;
        return reader.AtEnd
            && bits is >= MinimumModulusBits and <= MaximumModulusBits
            && rsa.Exponent!.Length is > 0 and <= 8
            ? new OpenPgpRsaKey(rsa)
            : throw new MalformedDataException(
                name, offset, $"it holds an RSA key of about {bits} bits that cannot be used");
    }

    public override bool Verifies(OpenPgpSignature signature, byte[] hash)
    {
        if (signature.Value.Length > Parameters.Modulus!.Length)
        {
            return false;
        }

        byte[] value = new byte[Parameters.Modulus.Length];
        signature.Value.CopyTo(value, value.Length - signature.Value.Length);
        using RSA rsa = RSA.Create(Parameters);
        return rsa.VerifyHash(hash, value, signature.HashName, RSASignaturePadding.Pkcs1);
    }
}

/// <summary>
/// Ed25519 (RFC 8032), which .NET does not have: BouncyCastle's. The hash takes the place of the message there.
/// </summary>
internal sealed record OpenPgpEd25519Key(byte[] Point) : OpenPgpKeyMaterial
{
    private const int PointSize = 32;

    /// <summary>Before a point that is written as a number (RFC 9580, section 11.2.1).</summary>
    private const byte NativePoint = 0x40;

    /// <summary>1.3.6.1.4.1.11591.15.1 without the type and length of its encoding (RFC 9580, section 9.2).</summary>
    private static ReadOnlySpan<byte> CurveName => [0x2B, 0x06, 0x01, 0x04, 0x01, 0xDA, 0x47, 0x0F, 0x01];

    /// <returns>Null for another curve.</returns>
    public static OpenPgpEd25519Key? Read(ref OpenPgpReader reader, string name, int offset)
    {
        if (!reader.Bytes(reader.Byte()).SequenceEqual(CurveName))
        {
            return null;
        }

        // a point outside the group, or of a small one, makes signatures that fit more than one text
        return reader.Mpi() is [NativePoint, .. { Length: PointSize } point]
            && reader.AtEnd
            && CurveSignature.ValidatePublicKeyFull(point.ToArray(), 0)
            ? new OpenPgpEd25519Key(point.ToArray())
            : throw new MalformedDataException(name, offset, "it holds an Ed25519 key that cannot be used");
    }

    public override bool Verifies(OpenPgpSignature signature, byte[] hash) =>
        signature.Value.Length == CurveSignature.SignatureSize
        && CurveSignature.Verify(signature.Value, 0, Point, 0, hash, 0, hash.Length);
}
