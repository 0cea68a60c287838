using System.Text.Json;
using Images.Baker.Inspect;
using Images.Baker.Signing;
using Images.Baker.Tests.Cli;
using Images.Formats.Disk;
using Images.NodeConfig;
using Images.NodeConfig.Upgrades;
using Images.TestSupport;

namespace Images.Baker.Tests.Outputs;

/// <summary>The upgrade that a bake writes beside the disk, judged by GNU tar, sha256sum and veritysetup.</summary>
public sealed class UpgradeOutputTests : IDisposable
{
    private readonly SampleProject _project = new();

    private string Upgrade => _project["out/node_0.1.0.upgrade"];

    [Fact]
    public void Tar_takes_it_apart_and_the_parts_are_those_of_the_disk()
    {
        Bake();
        Judge.Run("tar", "tf", Upgrade).Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldBe(["manifest.json", "uki.efi", "root"]);
        string parts = _project["parts"];
        Directory.CreateDirectory(parts);
        Judge.Run("tar", "xf", Upgrade, "-C", parts);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(parts, "manifest.json")));
        JsonElement manifest = json.RootElement;
        foreach ((string part, string name) in ((string, string)[])[("uki.efi", "uki"), ("root", "root")])
        {
            Judge.Run("sha256sum", Path.Combine(parts, part)).ShouldStartWith(manifest.GetProperty($"{name}Sha256").GetString()!);
            new FileInfo(Path.Combine(parts, part)).Length.ShouldBe(manifest.GetProperty($"{name}Bytes").GetInt64());
        }

        JsonElement verity = manifest.GetProperty("verity");
        string root = Path.Combine(parts, "root");
        Judge.Run(
            "veritysetup", "verify", "--no-superblock", "--hash=sha256", "--data-block-size=4096", "--hash-block-size=4096",
            $"--data-blocks={verity.GetProperty("dataBlocks").GetInt64()}",
            $"--hash-offset={verity.GetProperty("hashStartBlock").GetInt64() * 4096}",
            $"--salt={verity.GetProperty("salt").GetString()}", root, root, manifest.GetProperty("rootHash").GetString()!);
        Judge.Run("mcopy", "-i", Cut(NodeDisk.Esp), "::EFI/images/a.efi", _project["a.efi"]);
        Judge.Run("cmp", _project["a.efi"], Path.Combine(parts, "uki.efi"));
        Judge.Run("cmp", $"--bytes={new FileInfo(root).Length}", Cut(NodeDisk.RootA), root);
        manifest.GetProperty("slotBytes").GetInt64().ShouldBeInRange(new FileInfo(root).Length, 4 << 20);
    }

    [Fact]
    public void The_entry_names_the_kernel_image_of_slot_a()
    {
        Bake();
        string esp = Cut(NodeDisk.Esp);
        Judge.Run("mdir", "-b", "-i", esp, "::loader/entries").Trim().ShouldEndWith("/node-1.conf");
        Judge.Run("mtype", "-i", esp, "::loader/entries/node-1.conf")
            .ShouldBe("title node 0.1.0\nversion 0001\nsort-key node\nefi /EFI/images/a.efi\n");
        Judge.Try("mdir", "-b", "-i", esp, "::EFI/Linux").ExitCode.ShouldNotBe(0, "one image, one name");
    }

    [Fact]
    public void Inspect_says_what_it_is_and_verify_names_whatever_byte_was_changed()
    {
        Bake();
        Baker("inspect").Output.ShouldContain("node 0.1.0, an upgrade for amd64, kernel 6.12.1-amd64");
        using (JsonDocument json = JsonDocument.Parse(Baker("inspect", "--json").Output))
        {
            json.RootElement.GetProperty("version").GetString().ShouldBe("0.1.0");
        }

        Baker("verify").Output.ShouldEndWith($"{Upgrade} is whole.\n");
        byte[] whole = File.ReadAllBytes(Upgrade);
        int parts = whole.AsSpan().IndexOf("\"ukiSha256\""u8);
        foreach (int at in (int[])[10, parts + 15, 2_000, whole.Length / 2, whole.Length - 1_500, whole.Length - 1])
        {
            byte[] changed = [.. whole];
            changed[at] ^= 1;
            File.WriteAllBytes(Upgrade, changed);
            JudgeResult verdict = Baker("verify");
            verdict.ExitCode.ShouldBe(2, $"byte {at}: {verdict.Output}");
            verdict.Error.ShouldContain("node_0.1.0.upgrade");
        }

        File.WriteAllBytes(Upgrade, whole[..(whole.Length / 2)]);
        Baker("verify").ExitCode.ShouldBe(2);
    }

    [Theory]
    [InlineData("raw")]
    [InlineData("upgrade")]
    public void A_delta_makes_the_newer_image_of_the_older_one(string from)
    {
        Bake();
        string older = UpgradeInspector.Inspect(Upgrade).RootHash;
        File.WriteAllText(_project["roles/common/files/etc/motd"], "Another welcome.\n");
        JudgeResult bake = _project.Bake(output: "newer", arguments: ["--from", _project[$"out/node_0.1.0.{from}"]]);
        bake.ExitCode.ShouldBe(0, bake.Output + bake.Error);
        string delta = _project[$"newer/node_0.1.0.from-{older[..12]}.upgrade"];
        UpgradeInspector.Verify(delta, (_, _) => { });
        (byte[] oldUki, byte[] oldRoot) = Parts(Upgrade);
        (byte[] newUki, byte[] newRoot) = Parts(_project["newer/node_0.1.0.upgrade"]);
        using FileStream file = File.OpenRead(delta);
        using UpgradeArtefact upgrade = UpgradeArtefact.Open(file, "delta");
        upgrade.Manifest.Delta!.FromRootHash.ShouldBe(older);
        (upgrade.Manifest with { Delta = null }).ShouldBe(UpgradeInspector.Inspect(_project["newer/node_0.1.0.upgrade"]));
        ReadAll(UpgradeDelta.OpenUki(upgrade.OpenUki(), new MemoryStream(oldUki), upgrade.Manifest, "delta")).ShouldBe(newUki);
        ReadAll(UpgradeDelta.OpenRoot(upgrade.OpenRoot(), new MemoryStream(oldRoot), upgrade.Manifest, "delta")).ShouldBe(newRoot);
        upgrade.Finish();
        Judge.Run("tar", "tf", delta).ShouldBe("manifest.json\nuki.delta\nroot.delta\n");
        _project.Bake(output: "third", arguments: ["--from", delta]).Error.ShouldContain("BAKE0651");
    }

    [Fact]
    public void It_is_signed_with_the_plans_key_and_two_bakes_give_the_same_bytes()
    {
        using TemporaryFolder keys = new();
        string key = keys["upgrade"];
        UpgradeSigningKey.Make(key);
        _project.WritePlan(text => text + $"signing: {{ upgrades: {key} }}\ntrust: {{ upgrades: [{key}.pub], minimum: 0.0.9 }}\n");
        Bake();
        Judge.Run("tar", "xf", Upgrade, "-C", keys.FullPath, "manifest.json", "manifest.sig");
        byte[] manifest = File.ReadAllBytes(keys["manifest.json"]), signature = File.ReadAllBytes(keys["manifest.sig"]);
        UpgradeKeys.Parse(File.ReadAllText(key + ".pub"), "keys").Verify(manifest, signature).ShouldBeTrue();
        Baker("inspect").Output.ShouldContain("signature: ECDSA over P-256");
        Baker("verify").Output.ShouldEndWith($"{Upgrade} is whole.\n");

        string root = keys["root"], unpacked = keys["unpacked"];
        Judge.Run("tar", "xf", Upgrade, "-C", keys.FullPath, "root");
        Judge.Run("unsquashfs", "-no-xattrs", "-dest", unpacked, root, "usr/lib/images");
        File.ReadAllText(Path.Combine(unpacked, "usr/lib/images/upgrade-keys")).ShouldBe(File.ReadAllText(key + ".pub"));
        File.ReadAllText(Path.Combine(unpacked, "usr/lib/images/upgrade-minimum")).ShouldBe("0.0.9\n");

        byte[] first = File.ReadAllBytes(Upgrade);
        _project.Bake(output: "again").ExitCode.ShouldBe(0);
        File.ReadAllBytes(_project["again/node_0.1.0.upgrade"]).ShouldBe(first);
        byte[] secret = [.. File.ReadAllLines(key).Skip(1).Take(1).SelectMany(line => System.Text.Encoding.ASCII.GetBytes(line))];
        first.AsSpan().IndexOf(secret).ShouldBe(-1, "the private key is in nothing that a bake makes");
    }

    [Fact]
    public void A_private_key_in_the_repository_and_one_that_others_may_read_are_refused()
    {
        UpgradeSigningKey.Make(_project["mine"]);
        Should.Throw<ConfigurationException>(() => _project.WritePlan(text => text + "signing: { upgrades: mine }\n"))
            .Message.ShouldContain("The private key 'mine' lies in");

        using TemporaryFolder keys = new();
        UpgradeSigningKey.Make(keys["mine"]);
        Judge.Run("chmod", "640", keys["mine"]);
        _project.WritePlan(text => text + $"signing: {{ upgrades: {keys["mine"]} }}\n");
        _project.Bake().Error.ShouldContain("BAKE0661");
        Directory.Exists(_project["out"]).ShouldBeFalse("nothing was begun");
    }

    [Theory]
    [InlineData("trust: { upgrades: [] }", "'upgrades' is empty")]
    [InlineData("trust: { upgrades: [none.pub], minimum: newest }", "'newest' is no version")]
    [InlineData("signing: { upgrade: a }", "The key 'upgrade' is unknown")]
    public void Trust_that_cannot_be_is_refused(string line, string reason) =>
        Should.Throw<ConfigurationException>(() => _project.WritePlan(text => text + line + "\n")).Message.ShouldContain(reason);

    [Theory]
    [InlineData("image.yaml")]
    [InlineData("none.pub")]
    public void A_list_of_keys_that_is_none_is_refused(string file)
    {
        _project.WritePlan(text => text + $"trust: {{ upgrades: [{file}] }}\n");
        JudgeResult bake = _project.Bake();
        bake.ExitCode.ShouldBe(2);
        bake.Error.ShouldContain("BAKE0663");
        Directory.EnumerateFileSystemEntries(_project["out"]).ShouldBeEmpty();
    }

    [Fact]
    public void A_plan_without_it_makes_none()
    {
        _project.WritePlan(text => text.Replace("[raw, upgrade]", "[raw]", StringComparison.Ordinal));
        Bake();
        File.Exists(_project.Image).ShouldBeTrue();
        File.Exists(Upgrade).ShouldBeFalse();
    }

    [Fact]
    public void A_boot_loader_whose_counting_was_not_tried_goes_into_no_image()
    {
        using SampleProject project = new("258.1-1");
        JudgeResult bake = project.Bake();
        bake.ExitCode.ShouldBe(2);
        bake.Error.ShouldContain("BAKE0650  usr/loader  The boot loader is systemd-boot 258.1-1; upgrades were tried with 257 only.");
        Directory.EnumerateFileSystemEntries(project["out"]).ShouldBeEmpty();
    }

    public void Dispose() => _project.Dispose();

    private void Bake()
    {
        JudgeResult bake = _project.Bake();
        bake.ExitCode.ShouldBe(0, bake.Output + bake.Error);
    }

    private JudgeResult Baker(string command, params string[] options) =>
        Judge.Try(Judge.Find("dotnet"), [Path.Combine(AppContext.BaseDirectory, "baker.dll"), command, Upgrade, .. options]);

    private static (byte[] Uki, byte[] Root) Parts(string path)
    {
        using FileStream file = File.OpenRead(path);
        using UpgradeArtefact upgrade = UpgradeArtefact.Open(file, path);
        return (ReadAll(upgrade.OpenUki()), ReadAll(upgrade.OpenRoot()));
    }

    private static byte[] ReadAll(Stream stream)
    {
        using MemoryStream all = new();
        stream.CopyTo(all);
        return all.ToArray();
    }

    private string Cut(string partition)
    {
        string file = _project[partition];
        using DiskImage disk = DiskImage.Open(_project.Image);
        using PartitionStream from = disk.OpenPartition(partition);
        using FileStream to = File.Create(file);
        from.CopyTo(to);
        return file;
    }
}
