using System.Text;
using Images.Baker.Tests.Cli;
using Images.Baker.Tests.Sources;
using Images.Baker.Tests.Tree;
using Images.Formats;
using Images.Formats.Tree;
using Images.TestSupport;

namespace Images.Baker.Tests.Refusals;

/// <summary>What a bake refuses, asked of the program itself: the exit code, one line with code, place and remedy, and nothing left behind.</summary>
public sealed class BakeRefusalTests : IDisposable
{
    private const string Output = "out";
    private const string OtherFolder = "another output folder that you may write to.";
    private const string LockAnew = "Run 'baker lock' and commit the result.";
    private const string FileAnew = "Fetch or make the file anew; if it comes out the same, take another version of it and tell who makes it.";
    private readonly SampleProject _project = new();

    [Fact]
    public void An_image_too_big_for_its_slot()
    {
        _project.WritePlan(text => text.Replace("root: 4Mi", "root: 1Mi", StringComparison.Ordinal));
        MakeTheImageBig();
        Refuse(2, "Set sizes.root in image.yaml to a bigger size, or put less into the image.", "BAKE0533", "node_0.1.0.raw", "too big for its slot", "root-a");
    }

    [Fact]
    public void An_output_folder_that_is_a_file()
    {
        File.WriteAllText(_project[Output], "");
        Refused(_project.Bake(), 4, OtherFolder, "node_0.1.0.raw");
        File.Delete(_project[Output]);
    }

    [Fact]
    public void An_output_folder_that_is_not_writable()
    {
        Directory.CreateDirectory(_project[Output]);
        Judge.Run("chmod", "555", _project[Output]);
        if (Environment.IsPrivilegedProcess)
        {
            // root may write anywhere but where nobody may
            Refused(_project.Bake(output: "/proc"), 4, OtherFolder, "/proc/node_0.1.0.raw");
        }
        else
        {
            Refuse(4, OtherFolder, "node_0.1.0.raw");
        }
    }

    [Fact]
    public void A_full_disk()
    {
        MakeTheImageBig();
        using SmallFileSystem disk = SmallFileSystem.Mount(1);
        Refused(_project.Bake(output: disk.FullPath), 4, $"Free space there or name {OtherFolder}", "BAKE0532", Path.Combine(disk.FullPath, "node_0.1.0."), "cannot be written");
        Directory.EnumerateFileSystemEntries(disk.FullPath).ShouldBeEmpty();
    }

