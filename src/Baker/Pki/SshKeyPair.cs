using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Images.NodeConfig;

namespace Images.Baker.Pki;

/// <summary>A key for <c>ssh</c>: ECDSA on P-256, which both .NET and every OpenSSH have.</summary>
internal sealed record SshKeyPair
{
    private const string Algorithm = "ecdsa-sha2-nistp256";
    private const string Curve = "nistp256";
    private const int CoordinateSize = 32;

    /// <summary>PEM of RFC 5915, which OpenSSH reads as it is.</summary>
    public required Secret Private { get; init; }

    /// <summary>A line of authorized_keys, without an end of line.</summary>
    public required string Public { get; init; }

    /// <param name="comment">What the line says of its origin.</param>
    public static SshKeyPair Create(string comment)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        ECPoint point = key.ExportParameters(includePrivateParameters: false).Q;
        return new SshKeyPair
        {
            Private = new Secret(key.ExportECPrivateKeyPem() + "\n"),
            Public = $"{Algorithm} {Convert.ToBase64String(Blob(point))} {comment}",
        };
    }

    /// <summary>RFC 5656, 3.1: the algorithm, the curve and the point, uncompressed (SEC 1, 2.3.3).</summary>
    private static byte[] Blob(ECPoint point)
    {
        byte[] uncompressed = new byte[1 + (2 * CoordinateSize)];
        uncompressed[0] = 0x04;
        point.X.CopyTo(uncompressed.AsSpan(1 + CoordinateSize - point.X!.Length));
        point.Y.CopyTo(uncompressed.AsSpan(uncompressed.Length - point.Y!.Length));
        return
        [
            .. Field(Encoding.ASCII.GetBytes(Algorithm)),
            .. Field(Encoding.ASCII.GetBytes(Curve)),
            .. Field(uncompressed),
        ];
    }

    /// <summary>RFC 4251, 5: a string is its length and its bytes.</summary>
    private static byte[] Field(ReadOnlySpan<byte> content)
    {
        byte[] field = new byte[sizeof(uint) + content.Length];
        BinaryPrimitives.WriteUInt32BigEndian(field, (uint)content.Length);
        content.CopyTo(field.AsSpan(sizeof(uint)));
        return field;
    }
}
