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
        using (FileStream volume = File.Create(_folder["seed.img"]))
        {
            volume.SetLength((long)mebibytes << 20);
        }

        Judge.Run("mkfs.fat", "-F", bits, "-n", "CIDATA", _folder["seed.img"]);
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

    private VolumeLabel? Read(string name)
    {
        using FileStream volume = File.OpenRead(_folder[name]);
        return VolumeLabel.Read(volume);
    }
}
