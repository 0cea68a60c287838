namespace Images.Formats.Verity;

/// <summary>
/// The hash tree of dm-verity, format 1 without superblock: blocks of 4096 bytes, SHA-256 over salt and block, 128
/// hashes in a hash block, the rest of a hash block zero; levels from the top one (a single block) down, directly after
/// the data. A single data block has no tree: its hash is the root hash.
/// </summary>
internal static class VerityTree
{
    public const int BlockSize = 4096;

    private const int HashesPerBlock = BlockSize / BlockHasher.HashSize;

    /// <summary>Blocks read before they are hashed: 2 MiB, which stay in a processor's cache.</summary>
    private const int BatchBlocks = 512;

    /// <summary>
    /// The product's salt, SHA-256("images verity salt"). A salt keeps trees of other makers from being comparable to
    /// ours; it needs no chance, and a constant one spares a pass over the data.
    /// </summary>
    private static readonly byte[] _productSalt = Digest.Sha256("images verity salt"u8).ToBytes();

    /// <summary>The product's salt in lower-case hexadecimal.</summary>
    public static string ProductSalt => Convert.ToHexStringLower(_productSalt);

    /// <summary>How many blocks the tree over so many data blocks has.</summary>
    public static long HashBlocks(long dataBlocks) => LevelBlocks(dataBlocks).Sum();

    /// <summary>Hashes with the product's salt.</summary>
    public static BlockHasher ProductHasher() => new(_productSalt);

