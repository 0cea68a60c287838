using System.Security.Cryptography;

namespace Images.Formats.Verity;

/// <summary>SHA-256 of salt and block, for many blocks on all cores.</summary>
internal sealed class BlockHasher(byte[] salt)
{
    public const int HashSize = 32;

    /// <summary>Blocks that one core takes at a time: 256 KiB, enough to hide what handing out work costs.</summary>
    private const int BlocksATurn = 64;

    /// <param name="blocks">A multiple of 4096 bytes.</param>
    /// <param name="hashes">32 bytes for each block.</param>
    public void Hash(ReadOnlyMemory<byte> blocks, Memory<byte> hashes)
    {
        int count = blocks.Length / VerityTree.BlockSize;
        int turns = (count + BlocksATurn - 1) / BlocksATurn;
        Parallel.For(0, turns, turn =>
        {
            int first = turn * BlocksATurn;
            HashTurn(blocks.Span, hashes.Span, first, Math.Min(first + BlocksATurn, count));
        });
    }

    /// <summary>The same on the calling thread alone.</summary>
    public void HashHere(ReadOnlySpan<byte> blocks, Span<byte> hashes) =>
        HashTurn(blocks, hashes, 0, blocks.Length / VerityTree.BlockSize);

    public byte[] HashOne(ReadOnlySpan<byte> block) => SHA256.HashData([.. salt, .. block]);

    private void HashTurn(ReadOnlySpan<byte> blocks, Span<byte> hashes, int first, int end)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int i = first; i < end; i++)
        {
            hash.AppendData(salt);
            hash.AppendData(blocks.Slice(i * VerityTree.BlockSize, VerityTree.BlockSize));
            hash.GetHashAndReset(hashes.Slice(i * HashSize, HashSize));
        }
    }
}
