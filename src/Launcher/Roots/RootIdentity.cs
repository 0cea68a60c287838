using System.Security.Cryptography;
using Images.Formats.SquashFs;

namespace Images.Launcher.Roots;

/// <summary>Names the content of a root slot without reading all of it.</summary>
internal static class RootIdentity
{
    private const int HashBlockSize = 4096;

    /// <summary>
    /// 32 hexadecimal digits, of the superblock and of the top block of the dm-verity tree, which stands directly
    /// behind the file system and depends on every byte of it.
    /// </summary>
    /// <param name="slot">The partition; its position is not kept.</param>
    public static string Of(Stream slot)
    {
        byte[] bytes = new byte[SquashFsSuperblock.Size + HashBlockSize];
        slot.Position = 0;
        slot.ReadExactly(bytes, 0, SquashFsSuperblock.Size);
        long used = (long)SquashFsSuperblock.Read(bytes.AsSpan(0, SquashFsSuperblock.Size)).BytesUsed;
        slot.Position = (used + HashBlockSize - 1) / HashBlockSize * HashBlockSize;
        _ = slot.ReadAtLeast(bytes.AsSpan(SquashFsSuperblock.Size), HashBlockSize, throwOnEndOfStream: false);
        return Convert.ToHexStringLower(SHA256.HashData(bytes))[..32];
    }
}