    /// <summary>Pads the data with zeros to whole blocks and writes the tree behind it.</summary>
    /// <param name="slot">
    /// Readable, writable, seekable; the data begins at its position 0. Left open, its position after the tree.
    /// </param>
    /// <param name="dataBytes">Length of the data, more than 0.</param>
    /// <param name="dataHashes">The hashes of its blocks, where they are known; else the data are read again.</param>
    public static VerityInfo Append(Stream slot, long dataBytes, byte[]? dataHashes = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dataBytes);
        PadToBlock(slot, dataBytes);
        long dataBlocks = (dataBytes + BlockSize - 1) / BlockSize;
        BlockHasher hasher = ProductHasher();
        byte[] hashes = dataHashes ?? HashData(slot, dataBlocks, hasher);
        List<byte[]> levels = BuildLevels(hashes, hasher);
        WriteLevels(slot, dataBlocks, levels);
        return new VerityInfo
        {
            RootHash = Convert.ToHexStringLower(levels.Count == 0 ? hashes : hasher.HashOne(levels[^1])),
            Salt = ProductSalt,
            DataBlocks = dataBlocks,
        };
    }

    /// <summary>Reads data and tree again and checks every hash up to the root hash.</summary>
    /// <param name="slot">Readable, seekable. Left open.</param>
    /// <param name="info">The root hash and what belongs to it.</param>
    /// <param name="file">For the error: the slot's name.</param>
    /// <exception cref="MalformedDataException">
    /// The first block that differs: from the top of the tree down, then in the data.
    /// </exception>
    public static void Verify(Stream slot, VerityInfo info, string file)
    {
        if (info.DataBlocks <= 0 || info.DataBlocks > slot.Length / BlockSize || info.TotalBytes > slot.Length)
        {
            throw new MalformedDataException(
                file, slot.Length, $"{info.DataBlocks} data blocks and their verity tree do not fit into the slot.");
        }

        BlockHasher hasher = new(Convert.FromHexString(info.Salt));
        byte[] expected = Convert.FromHexString(info.RootHash);
        long expectedOffset = -1; // the root hash stands elsewhere
        long offset = info.HashOffsetBytes;
        List<long> levels = LevelBlocks(info.DataBlocks);
        for (int level = levels.Count - 1; level >= 0; level--)
        {
            byte[] blocks = new byte[levels[level] * BlockSize];
            slot.Position = offset;
            slot.ReadExactly(blocks);
            byte[] actual = new byte[levels[level] * BlockHasher.HashSize];
            hasher.Hash(blocks, actual);
            RequireEqual(
                expected,
                actual,
                file,
                offset,
                $"of level {level} of the verity tree does not have the hash that stands above it");
            RequireNothingBehind(expected, actual.Length, file, expectedOffset);
            expected = blocks;
            expectedOffset = offset;
            offset += blocks.Length;
        }

        byte[] data = HashData(slot, info.DataBlocks, hasher);
        RequireEqual(expected, data, file, 0, "of the data does not have the hash that the verity tree holds");
        RequireNothingBehind(expected, data.Length, file, expectedOffset);
    }

    /// <summary>
    /// Whether the slot holds, where it should, the one block that the root hash is the hash of. The kernel would begin
    /// there.
    /// </summary>
    public static bool BeginsIn(Stream slot, VerityInfo info)
    {
        if (info.DataBlocks <= 0 || info.DataBlocks > slot.Length / BlockSize || info.TotalBytes > slot.Length)
        {
            return false;
        }

        byte[] top = new byte[BlockSize];
        slot.Position = info.DataBlocks == 1 ? 0 : info.HashOffsetBytes;
        slot.ReadExactly(top);
        return Convert.ToHexStringLower(
            new BlockHasher(Convert.FromHexString(info.Salt)).HashOne(top)) == info.RootHash;
    }

    /// <summary>The tree's levels as they stand behind the data: from the single block on top down.</summary>
    /// <param name="hashes">Of the data's blocks, 32 bytes each.</param>
    public static IEnumerable<byte[]> LevelsOver(byte[] hashes, BlockHasher hasher)
    {
        List<byte[]> levels = BuildLevels(hashes, hasher);
        levels.Reverse();
        return levels;
    }

    private static void RequireEqual(byte[] expected, byte[] actual, string file, long offset, string rule)
    {
        int same = actual.AsSpan().CommonPrefixLength(expected);
        if (same < actual.Length)
        {
            int block = same / BlockHasher.HashSize;
            throw new MalformedDataException(file, offset + ((long)block * BlockSize), $"block {block} {rule}.");
        }
    }

    /// <summary>The kernel never looks at the unused end of a level's last block, but nothing may hide there.</summary>
    private static void RequireNothingBehind(byte[] hashes, int used, string file, long offset)
    {
        int extra = hashes.AsSpan(used).IndexOfAnyExcept((byte)0);
        if (extra >= 0)
        {
            throw new MalformedDataException(
                file, offset + used + extra, "the verity tree holds a hash for a block that does not exist.");
        }
    }

    /// <summary>Blocks of each level, from the one over the data up to the single block on top.</summary>
    private static List<long> LevelBlocks(long dataBlocks)
    {
        List<long> levels = [];
        for (long blocks = dataBlocks; blocks > 1;)
        {
            blocks = (blocks + HashesPerBlock - 1) / HashesPerBlock;
            levels.Add(blocks);
        }

        return levels;
    }

    private static void PadToBlock(Stream slot, long dataBytes)
    {
        int padding = (int)((BlockSize - (dataBytes % BlockSize)) % BlockSize);
        slot.Position = dataBytes;
        slot.Write(new byte[padding]);
    }

    private static byte[] HashData(Stream slot, long dataBlocks, BlockHasher hasher)
    {
        byte[] hashes = new byte[dataBlocks * BlockHasher.HashSize];
        byte[] batch = new byte[BatchBlocks * BlockSize], ahead = new byte[batch.Length];
        Task hashing = Task.CompletedTask;
        slot.Position = 0;
        for (long first = 0; first < dataBlocks; first += BatchBlocks)
        {
            int blocks = (int)Math.Min(BatchBlocks, dataBlocks - first);
            Memory<byte> data = ahead.AsMemory(0, blocks * BlockSize);
            slot.ReadExactly(data.Span); // while the batch before it is hashed
            hashing.GetAwaiter().GetResult();
            Memory<byte> place = hashes.AsMemory((int)(first * BlockHasher.HashSize), blocks * BlockHasher.HashSize);
            hashing = Task.Run(() => hasher.Hash(data, place));
            (batch, ahead) = (ahead, batch);
        }

        hashing.GetAwaiter().GetResult();
        return hashes;
    }

    private static List<byte[]> BuildLevels(byte[] hashes, BlockHasher hasher)
    {
        List<byte[]> levels = [];
        while (hashes.Length > BlockHasher.HashSize)
        {
            byte[] blocks = new byte[(hashes.Length + BlockSize - 1) / BlockSize * BlockSize];
            hashes.CopyTo(blocks, 0);
            levels.Add(blocks);
            hashes = new byte[blocks.Length / BlockSize * BlockHasher.HashSize];
            hasher.Hash(blocks, hashes);
        }

        return levels;
    }

    private static void WriteLevels(Stream slot, long dataBlocks, List<byte[]> levels)
    {
        slot.Position = dataBlocks * BlockSize;
        for (int level = levels.Count - 1; level >= 0; level--)
        {
            slot.Write(levels[level]);
        }
    }
}
