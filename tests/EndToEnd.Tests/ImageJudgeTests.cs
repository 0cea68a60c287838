using System.Text.RegularExpressions;
using Images.Baker.Locking;
using Images.Lab.Machines;
using Images.TestSupport;

namespace Images.EndToEnd.Tests;

/// <summary>Foreign programs decide about the image that the build left in artifacts/.</summary>
[Collection(UnpackedImage.Shared)]
public sealed partial class ImageJudgeTests(UnpackedImage image)
{
    [Fact]
    public void Sfdisk_and_sgdisk_accept_the_disk()
    {
        Judge.Run("sfdisk", "--verify", BakedImage.RawDisk).ShouldContain("No errors detected.");
        Judge.Run("sgdisk", "-v", BakedImage.RawDisk).ShouldContain("No problems found.");
    }

    [Fact]
    public void Fsck_accepts_the_ESP_and_finds_nothing_to_mend() =>
        Judge.Run("fsck.fat", "-n", image["esp"]).ShouldNotContain("differ", Case.Insensitive);

    [Fact]
    public void Veritysetup_agrees_with_the_root_hash_that_the_UKI_carries()
    {
        IReadOnlyDictionary<string, string> verity = image.VerityParameters();
        long hashOffset = long.Parse(verity["HASH_START_BLOCK"], System.Globalization.CultureInfo.InvariantCulture) * 4096;
        Judge.Run(
            "veritysetup", "verify", "--no-superblock", "--hash=sha256", "--data-block-size=4096", "--hash-block-size=4096",
            $"--data-blocks={verity["DATA_BLOCKS"]}", $"--hash-offset={hashOffset}", $"--salt={verity["SALT"]}",
            image["root-a"], image["root-a"], verity["ROOT_HASH"]);
    }

    [Fact]
    public void Objdump_reads_the_sections_of_the_UKI_in_place_and_in_order()
    {
        string[] sections = [.. Section().Matches(Judge.Run("objdump", "-h", image["uki"])).Select(match => match.Groups["name"].Value)];
        sections[^5..].ShouldBe([".osrel", ".cmdline", ".uname", ".initrd", ".linux"]);
        Judge.Run("objdump", "-p", image["uki"]).ShouldContain("EFI application");
    }

    [Fact]
    public void Gzip_and_cpio_read_the_initramfs()
    {
        JudgeResult listing = Judge.Try("sh", "-c", $"gzip -dcq {image["initrd"]} 2>/dev/null | cpio -t --quiet");
        string[] names = listing.Output.Split('\n');
        names.ShouldContain("init");
        names.ShouldContain("usr/bin/busybox");
        names.ShouldContain(name => name.EndsWith("/dm-verity.ko", StringComparison.Ordinal));
    }

    [Fact]
    public void Dpkg_query_lists_the_packages_of_the_lock()
    {
        string[] locked = [.. LockedPackages().Select(package => $"{package.Name} {package.Version} {package.Architecture} installed")];
        string[] listed = Judge.Run(
            "dpkg-query", $"--admindir={image.Root}/usr/lib/sysimage/dpkg", "-W", "-f", @"${Package} ${Version} ${Architecture} ${db:Status-Status}\n")
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
        listed.Order(StringComparer.Ordinal).ShouldBe(locked.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Baker_verifies_and_inspects_the_image()
    {
        Judge.Run("dotnet", BakedImage.Baker, "verify", BakedImage.RawDisk).ShouldContain("is whole.");
        string told = Judge.Run("dotnet", BakedImage.Baker, "inspect", BakedImage.RawDisk);
        told.ShouldContain(image.VerityParameters()["ROOT_HASH"]);
        foreach (string line in (string[])[
            "roles: etcd, lb, master, worker", "kubernetes: .+", @" +root-a +514 MiB +1 GiB +[0-9.]+ MiB +", @" +state +2\.5 GiB +16 MiB +",
            .. LockedPackages().Select(package => $@" +{Regex.Escape(package.Name)} +{Regex.Escape(package.Version)} +\S+ +[0-9.]+ [KM]iB +")])
        {
            told.ShouldMatch($"(?m)^{line}$");
        }
    }

    private static IEnumerable<LockedPackage> LockedPackages()
    {
        string relocked = Path.Combine(BakedImage.Artifacts, "image.lock.json");
        string path = BakedImage.RawDisk.Contains("+relocked", StringComparison.Ordinal) ? relocked : Path.Combine(Checkout.Folder, "image.lock.json");
        return ImageLockFile.Read(path).PackagesFor(PackageUse.Root);
    }

    [GeneratedRegex(@"^ +[0-9]+ (?<name>\.\S+)", RegexOptions.Multiline, 1000)]
    private static partial Regex Section();
}
