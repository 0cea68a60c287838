using System.Security.Cryptography;
using System.Text;

namespace Images.Formats.SquashFs;

/// <summary>
/// Names the compressor by what it does: a runtime may bring another zlib-ng whose bytes differ, and neither cached
/// layers nor reproducibility survive that unnoticed. A known text goes through it, and the answer's digest is the
/// name.
/// </summary>
internal static class CompressorIdentity
{
    /// <summary>
    /// zlib-ng 2.2 as .NET 10 brings it. A runtime that answers otherwise makes other images; then this changes with a
    /// word in the changelog.
    /// </summary>
    public const string Known = "zlib-ng-9-a6ba9932298efd53";

    /// <summary>Larger than zlib's window of 32 KiB; every start of a bake compresses all of it.</summary>
    private const int TextSize = 48 << 10;
    private const int RecordsSize = 40 << 10;
    private const int NoiseSize = 20_011;

    private static readonly Lazy<string> _current = new(Compute);

    /// <summary>Such as <c>zlib-ng-9-0123456789abcdef</c>.</summary>
    public static string Current => _current.Value;

    private static string Compute()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] target = new byte[SquashFsConstants.BlockSize + ZlibBlock.Overhead];
        foreach (byte[] block in Corpus())
        {
            int length = ZlibBlock.Compress(block, target);
            hash.AppendData(target, 0, Math.Max(0, length));
        }

        return $"zlib-ng-9-{Convert.ToHexStringLower(hash.GetHashAndReset())[..16]}";
    }

    /// <summary>
    /// Text, code-like records, and near-random bytes: what makes match finders of different builds part ways.
    /// </summary>
    private static IEnumerable<byte[]> Corpus()
    {
        StringBuilder text = new();
        uint state = 2463534242;
        while (text.Length < TextSize)
        {
            state = Next(state);
            text.Append("entry ").Append(state % 977).Append(" of ").Append(state >> 20).Append(": ")
                .Append('a', (int)(state >> 8) % 40).Append((char)('b' + (state % 23))).Append('\n');
        }

        yield return Encoding.ASCII.GetBytes(text.ToString(0, TextSize));

        byte[] records = new byte[RecordsSize];
        byte[] noise = new byte[NoiseSize];
        for (int i = 0; i < records.Length; i++)
        {
            state = Next(state);
            records[i] = i % 8 < 3 ? (byte)(0x48 + (i % 8)) : (byte)((state >> 11) % 13);
            if (i < noise.Length)
            {
                noise[i] = (byte)((state >> 24) & 0x7F);
            }
        }

        yield return records;
        yield return noise;
        yield return records[..SquashFsConstants.MetadataBlockSize];
    }

    /// <summary>Marsaglia's xorshift with 32 bits.</summary>
    private static uint Next(uint state)
    {
        state ^= unchecked(state << 13);
        state ^= state >> 17;
        return state ^ unchecked(state << 5);
    }
}
