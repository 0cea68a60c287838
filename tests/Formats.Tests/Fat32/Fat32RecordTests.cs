using System.Text;

using Images.Formats.Fat32;

namespace Images.Formats.Tests.Fat32;

public class Fat32RecordTests
{
    [Fact]
    public void The_boot_sector_has_the_bytes_that_the_specification_prints()
    {
        byte[] sector = new byte[512];
        Fat32BootSector boot = new()
        {
            Geometry = Fat32Geometry.For(512 << 20),
            HiddenSectors = 2048,
            RootCluster = 2,
            VolumeSerial = 0x12345678,
            Label = "ESP",
        };
        boot.WriteTo(sector);

        Convert.ToHexString(sector, 0, 3).ShouldBe("EB5890");
        Convert.ToHexString(sector, 11, 5).ShouldBe("0002082000");
        sector[16].ShouldBe((byte)2);
        sector[21].ShouldBe((byte)0xF8);
        Convert.ToHexString(sector, 28, 8).ShouldBe("0008000000001000");
        Convert.ToHexString(sector, 44, 8).ShouldBe("0200000001000600");
        Convert.ToHexString(sector, 64, 7).ShouldBe("80002978563412");
        Encoding.ASCII.GetString(sector, 71, 19).ShouldBe("ESP        FAT32   ");
        Convert.ToHexString(sector, 510, 2).ShouldBe("55AA");
        Fat32BootSector.Read(sector, "volume").ShouldBe(boot);
    }

    [Fact]
    public void The_fsinfo_sector_has_its_three_signatures()
    {
        byte[] sector = new byte[512];
        Fat32FsInfo info = new() { FreeClusters = 5, NextFreeCluster = 9 };
        info.WriteTo(sector);
        Encoding.ASCII.GetString(sector, 0, 4).ShouldBe("RRaA");
        Encoding.ASCII.GetString(sector, 484, 4).ShouldBe("rrAa");
        Convert.ToHexString(sector, 488, 8).ShouldBe("0500000009000000");
        Convert.ToHexString(sector, 508, 4).ShouldBe("000055AA");
        Fat32FsInfo.Read(sector, "volume").ShouldBe(info);
    }

    [Fact]
    public void A_directory_entry_splits_its_cluster_in_two()
    {
        byte[] bytes = new byte[32];
        Fat32DirectoryEntry entry = new()
        {
            ShortName = "BOOTX64 EFI",
            Attributes = Fat32Attributes.Archive,
            Time = new Fat32Time { Date = 0x1234, Time = 0x5678 },
            FirstCluster = 0x00ABCDEF,
            FileSize = 0x01020304,
        };
        entry.WriteTo(bytes);
        Encoding.ASCII.GetString(bytes, 0, 11).ShouldBe("BOOTX64 EFI");
        Convert.ToHexString(bytes, 20, 2).ShouldBe("AB00");
        Convert.ToHexString(bytes, 22, 10).ShouldBe("78563412EFCD04030201");
        Fat32DirectoryEntry.Read(bytes).ShouldBe(entry);
    }

    [Fact]
    public void A_time_is_kept_to_two_seconds()
    {
        Fat32Time time = Fat32Time.FromUnixSeconds(1_700_000_001);
        time.ToUnixSeconds().ShouldBe(1_700_000_000);
        time.Hundredths.ShouldBe((byte)100);
        Fat32Time.FromUnixSeconds(0).ToUnixSeconds().ShouldBe(315_532_800);
        new Fat32Time { Date = 0, Time = 0 }.ToUnixSeconds().ShouldBeNull();
    }

    [Fact]
    public void A_long_name_is_written_last_piece_first()
    {
        byte[] entries = new byte[64];
        Fat32LongName.Write("node_1.1+3.efi", "NODE_1~1EFI", entries);
        entries[0].ShouldBe((byte)0x42);
        Encoding.Unicode.GetString(entries, 1, 2).ShouldBe("i");
        Convert.ToHexString(entries, 3, 4).ShouldBe("0000FFFF");
        entries[32].ShouldBe((byte)0x01);
        Encoding.Unicode.GetString(entries, 33, 10).ShouldBe("node_");
        entries[13].ShouldBe(Fat32LongName.Checksum("NODE_1~1EFI"u8));
        Fat32LongName.Read(entries, "NODE_1~1EFI"u8).ShouldBe("node_1.1+3.efi");
        Fat32LongName.Read(entries, "NODE_1~2EFI"u8).ShouldBeNull();
    }

    [Theory]
    [InlineData("BOOTX64.EFI", "BOOTX64 EFI")]
    [InlineData("loader", "LOADER     ")]
    [InlineData("loader.conf", "LOADER~1CON")]
    [InlineData("a.b.c", "AB~1    C  ")]
    [InlineData(".hidden", "HIDDEN~1   ")]
    [InlineData("with blank", "WITHBL~1   ")]
    [InlineData("ünder+", "_NDER_~1   ")]
    public void Short_names_follow_the_specification(string name, string expected) =>
        Fat32ShortNames.Assign([name])[name].ShouldBe(expected);

    [Fact]
    public void A_numbered_name_gives_way_to_one_that_is_really_called_so()
    {
        IReadOnlyDictionary<string, string> names = Fat32ShortNames.Assign(["longer name.txt", "LONGER~1.TXT", "longer nome.txt"]);
        names["LONGER~1.TXT"].ShouldBe("LONGER~1TXT");
        names["longer name.txt"].ShouldBe("LONGER~2TXT");
        names["longer nome.txt"].ShouldBe("LONGER~3TXT");
    }
}
