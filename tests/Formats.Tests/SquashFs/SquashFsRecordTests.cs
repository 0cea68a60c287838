using System.Buffers.Binary;
using Images.Formats.SquashFs;
using Images.Formats.Tree;

namespace Images.Formats.Tests.SquashFs;

/// <summary>Bytes against the on-disk structures of Linux's fs/squashfs/squashfs_fs.h.</summary>
public sealed class SquashFsRecordTests
{
    [Fact]
    public void The_superblock_has_the_kernels_layout()
    {
        byte[] bytes = new byte[SquashFsSuperblock.Size];
        SquashFsSuperblock superblock = new()
        {
            InodeCount = 0x01020304,
            ModifiedUnixSeconds = 0x11121314,
            BlockSize = 131072,
            FragmentCount = 0x21222324,
            Compression = 1,
            BlockSizeLog = 17,
            Flags = SquashFsFlags.NoXattrs | SquashFsFlags.Duplicates,
            IdCount = 0x3132,
            MajorVersion = 4,
            RootInode = 0x4142434445464748,
            BytesUsed = 0x5152535455565758,
            IdTableStart = 0x6162636465666768,
            XattrTableStart = ulong.MaxValue,
            InodeTableStart = 0x7172737475767778,
            DirectoryTableStart = 0x0102030405060708,
            FragmentTableStart = 0x1112131415161718,
            ExportTableStart = ulong.MaxValue,
        };
        superblock.WriteTo(bytes);
        Convert.ToHexStringLower(bytes).ShouldBe(
            "68737173" + "04030201" + "14131211" + "00000200" + "24232221" + "0100" + "1100" + "4002" + "3231" + "0400" + "0000"
            + "4847464544434241" + "5857565554535251" + "6867666564636261" + "ffffffffffffffff" + "7877767574737271"
            + "0807060504030201" + "1817161514131211" + "ffffffffffffffff");
        SquashFsSuperblock.Read(bytes).ShouldBe(superblock);
    }

    [Fact]
    public void Inodes_have_the_kernels_layout_in_both_forms()
    {
        SquashFsInodeHeader header = new() { Type = SquashFsInodeType.File, Mode = 0x1ED, UidIndex = 1, GidIndex = 2, ModifiedUnixSeconds = 0x0A0B0C0D, InodeNumber = 9 };
        Written(SquashFsInodeHeader.Size, header.WriteTo).ShouldBe("0200" + "ed01" + "0100" + "0200" + "0d0c0b0a" + "09000000");
        SquashFsFileInode file = new() { StartBlock = 0x60, FileSize = 5, Fragment = 3, FragmentOffset = 7, LinkCount = 1, Xattr = uint.MaxValue };
        Written(SquashFsFileInode.BasicSize, file.WriteBasicTo).ShouldBe("60000000" + "03000000" + "07000000" + "05000000");
        Written(SquashFsFileInode.ExtendedSize, (file with { SparseBytes = 8 }).WriteExtendedTo).ShouldBe(
            "6000000000000000" + "0500000000000000" + "0800000000000000" + "01000000" + "03000000" + "07000000" + "ffffffff");
        SquashFsDirectoryInode directory = new() { StartBlock = 1, Offset = 2, LinkCount = 3, FileSize = 4, ParentInodeNumber = 5, IndexCount = 6, Xattr = uint.MaxValue };
        Written(SquashFsDirectoryInode.BasicSize, directory.WriteBasicTo).ShouldBe("01000000" + "03000000" + "0400" + "0200" + "05000000");
        Written(SquashFsDirectoryInode.ExtendedSize, directory.WriteExtendedTo).ShouldBe(
            "03000000" + "04000000" + "01000000" + "05000000" + "0600" + "0200" + "ffffffff");
    }

    [Fact]
    public void Directory_records_and_fragments_have_the_kernels_layout()
    {
        Written(SquashFsDirectoryHeader.Size, new SquashFsDirectoryHeader { Count = 256, StartBlock = 2, InodeNumber = 3 }.WriteTo)
            .ShouldBe("ff000000" + "02000000" + "03000000");
        Written(SquashFsDirectoryEntry.FixedSize, new SquashFsDirectoryEntry { Offset = 0x102, InodeDifference = -2, Type = SquashFsInodeType.Symlink, NameLength = 4 }.WriteTo)
            .ShouldBe("0201" + "feff" + "0300" + "0300");
        Written(SquashFsFragment.Size, new SquashFsFragment(0x60, 0x01000005).WriteTo).ShouldBe("6000000000000000" + "05000001" + "00000000");
    }

    [Theory]
    [InlineData(1L << 32, 0, 1u, 0L)]
    [InlineData(0, 1L << 32, 1u, 0L)]
    [InlineData(0, 0, 2u, 0L)]
    [InlineData(0, 0, 1u, 131072L)]
    public void Only_what_the_basic_form_cannot_hold_takes_the_extended_one(long start, long size, uint links, long sparse)
    {
        SquashFsFileInode inode = new() { StartBlock = (ulong)start, FileSize = (ulong)size, LinkCount = links, SparseBytes = (ulong)sparse, Fragment = 0, FragmentOffset = 0 };
        inode.NeedsExtended.ShouldBeTrue();
        new SquashFsFileInode { StartBlock = uint.MaxValue, FileSize = uint.MaxValue, LinkCount = 1, Fragment = 0, FragmentOffset = 0 }.NeedsExtended.ShouldBeFalse();
    }

    [Fact]
    public void An_empty_image_holds_the_roots_inode_one_id_and_nothing_else()
    {
        byte[] image = SquashFsImages.Write(new FileTreeBuilder(SquashFsImages.Time).Build());
        image.Length.ShouldBe(4096);
        int stored = BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan(96));
        byte[] inode = new byte[32];
        ZlibBlock.Decompress(image[98..], stored, inode).ShouldBe(inode.Length);
        Convert.ToHexStringLower(inode).ShouldBe(
            "0100" + "ed01" + "0000" + "0000" + "00f15365" + "01000000" + "00000000" + "02000000" + "0300" + "0000" + "02000000");

        // the directory and fragment tables are empty; one id, stored as it is, and the list that names its block
        int ids = 98 + stored;
        Convert.ToHexStringLower(image.AsSpan(ids, 14)).ShouldBe("0480" + "00000000" + $"{ids:x2}00000000000000");
        image.AsSpan(ids + 14).ContainsAnyExcept((byte)0).ShouldBeFalse();
    }

    [Fact]
    public void A_block_that_asks_zlib_for_a_dictionary_is_refused_as_any_other_broken_one()
    {
        byte[] block = [0x78, 0x20, 0, 0, 0, 1, 3, 0, 0, 0, 0, 1]; // FDICT (RFC 1950 2.2), and its check
        block[1] += (byte)(31 - (((block[0] << 8) + block[1]) % 31));
        Should.Throw<InvalidDataException>(() => ZlibBlock.Decompress(block, block.Length, new byte[16]));
    }

    private delegate void Writer(Span<byte> target);

    private static string Written(int size, Writer write)
    {
        byte[] bytes = new byte[size];
        write(bytes);
        return Convert.ToHexStringLower(bytes);
    }
}
