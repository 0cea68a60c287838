using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Images.Formats.Gpt;
using Images.NodeConfig;
using Images.TestSupport;

namespace Images.Baker.Tests.Boot.Initramfs;

/// <summary>
/// Which disk /init takes: its own functions, with folders in the places of /sys and /dev. What the firmware booted from is
/// given; that it is read where firmware writes it, a machine shows (DiskIdentityTests).
/// </summary>
public sealed class FindRootTests : IDisposable
{
    private const string Own = "aaaaaaaa-0001-4000-8000-000000000001";
    private const string Image = "1d83dce8-cc05-853a-87bf-0969e731350c";
    private const int BlockSize = 4096;
    private const int TreeBlock = 1;

    private static readonly byte[] _top = [.. Enumerable.Repeat((byte)'T', BlockSize)];
    private static readonly string _rootHash = Convert.ToHexStringLower(SHA256.HashData(_top));

    private readonly TemporaryFolder _folder = new();

    public FindRootTests()
    {
        Directory.CreateDirectory(_folder["sys"]);
        Directory.CreateDirectory(_folder["dev"]);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Of each disk the ESP's identifier, and for each slot whether it has the root.</summary>
    [Theory]
    [InlineData(Own, Own + " yes no", Image + " yes no", "root is vda3 on vda; state vda5, esp vda1")]
    [InlineData(Own, Image + " yes yes", Own + " no yes", "root is vdb4 on vdb; state vdb5, esp vdb1")]
    [InlineData(Own, Own + "", Image + " yes no", "root is vdb3 on vdb; state vdb5, esp vdb1")] // a boot stick
    [InlineData(Own, Image + " yes no", null, "root is vda3 on vda; state vda5, esp vda1")] // the stick has gone
    [InlineData(Own, Own + " no no", Image + " yes no", "waits")] // its own slots are damaged: another's root brings another's state
    [InlineData(Image, Image + " yes no", Image + " yes no", "vda3 and vdb3 on different disks both hold the root")]
    [InlineData(Image, Image + " no no", Image + " yes yes", "root is vdb3 on vdb; state vdb5, esp vdb1")]
    [InlineData("", Own + " yes no", Image + " yes no", "vda3 and vdb3 on different disks both hold the root")]
    [InlineData("", Own + " yes no", null, "root is vda3 on vda; state vda5, esp vda1")]
    public void The_disk_that_the_firmware_booted_from_counts_where_it_is_known(string booted, string first, string? second, string expected)
    {
        MakeDisk("vda", first);
        if (second is not null)
        {
            MakeDisk("vdb", second);
        }

        Run(booted).ShouldContain(expected);
    }

    /// <summary>For ever would be a machine that never comes back to the image from before.</summary>
    [Theory]
    [InlineData(" no no")]
    [InlineData("")]
    public void A_counted_boot_gives_up_after_a_minute_without_its_root(string slots)
    {
        MakeDisk("vda", Own + slots);

        string said = Run(Own, counted: "\\loader\\entries\\node-7+1-1.conf");

        said.ShouldContain($@"GIVING UP this boot of \loader\entries\node-7+1-1.conf, the machine restarts: no root {_rootHash} in 60 s");
        said.ShouldContain(slots.Length == 0 ? "no partition named root-* yet" : "vda3: has ");
        said.ShouldEndWith("restarts\n");
    }

    [Fact]
    public void A_counted_boot_that_finds_its_root_is_like_any_other()
    {
        MakeDisk("vda", Own + " no yes");

        Run(Own, counted: "x").ShouldContain("root is vda4 on vda; state vda5, esp vda1");
    }

    private void MakeDisk(string disk, string text)
    {
        string[] words = text.Split(' ');
        string[] names = ["esp", "bios", .. words.Length == 1 ? Array.Empty<string>() : ["root-a", "root-b"], "state"];
        GptLayout layout = GptLayout.Of(names.Select(name => new GptPartition
        {
            Name = name,
            TypeGuid = NodeDisk.LinuxGenericType,
            PartitionGuid = name == "esp" ? Guid.Parse(words[0]) : NodeDisk.StateId,
            SizeBytes = GptLayout.Mebibyte,
            SizeSetting = name,
        }));
        using (FileStream stream = File.Create(_folder[$"dev/{disk}"]))
        {
            stream.SetLength(layout.SizeBytes);
            GptWriter.Write(layout, NodeDisk.EspType, stream);
        }

        for (int number = 1; number <= names.Length; number++)
        {
            string partition = string.Create(CultureInfo.InvariantCulture, $"{disk}{number}");
            string folder = Directory.CreateDirectory(_folder[$"devices/{disk}/{partition}"]).FullName;
            Directory.CreateSymbolicLink(_folder[$"sys/{partition}"], folder);
            File.WriteAllText(Path.Combine(folder, "partition"), $"{number}\n");
            File.WriteAllText(Path.Combine(folder, "size"), "2048\n");
            File.WriteAllText(Path.Combine(folder, "uevent"), $"DEVNAME={partition}\nPARTNAME={names[number - 1]}\n");
            bool hasRoot = names[number - 1].StartsWith("root-", StringComparison.Ordinal) && words[number - 2] == "yes";
            File.WriteAllBytes(_folder[$"dev/{partition}"], [.. new byte[TreeBlock * BlockSize], .. hasRoot ? _top : new byte[BlockSize]]);
        }
    }

    private string Run(string booted, string counted = "")
    {
        string init = File.ReadAllText(Path.Combine(Checkout.Folder, "roles/initramfs/init"));
        StringBuilder script = new(init[..init.IndexOf("\nmount_kernel_filesystems\n", StringComparison.Ordinal)]);
        script.Replace("/sys/class/block", _folder["sys"]).Replace("/dev/", _folder["dev"] + "/")
            .Replace("/run/udev", _folder["udev"]).Replace("/tmp/aliases", _folder["aliases"])
            .Replace("export PATH=/usr/sbin:/usr/bin", "");
        script.Append(CultureInfo.InvariantCulture, $$"""

            say() { echo "$*"; }
            tell() { echo "$*"; }
            counted='{{counted}}' debug=
            {{(counted.Length == 0 ? "fatal() { echo \"$*\"; exit 0; }" : "reboot() { echo restarts; exit 0; }")}}
            sync() { :; }
            seconds_up() { echo $((100 + rounds_slept * 2)); }
            coldplug() { :; }
            booted_esp() { echo {{booted}}; }
            sleep() { rounds_slept=$((rounds_slept + 1)); [ $rounds_slept -lt 60 ] || { echo waits; exit 0; }; }
            rounds_slept=0 salt_escapes= HASH_START_BLOCK={{TreeBlock}} ROOT_HASH={{_rootHash}}
            find_root
            find_state
            echo "root is $root_device on $disk; state $state_device, esp $esp_device"
            """);
        File.WriteAllText(_folder["script"], script.ToString());
        string said = Judge.Run("bash", _folder["script"]);
        if (said.Contains("; state ", StringComparison.Ordinal))
        {
            string rules = File.ReadAllText(_folder["udev/rules.d/61-images-disk.rules"]);
            string state = said.Split("; state ")[1].Split(',')[0];
            rules.ShouldContain($"SUBSYSTEM==\"block\", KERNEL==\"{state}\", SYMLINK+=\"images/state\"\n");
        }

        return said;
    }
}