    [Fact]
    public void A_cache_on_a_full_disk()
    {
        using SmallFileSystem disk = SmallFileSystem.Mount(1);
        string filled = Path.Combine(disk.FullPath, "cache");
        SampleProject.CopyFolder(_project["cache"], filled);
        using (FileStream rest = File.Create(Path.Combine(disk.FullPath, "rest")))
        {
            Should.Throw<IOException>(() =>
            {
                while (true)
                {
                    rest.Write(new byte[4096]);
                    rest.Flush();
                }
            });
        }

        Refused(_project.Bake(cache: filled), 4, "Free some space or name another folder with --cache.", "BAKE0334", filled, "The cache cannot be written");
        Directory.EnumerateFiles(filled, "*partial*", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact]
    public void An_unknown_key_in_the_plan()
    {
        _project.EditPlan(text => text + "colour: red\n");
        Refuse(2, "outputs, signing, trust.", "BAKE0001", "image.yaml:16:1", "The key 'colour' is unknown. Known here: packages, name, ");
    }

    [Fact]
    public void An_unknown_key_in_a_role()
    {
        File.AppendAllText(_project["roles/etcd.yaml"], "colour: red\n");
        string place = $"roles/etcd.yaml:{File.ReadAllLines(_project["roles/etcd.yaml"]).Length}:1";
        Refuse(2, "Known here: role, dns, aliases, components, containerImages, secrets, minimum, ports, data, services.", "BAKE0001", place, "The key 'colour' is unknown.");
    }

    [Fact]
    public void A_plan_that_is_not_there()
    {
        File.Delete(_project["image.yaml"]);
        Refuse(2, "Name an image.yaml with --plan.", "BAKE0201", "image.yaml");
    }

    [Fact]
    public void A_missing_lock()
    {
        File.Delete(_project["image.lock.json"]);
        Refuse(2, "Run 'baker lock' first.", "BAKE0301", "image.lock.json");
    }

    [Fact]
    public void A_lock_that_answers_another_plan()
    {
        _project.EditPlan(text => text.Replace("packages: [", "packages: [vim, ", StringComparison.Ordinal));
        Refuse(2, LockAnew, "BAKE0302", "image.lock.json");
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData(" 1700000000")]
    [InlineData("1e9")]
    [InlineData("99999999999")]
    public void A_malformed_source_date(string value) =>
        Refused(_project.Bake(new Dictionary<string, string> { ["SOURCE_DATE_EPOCH"] = value }), 2, "Unset it, or set it to a whole number such as 1700000000.", "BAKE0340", "SOURCE_DATE_EPOCH", $"'{value}'");

    [Fact]
    public void A_missing_bootstrapper()
    {
        File.Delete(_project["bootstrapper"]);
        Refuse(2, "Publish src/Bootstrapper first, or run ./build.sh.", "BAKE0403", "bootstrapper is missing");
    }

    [Fact]
    public void A_missing_init()
    {
        File.Delete(_project["roles/initramfs/init"]);
        Refuse(2, "Point 'roles:' of image.yaml to a folder that holds initramfs/init.", "BAKE0404", "initramfs/init", "missing");
    }

    [Theory]
    [InlineData("Package: extra", "Package: other", "other 1:2.0-3+b1 amd64")]
    [InlineData("Version: 1:2.0-3+b1", "Version: 1:2.0-2", "extra 1:2.0-2 amd64")]
    [InlineData("Architecture: amd64", "Architecture: all", "extra 1:2.0-3+b1 all")]
    public void Another_genuine_package_than_the_one_that_the_lock_names(string field, string other, string itself)
    {
        string control = SampleImage.Package(SampleProject.Extra, _ => { }).Package.ControlText.Replace(field, other, StringComparison.Ordinal);
        _project.ReplaceExtra(SampleDeb.Of(control, "data.tar.gz", SampleDeb.Gzip([.. TarBytes.Entry("usr/lib/note", content: "x"), .. TarBytes.End])));
        Refuse(2, "'baker lock' makes it anew from what is signed.", "BAKE0353", $"The lock calls it extra 1:2.0-3+b1 amd64; it calls itself {itself}.");
    }

    [Fact]
    public void A_package_damaged_in_the_cache_that_cannot_be_fetched_again()
    {
        string path = _project.CachedFileOf(SampleProject.Extra);
        byte[] deb = File.ReadAllBytes(path);
        deb[^20] ^= 1;
        File.WriteAllBytes(path, deb);
        Refuse(3, "Check the network, or name a mirror with --mirror.", "BAKE0330", path, "damaged in the cache");
    }

    [Fact]
    public void A_package_tampered_with_on_the_mirror()
    {
        using FaultyServer server = new();
        string path = _project.CachedFileOf(SampleProject.Extra);
        byte[] deb = File.ReadAllBytes(path);
        File.Delete(path);
        deb[^20] ^= 1;
        server.Files[_project.ArchivePathOf(SampleProject.Extra)] = deb;
        Refused(
            _project.Bake(mirror: server.Address), 3, "Use another mirror (--mirror); tell who runs this one.",
            "BAKE0331", "extra_2.0-3+b1_amd64.deb", server.Address, Digest.Sha256(deb).ToString(), Path.GetFileName(path));
        Directory.Exists(_project[Output]).ShouldBeFalse();
        File.Exists(path).ShouldBeFalse();
        Directory.EnumerateFiles(_project["cache/partial"]).Sum(file => new FileInfo(file).Length).ShouldBe(0);
    }

    [Theory]
    [InlineData("node_0.1.0.raw")]
    [InlineData("node_0.1.0.manifest.json")]
    [InlineData("node_0.1.0.spdx.json")]
    public void An_output_whose_name_is_taken_leaves_the_older_set_as_it_was(string taken)
    {
        JudgeResult first = _project.Bake();
        first.ExitCode.ShouldBe(0, first.Error);
        File.Delete(_project[$"out/{taken}"]);
        Directory.CreateDirectory(_project[$"out/{taken}/in-the-way"]);
        Dictionary<string, byte[]> before = FilesOf(Output);
        Refused(_project.Bake(new Dictionary<string, string> { ["SOURCE_DATE_EPOCH"] = "1750086400" }), 4, OtherFolder, "BAKE0532", taken);
        Dictionary<string, byte[]> after = FilesOf(Output);
        after.Keys.Order(StringComparer.Ordinal).ShouldBe(before.Keys.Order(StringComparer.Ordinal));
        foreach ((string name, byte[] bytes) in before)
        {
            after[name].AsSpan().SequenceEqual(bytes).ShouldBeTrue(name);
        }
    }

    [Fact]
    public void A_full_disk_leaves_the_older_set_as_it_was()
    {
        MakeTheImageBig();
        using SmallFileSystem disk = SmallFileSystem.Mount(1);
        string[] names = ["node_0.1.0.manifest.json", "node_0.1.0.raw", "node_0.1.0.spdx.json"];
        foreach (string name in names)
        {
            File.WriteAllText(Path.Combine(disk.FullPath, name), "older");
        }

        Refused(_project.Bake(output: disk.FullPath), 4, $"Free space there or name {OtherFolder}", "BAKE0532", Path.Combine(disk.FullPath, "node_0.1.0."), "cannot be written");
        Directory.EnumerateFileSystemEntries(disk.FullPath).Select(Path.GetFileName).Order(StringComparer.Ordinal).ShouldBe(names);
        names.ShouldAllBe(name => File.ReadAllText(Path.Combine(disk.FullPath, name)) == "older");
    }

    [Fact]
    public void Two_packages_that_bring_one_file_with_different_contents()
    {
        _project.ReplaceExtra(SampleDeb.Of(SampleImage.Package(SampleProject.Extra, tree => tree.AddText("usr/lib/os-release", "ID=other\n"))));
        Refuse(
            2, "Name the winner under 'winners:' in roles/common/common.yaml, or remove one of the packages from image.yaml.",
            "BAKE0408", "/usr/lib/os-release", "'base-files'", "'extra'");
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("./usr/../../etc/passwd")]
    [InlineData("usr/..")]
    public void A_path_that_leads_out_of_the_package(string path)
    {
        _project.ReplaceExtra(SampleDeb.Of(Control(), "data.tar.gz", SampleDeb.Gzip([.. TarBytes.Entry(path, content: "x"), .. TarBytes.End])));
        Refuse(2, FileAnew, "BAKE0002", "extra_2.0-3+b1_amd64.deb/data.tar.gz", path);
    }

    [Fact]
    public void A_hard_link_that_leads_out_of_the_package()
    {
        _project.ReplaceExtra(SampleDeb.Of(Control(), "data.tar.gz", SampleDeb.Gzip([.. TarBytes.Entry("usr/x", '1', link: "../../etc/shadow"), .. TarBytes.End])));
        Refuse(2, FileAnew, "BAKE0002", "extra_2.0-3+b1_amd64.deb/data.tar.gz", "../../etc/shadow");
    }

    [Fact]
    public void A_truncated_xz()
    {
        string tar = _project["data.tar"];
        File.WriteAllBytes(tar, [.. TarBytes.Entry("usr/x", content: new string('x', 50_000)), .. TarBytes.End]);
        Judge.Run("xz", tar);
        byte[] whole = File.ReadAllBytes($"{tar}.xz");
        _project.ReplaceExtra(SampleDeb.Of(Control(), "data.tar.xz", whole[..^30]));
        Refuse(2, FileAnew, "BAKE0002", "extra_2.0-3+b1_amd64.deb/data.tar.xz");
    }

    [Fact]
    public void Wrong_usage()
    {
        JudgeResult result = Judge.Try("dotnet", Path.Combine(AppContext.BaseDirectory, "baker.dll"), "bake", "--out", "elsewhere");
        result.ExitCode.ShouldBe(2);
        result.Error.ShouldContain("--bootstrapper");
    }

    [Fact]
    public void An_older_image_stays_when_the_next_bake_is_refused()
    {
        Directory.CreateDirectory(_project[Output]);
        File.WriteAllText(_project.Image, "older");
        _project.ReplaceExtra(Encoding.ASCII.GetBytes("no package"));
        Refused(_project.Bake(), 2, FileAnew, "BAKE0002", "extra_2.0-3+b1_amd64.deb");
        Directory.EnumerateFiles(_project[Output]).ShouldBe([_project.Image]);
        File.ReadAllText(_project.Image).ShouldBe("older");
    }

    public void Dispose() => _project.Dispose();

    private Dictionary<string, byte[]> FilesOf(string folder) =>
        Directory.EnumerateFiles(_project[folder]).ToDictionary(path => Path.GetFileName(path), File.ReadAllBytes);

    /// <summary>More than 3 MiB that cannot be compressed.</summary>
    private void MakeTheImageBig()
    {
        byte[] noise = new byte[3 << 20];
        new Random(1).NextBytes(noise);
        _project.ReplaceExtra(SampleDeb.Of(SampleImage.Package(SampleProject.Extra, tree => tree.AddFile("usr/lib/noise", new MemoryContent(noise)))));
    }

    private static string Control() => SampleImage.Package(SampleProject.Extra, _ => { }).Package.ControlText;

    private void Refuse(int exitCode, string remedy, params string[] said)
    {
        Refused(_project.Bake(new Dictionary<string, string> { ["CI"] = "true" }), exitCode, remedy, said);
        (Directory.Exists(_project[Output]) ? Directory.GetFileSystemEntries(_project[Output]) : []).ShouldBeEmpty();
        Directory.EnumerateFiles(_project["cache"], "*partial-*", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    /// <param name="result">What the bake did.</param>
    /// <param name="exitCode">Whose fault it must say it was.</param>
    /// <param name="remedy">What the line must end with.</param>
    /// <param name="said">What else the line must hold: the place above all.</param>
    private static void Refused(JudgeResult result, int exitCode, string remedy, params string[] said)
    {
        result.ExitCode.ShouldBe(exitCode, result.Output + result.Error);
        string line = result.Error.TrimEnd('\n').Split('\n').ShouldHaveSingleItem();
        line.ShouldMatch("^baker: BAKE[0-9]{4}  [^ ].+$");
        line.ShouldEndWith(remedy);
        foreach (string part in said)
        {
            result.Error.ShouldContain(part);
        }
    }
}
