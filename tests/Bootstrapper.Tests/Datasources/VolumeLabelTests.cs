using Images.Bootstrapper.Datasources.NoCloud;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Datasources;

public sealed class VolumeLabelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("cidata")]
    [InlineData("CIDATA")]
    public void The_label_of_a_disc_that_genisoimage_made_is_read(string label)
    {
        File.WriteAllText(_folder["user-data"], "#cloud-config\n");
        Judge.Run("genisoimage", "-quiet", "-output", _folder["seed.iso"], "-volid", label, "-joliet", "-rock", _folder["user-data"]);
        Read("seed.iso").ShouldBe(new VolumeLabel("iso9660", label));
    }

    [Theory]
    [InlineData("12", 2)]
    [InlineData("16", 16)]
    [InlineData("32", 64)]
    public void The_label_of_a_volume_that_mkfs_fat_made_is_read(string bits, int mebibytes)
    {
        Make(bits, mebibytes, "CIDATA");
        Agree("CIDATA");
    }

    [Theory]
    [InlineData("12", 2)]
    [InlineData("16", 16)]
    [InlineData("32", 64)]
    public void A_volume_that_was_labelled_anew_has_the_label_that_blkid_sees(string bits, int mebibytes)
    {
        Make(bits, mebibytes, "OTHER");
        Agree("OTHER");

        Judge.Run("fatlabel", _folder["seed.img"], "CIDATA");
        Agree("CIDATA");

        Judge.Run("mlabel", "-i", _folder["seed.img"], "::OLD");
        Agree("OLD");

        // the root directory alone: the boot sector keeps its label
        PutBootLabel(bits, "CIDATA     ");
        Agree("OLD");
    }

    [Theory]
    [InlineData("16", 16)]
    [InlineData("32", 64)]
    public void The_label_in_the_boot_sector_counts_where_the_root_directory_has_none(string bits, int mebibytes)
    {
        Make(bits, mebibytes, "OTHER");
        Judge.Run("mlabel", "-c", "-i", _folder["seed.img"], "::");
        PutBootLabel(bits, "CIDATA     ");
        Read("seed.img").ShouldBe(new VolumeLabel("vfat", "CIDATA"));
    }

    [Theory]
    [InlineData("12", 2)]
    [InlineData("16", 16)]
    [InlineData("32", 64)]
    public void The_parameter_block_alone_makes_a_volume_whatever_its_boot_sector_says_of_its_type(
        string bits, int mebibytes)
    {
        Make(bits, mebibytes, "CIDATA");
        using (FileStream volume = File.OpenWrite(_folder["seed.img"]))
        {
            volume.Position = bits == "32" ? 82 : 54; // BS_FilSysType
            volume.Write(new byte[8]);
        }

        Agree("CIDATA");
        using (FileStream volume = File.OpenWrite(_folder["seed.img"]))
        {
            volume.Position = 510; // the signature, which blkid wants where there is no text, and Linux does not
            volume.Write(new byte[2]);
        }

        Read("seed.img").ShouldBe(new VolumeLabel("vfat", "CIDATA"));
    }

    [Fact]
    public void A_disc_that_is_UDF_alone_is_known_as_blkid_knows_it()
    {
        File.WriteAllText(_folder["user-data"], "#cloud-config\n");
        Judge.Run(
            "genisoimage", "-quiet", "-udf", "-output", _folder["seed.iso"], "-volid", "cidata", _folder["user-data"]);
        Read("seed.iso").ShouldBe(new VolumeLabel("iso9660", "cidata"));
        using (FileStream disc = new(_folder["seed.iso"], FileMode.Open))
        {
            byte[] sector = new byte[2048];
            for (int index = 16; index < 32; index++)
            {
                disc.Position = index * sector.Length;
                disc.ReadExactly(sector);
                if (sector.AsSpan(1).StartsWith("CD001"u8))
                {
                    "BOOT2"u8.CopyTo(sector.AsSpan(1)); // a descriptor that stands beside those of UDF
                    sector[0] = 0;
                    disc.Position = index * sector.Length;
                    disc.Write(sector);
                }
            }
        }

        Judge.Run("blkid", "--probe", "--output", "value", "--match-tag", "TYPE", _folder["seed.iso"]).Trim()
            .ShouldBe("udf");
        Judge.Run("blkid", "--probe", "--output", "value", "--match-tag", "LABEL", _folder["seed.iso"]).Trim()
            .ShouldBe("cidata");
        Read("seed.iso").ShouldBe(new VolumeLabel("udf", "cidata"));
    }

    [Theory]
    [InlineData(11)]
    [InlineData(13)]
    [InlineData(14)]
    [InlineData(16)]
    [InlineData(21)]
    public void A_parameter_block_that_cannot_be_makes_none(int offset)
    {
        Make("16", 16, "CIDATA");
        using (FileStream volume = File.OpenWrite(_folder["seed.img"]))
        {
            volume.Position = offset;
            volume.Write(new byte[2]);
        }

        Read("seed.img").ShouldBeNull();
    }

    [Fact]
    public void A_root_directory_that_lies_nowhere_is_no_reason_to_fail()
    {
        Make("32", 64, "CIDATA");
        using (FileStream volume = File.OpenWrite(_folder["seed.img"]))
        {
            volume.Position = 44; // BPB_RootClus
            volume.Write([0xFF, 0xFF, 0xFF, 0x0E]);
        }

        Read("seed.img").ShouldBe(new VolumeLabel("vfat", "CIDATA"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(511)]
    [InlineData(34815)]
    [InlineData(100_000)]
    public void What_is_neither_or_too_short_has_no_label(int size)
    {
        File.WriteAllBytes(_folder["blank"], new byte[size]);
        Read("blank").ShouldBeNull();
    }

    private void Make(string bits, int mebibytes, string label)
    {
        using (FileStream volume = File.Create(_folder["seed.img"]))
        {
            volume.SetLength((long)mebibytes << 20);
        }

        Judge.Run("mkfs.vfat", "-F", bits, "-n", label, _folder["seed.img"]);
    }

    private void PutBootLabel(string bits, string label)
    {
        using FileStream volume = File.OpenWrite(_folder["seed.img"]);
        volume.Position = bits == "32" ? 71 : 43;
        volume.Write(System.Text.Encoding.ASCII.GetBytes(label));
    }

    private void Agree(string label)
    {
        Judge.Run("blkid", "--probe", "--output", "value", "--match-tag", "LABEL", _folder["seed.img"]).Trim().ShouldBe(label);
        Read("seed.img").ShouldBe(new VolumeLabel("vfat", label));
    }

    private VolumeLabel? Read(string name)
    {
        using FileStream volume = File.OpenRead(_folder[name]);
        return VolumeLabel.Read(volume);
    }
}
