using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Images.Formats.Xz;

/// <summary>The integrity check of one block after another.</summary>
internal sealed class XzCheckState(XzCheck kind) : IDisposable
{
    public const int MaximumSize = 32;

    private readonly IncrementalHash? _sha256 =
        kind == XzCheck.Sha256 ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
    private uint _crc32;
    private ulong _crc64;

    public int Size => kind switch
    {
        XzCheck.Crc32 => 4,
        XzCheck.Crc64 => 8,
        XzCheck.Sha256 => 32,
        _ => 0,
    };

    public void Append(ReadOnlySpan<byte> data)
    {
        switch (kind)
        {
            case XzCheck.Crc32:
                _crc32 = Crc32.Append(_crc32, data);
                break;
            case XzCheck.Crc64:
                _crc64 = Crc64.Append(_crc64, data);
                break;
            case XzCheck.Sha256:
                _sha256!.AppendData(data);
                break;
            default:
                break;
        }
    }

    /// <summary>Writes the check as a block stores it and begins anew.</summary>
    public void Finish(Span<byte> stored)
    {
        switch (kind)
        {
            case XzCheck.Crc32:
                BinaryPrimitives.WriteUInt32LittleEndian(stored, _crc32);
                break;
            case XzCheck.Crc64:
                BinaryPrimitives.WriteUInt64LittleEndian(stored, _crc64);
                break;
            case XzCheck.Sha256:
                _sha256!.GetHashAndReset(stored);
                break;
            default:
                break;
        }

        _crc32 = 0;
        _crc64 = 0;
    }

    public void Dispose() => _sha256?.Dispose();
}
