using System.Buffers.Binary;
using System.Text;
using Images.Formats.Gpt;

namespace Images.Formats.Tests.Gpt;

public class GptRecordTests
{
    private static readonly GptHeader _header = new()
    {
        CurrentLba = 1,
        AlternateLba = 0x1122,
        FirstUsableLba = 34,
        LastUsableLba = 0x1101,
        DiskGuid = new Guid("00112233-4455-8677-8899-aabbccddeeff"),
        EntriesLba = 2,
        EntryCount = 128,
        EntrySize = 128,
        EntriesCrc32 = 0xDEADBEEF,
    };

    [Fact]
    public void Crc32_of_the_check_string_is_the_published_one() => GptCrc32.Compute("123456789"u8).ShouldBe(0xCBF43926);

    [Fact]
    public void The_header_has_the_bytes_that_the_specification_prints()
    {
        byte[] block = new byte[512];
        _header.WriteTo(block);

        Encoding.ASCII.GetString(block, 0, 8).ShouldBe("EFI PART");
        Convert.ToHexString(block, 8, 8).ShouldBe("000001005C000000");
        Convert.ToHexString(block, 24, 16).ShouldBe("01000000000000002211000000000000");
        Convert.ToHexString(block, 56, 16).ShouldBe("33221100554477868899AABBCCDDEEFF");
        Convert.ToHexString(block, 72, 20).ShouldBe("02000000000000008000000080000000EFBEADDE");
        uint stored = BinaryPrimitives.ReadUInt32LittleEndian(block.AsSpan(16));
        block.AsSpan(16, 4).Clear();
        stored.ShouldBe(GptCrc32.Compute(block.AsSpan(0, 92)));
    }

    [Fact]
    public void The_header_reads_back()
    {
        byte[] block = new byte[512];
        _header.WriteTo(block);
        GptHeader.Read(block, "disk", "primary", 512).ShouldBe(_header);
    }

    [Fact]
    public void Any_flipped_bit_of_the_header_is_named()
    {
        byte[] block = new byte[512];
        _header.WriteTo(block);
        for (int i = 0; i < block.Length; i++)
        {
            block[i] ^= 0x10;
            Should.Throw<MalformedDataException>(() => GptHeader.Read(block, "disk", "primary", 512)).Message.ShouldContain("primary GPT header");
            block[i] ^= 0x10;
        }
    }

    [Fact]
    public void The_entry_has_the_bytes_that_the_specification_prints()
    {
        byte[] bytes = new byte[GptEntry.Size];
        GptEntry entry = new()
        {
            TypeGuid = SampleLayout.EspType,
            PartitionGuid = new Guid("00112233-4455-8677-8899-aabbccddeeff"),
            FirstLba = 2048,
            LastLba = 4095,
            Name = "esp",
        };
        entry.WriteTo(bytes);

        Convert.ToHexString(bytes, 0, 16).ShouldBe("28732AC11FF8D211BA4B00A0C93EC93B");
        Convert.ToHexString(bytes, 32, 24).ShouldBe("0008000000000000FF0F0000000000000000000000000000");
        Convert.ToHexString(bytes, 56, 8).ShouldBe("6500730070000000");
        GptEntry.Read(bytes).ShouldBe(entry);
    }

    [Fact]
    public void The_protective_mbr_covers_the_disk()
    {
        byte[] mbr = new byte[512];
        new ProtectiveMbr { DiskLbaCount = 0x2000 }.WriteTo(mbr);
        Convert.ToHexString(mbr, 446, 16).ShouldBe("00000200EEFFFFFF01000000FF1F0000");
        Convert.ToHexString(mbr, 510, 2).ShouldBe("55AA");
        new ProtectiveMbr { DiskLbaCount = 1UL << 40 }.WriteTo(mbr);
        Convert.ToHexString(mbr, 458, 4).ShouldBe("FFFFFFFF");
    }
}
