using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Images.Baker.Pki;

/// <summary>Serial numbers from chance: positive and not zero, as RFC 5280 4.1.2.2 wants them.</summary>
internal static class CertificateSerial
{
    private const int Size = 16;

    public static byte[] Next()
    {
        byte[] serial = RandomNumberGenerator.GetBytes(Size);
        BinaryPrimitives.WriteUInt16BigEndian(
            serial, (ushort)((BinaryPrimitives.ReadUInt16BigEndian(serial) & 0x7FFF) | 0x4000));
        return serial;
    }
}
