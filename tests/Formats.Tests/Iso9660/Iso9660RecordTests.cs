using System.Text;
using Images.Formats.Tree;

using Images.Formats.Iso9660;

namespace Images.Formats.Tests.Iso9660;

public class Iso9660RecordTests
{
    private static readonly DirectoryNode _folder = new() { Mode = 0b111_101_101, Uid = 1, Gid = 2, ModifiedUnixSeconds = 1_700_000_000 };

    [Fact]
    public void A_directory_record_has_the_bytes_that_the_specification_prints()
    {
        byte[] bytes = new byte[64];
        new Iso9660DirectoryRecord
        {
            Identifier = "A.;1"u8.ToArray(),
            FirstSector = 0x01020304,
            SizeBytes = 5,
            ModifiedUnixSeconds = 1_700_000_000,
            IsDirectory = false,
            SystemUse = [0xAA],
        }.WriteTo(bytes);
        Convert.ToHexString(bytes, 0, 41).ShouldBe(
            "28" + "00" + "0403020101020304" + "0500000000000005" + "7B0B0E160D1400" + "00" + "00" + "00" + "01000001" + "04" + "412E3B31" + "00" + "AA" + "00" + "00");
    }

    [Fact]
    public void The_primary_descriptor_stands_as_the_specification_prints()
    {
        byte[] sector = Descriptor(joliet: false);
        Encoding.ASCII.GetString(sector, 0, 7).ShouldBe("\u0001CD001\u0001");
        Encoding.ASCII.GetString(sector, 40, 32).ShouldBe("cidata".PadRight(32));
        Convert.ToHexString(sector, 80, 8).ShouldBe("6400000000000064");
        Convert.ToHexString(sector, 120, 12).ShouldBe("010000010100000100080800");
        Convert.ToHexString(sector, 140, 12).ShouldBe("140000000000000000000015");
        sector[156].ShouldBe((byte)34);
        Encoding.ASCII.GetString(sector, 813, 16).ShouldBe("2023111422132000");
        Encoding.ASCII.GetString(sector, 847, 16).ShouldBe("0000000000000000");
        sector[881].ShouldBe((byte)1);
    }

    [Fact]
    public void The_joliet_descriptor_names_its_escape_sequence()
    {
        byte[] sector = Descriptor(joliet: true);
        sector[0].ShouldBe((byte)2);
        Encoding.ASCII.GetString(sector, 88, 3).ShouldBe("%/E");
        Encoding.BigEndianUnicode.GetString(sector, 40, 32).ShouldBe("cidata".PadRight(16));
    }

    [Fact]
    public void Rock_ridge_fields_have_the_bytes_that_the_protocol_prints()
    {
        Convert.ToHexString(RockRidgeFields.SharingProtocol()).ShouldBe("53500701BEEF00");
        Convert.ToHexString(RockRidgeFields.Name("ab")).ShouldBe("4E4D07010061" + "62");
        byte[] attributes = RockRidgeFields.Attributes(_folder, links: 3);
        Convert.ToHexString(attributes).ShouldBe("50582401" + "ED410000000041ED" + "0300000000000003" + "0100000000000001" + "0200000000000002");
        Convert.ToHexString(RockRidgeFields.Times(_folder)).ShouldBe("54461A010E" + "7B0B0E160D1400" + "7B0B0E160D1400" + "7B0B0E160D1400");
        byte[] name = RockRidgeFields.Name(new string('x', 255));
        name.Length.ShouldBe(255 + 10);
        name[4].ShouldBe((byte)1);
        name[259].ShouldBe((byte)0);
    }

    [Fact]
    public void Identifiers_are_cut_cleaned_and_numbered()
    {
        (string, bool)[] names = [("user-data", false), ("user+data", false), ("a.tar.gz", false), ("folder.d", true), (new string('x', 40) + ".text", false)];
        string Primary(string name) => Encoding.ASCII.GetString(Iso9660Names.Assign(names, joliet: false)[name]);
        Primary("user+data").ShouldBe("USER_DATA.;1");
        Primary("user-data").ShouldBe("USER_DATA1.;1");
        Primary("a.tar.gz").ShouldBe("A_TAR.GZ;1");
        Primary("folder.d").ShouldBe("FOLDER_D");
        Primary(new string('x', 40) + ".text").ShouldBe(new string('X', 26) + ".TEXT;1");
        Encoding.BigEndianUnicode.GetString(Iso9660Names.Assign(names, joliet: true)["user-data"]).ShouldBe("user-data");
    }

    private static byte[] Descriptor(bool joliet)
    {
        byte[] sector = new byte[2048];
        new Iso9660VolumeDescriptor
        {
            Joliet = joliet,
            VolumeLabel = "cidata",
            TotalSectors = 100,
            PathTableBytes = 10,
            LittleEndianPathTableSector = 20,
            BigEndianPathTableSector = 21,
            Root = new Iso9660DirectoryRecord { Identifier = [0], FirstSector = 30, SizeBytes = 2048, ModifiedUnixSeconds = 1_700_000_000, IsDirectory = true, SystemUse = [] },
            TimeUnixSeconds = 1_700_000_000,
        }.WriteTo(sector);
        return sector;
    }
}
