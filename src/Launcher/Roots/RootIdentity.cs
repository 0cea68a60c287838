using System.Security.Cryptography;
using Images.Formats.SquashFs;
using Images.Formats.Verity;

namespace Images.Launcher.Roots;

/// <summary>Names the content of a root slot without reading all of it.</summary>
/// <param name="Name">
/// 32 hexadecimal digits, of the superblock and of the top block of the dm-verity tree, which stands directly
/// behind the file system and depends on every byte of it.
/// </param>
/// <param name="Verity">What the tree promises; whether the data keep it, <see cref="Require"/> finds out.</param>
internal sealed record RootIdentity(string Name, VerityInfo Verity)
{
    /// <param name="slot">The partition; its position is not kept.</param>
    /// <exception cref="Formats.MalformedDataException">It does not begin with a SquashFS.</exception>
    /// <exception cref="EndOfStreamException">It is too short for one.</exception>
    public static RootIdentity Of(Stream slot)
    {
        byte[] bytes = new byte[SquashFsSuperblock.Size + VerityTree.BlockSize];
        slot.Position = 0;
        slot.ReadExactly(bytes, 0, SquashFsSuperblock.Size);
        long used = (long)SquashFsSuperblock.Read(bytes.AsSpan(0, SquashFsSuperblock.Size)).BytesUsed;
        long dataBlocks = (used + VerityTree.BlockSize - 1) / VerityTree.BlockSize;
        slot.Position = dataBlocks * VerityTree.BlockSize;
        Span<byte> top = bytes.AsSpan(SquashFsSuperblock.Size);
        _ = slot.ReadAtLeast(top, top.Length, throwOnEndOfStream: false);
        return new RootIdentity(Convert.ToHexStringLower(SHA256.HashData(bytes))[..32], new VerityInfo
        {
            RootHash = Convert.ToHexStringLower(VerityTree.ProductHasher().HashOne(top)),
            Salt = VerityTree.ProductSalt,
            DataBlocks = dataBlocks,
        });
    }

    /// <summary>Reads all of the slot: its data are what the tree's top, and so this name, promises.</summary>
    /// <exception cref="Formats.MalformedDataException">They are others.</exception>
    public void Require(Stream slot, string file) => VerityTree.Verify(slot, Verity, file);
}
