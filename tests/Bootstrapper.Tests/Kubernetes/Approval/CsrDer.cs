using System.Security.Cryptography;
using System.Text;

namespace Images.Bootstrapper.Tests.Kubernetes.Approval;

/// <summary>PKCS#10 requests (RFC 2986) of any bytes, rightly signed: what their holder may put into one.</summary>
internal static class CsrDer
{
    private const byte Sequence = 0x30, Set = 0x31, Integer = 2, BitString = 3, OctetString = 4, ObjectId = 6, Utf8 = 12, Printable = 19;
    private static readonly byte[] _organization = [0x55, 4, 10], _commonName = [0x55, 4, 3];

    /// <summary>Of a node as kubelets ask for it.</summary>
    public static byte[] Subject(string node) => Tlv(Sequence, Organization("system:nodes"), Name(Utf8, $"system:node:{node}"));

    public static byte[] Organization(string text) => Part(Pair(_organization, Tlv(Printable, Encoding.ASCII.GetBytes(text))));

    /// <summary>A common name as a string of this tag.</summary>
    public static byte[] Name(byte tag, string text) => Part(Pair(_commonName, Tlv(tag, Encoding.ASCII.GetBytes(text))));

    /// <summary>The four that Go takes and .NET does not.</summary>
    public static TheoryData<string, byte[]> OddSubjects() => new()
    {
        { "an empty part", Tlv(Sequence, Organization("system:nodes"), Tlv(Set), Name(Utf8, "system:node:w1")) },
        { "a third element", Tlv(Sequence, Organization("system:nodes"), Part(Tlv(Sequence, Tlv(ObjectId, _commonName), Tlv(Utf8, "system:node:w1"u8.ToArray()), Tlv(Integer, [1])))) },
        { "an asterisk", Tlv(Sequence, Organization("system:nodes"), Name(Printable, "system:node:*")) },
        { "an ampersand", Tlv(Sequence, Organization("system:nodes"), Name(Printable, "system:node:a&b")) },
    };

    /// <summary>GeneralNames of one DNS name.</summary>
    public static byte[] AlternativeNames(string dnsName) => Tlv(Sequence, Tlv(0x82, Encoding.ASCII.GetBytes(dnsName)));

    /// <summary>As a CertificateSigningRequest holds it.</summary>
    public static string Pem(ECDsa key, byte[] subject, byte[]? alternativeNames = null)
    {
        byte[] attributes = alternativeNames is null ? [] : Tlv(
            Sequence, Tlv(ObjectId, [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 14]), // extensionRequest
            Tlv(Set, Tlv(Sequence, Tlv(Sequence, Tlv(ObjectId, [0x55, 0x1D, 17]), Tlv(OctetString, alternativeNames)))));
        byte[] info = Tlv(Sequence, Tlv(Integer, [0]), subject, key.ExportSubjectPublicKeyInfo(), Tlv(0xA0, attributes));
        byte[] signature = key.SignData(info, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        byte[] algorithm = Tlv(Sequence, Tlv(ObjectId, [0x2A, 0x86, 0x48, 0xCE, 0x3D, 4, 3, 2])); // ecdsa-with-SHA256
        return PemEncoding.WriteString("CERTIFICATE REQUEST", Tlv(Sequence, info, algorithm, Tlv(BitString, [0, .. signature])));
    }

    private static byte[] Part(byte[] pair) => Tlv(Set, pair);

    private static byte[] Pair(byte[] type, byte[] value) => Tlv(Sequence, Tlv(ObjectId, type), value);

    private static byte[] Tlv(byte tag, params byte[][] parts)
    {
        byte[] content = [.. parts.SelectMany(part => part)];
        byte[] length = content.Length < 128 ? [(byte)content.Length]
            : content.Length < 256 ? [0x81, (byte)content.Length]
            : [0x82, (byte)(content.Length >> 8), (byte)(content.Length & 0xFF)];
        return [tag, .. length, .. content];
    }
}
