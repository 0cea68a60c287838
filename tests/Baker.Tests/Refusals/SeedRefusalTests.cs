using Images.Formats;
using Images.TestSupport;

namespace Images.Baker.Tests.Refusals;

/// <summary>What <c>baker seed</c> refuses, asked of the program itself.</summary>
public sealed class SeedRefusalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("BAKE0802", "--size", "Give 1, 3, 5, 7 or 9.", "--role", "etcd")]
    [InlineData("BAKE0802", "--size", "Give 1, 3, 5, 7 or 9.", "--role", "etcd", "--size", "2")]
    [InlineData("BAKE0801", "'etdc'", "several with commas.", "--role", "etdc", "--size", "3")]
    public void A_bad_order_writes_nothing(string code, string said, string remedy, params string[] order)
    {
        Refused(Seed(order), remedy, code, said);
        Directory.Exists(_folder["seeds"]).ShouldBeFalse();
    }

    [Fact]
    public void A_missing_role_is_wrong_usage()
    {
        JudgeResult result = Seed("--size", "3");
        result.ExitCode.ShouldBe(2);
        result.Error.ShouldContain("--role");
        Directory.Exists(_folder["seeds"]).ShouldBeFalse();
    }

    [Fact]
    public void The_folder_of_another_cluster()
    {
        MakeCluster();
        Unchanged(() => Refused(Seed(["--role", "master"], cluster: "other"), "Give each cluster a folder of its own with --out.", "BAKE0803", "seeds", "'demo'"));
    }

    [Theory]
    [InlineData("secrets/etcd-peer.key")]
    [InlineData("secrets/cluster.json")]
    [InlineData("secrets")]
    public void An_incomplete_folder(string missing)
    {
        MakeCluster();
        string path = _folder[$"seeds/{missing}"];
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
        else
        {
            File.Delete(path);
        }

        Unchanged(() => Refused(Seed("--role", "master"), "a cluster whose secrets are lost has to be made anew in another folder.", "BAKE0804", missing, "from your backup"));
    }

    [Fact]
    public void A_full_disk_leaves_nothing_half_written()
    {
        // the first file of a new cluster, some key of it, the last of its files, the first of the seed, its ISO
        foreach (int room in (int[])[0, 1, 6, 11, 12, 13, 14, 16])
        {
            using SmallFileSystem disk = SmallFileSystem.Mount(1);
            string seeds = Path.Combine(disk.FullPath, "seeds");
            Fill(disk, room);
            OutOfRoom(disk, Seed(["--role", "etcd", "--size", "3"], output: seeds));
            string.Join(' ', Directory.EnumerateFileSystemEntries(seeds).Select(Path.GetFileName)).ShouldBeOneOf("", "secrets"); // whole, as the next call shows

            File.Delete(Path.Combine(disk.FullPath, "rest"));
            JudgeResult again = Seed(["--role", "etcd", "--size", "3"], output: seeds);
            again.ExitCode.ShouldBe(0, $"with room for {room} blocks at first: {again.Error}");
        }
    }

    [Fact]
    public void A_full_disk_leaves_an_older_seed_as_it_was()
    {
        using SmallFileSystem disk = SmallFileSystem.Mount(1);
        string seeds = Path.Combine(disk.FullPath, "seeds");
        Seed(["--role", "etcd", "--size", "3"], output: seeds).ExitCode.ShouldBe(0);
        Dictionary<string, string> before = Files(seeds);
        Fill(disk, room: 3); // for the texts, and not for the ISO
        OutOfRoom(disk, Seed(["--role", "etcd", "--size", "5"], output: seeds));
        Files(seeds).ShouldBe(before);
    }

    public void Dispose() => _folder.Dispose();

    private void MakeCluster()
    {
        JudgeResult made = Seed("--role", "etcd", "--size", "3");
        made.ExitCode.ShouldBe(0, made.Error);
    }

    private void Unchanged(Action step)
    {
        Dictionary<string, string> before = Files();
        step();
        Files().ShouldBe(before);
    }

    /// <summary>Takes all room but that of some blocks of 4 KiB.</summary>
    private static void Fill(SmallFileSystem disk, int room)
    {
        const int Block = 4096;
        using FileStream rest = new(Path.Combine(disk.FullPath, "rest"), new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 });
        Should.Throw<IOException>(() =>
        {
            while (true)
            {
                rest.Write(new byte[Block]);
            }
        });
        rest.SetLength(rest.Length / Block * Block - (long)room * Block);
    }

    private static void OutOfRoom(SmallFileSystem disk, JudgeResult result)
    {
        result.ExitCode.ShouldBe(4, result.Output + result.Error);
        string line = result.Error.TrimEnd('\n').Split('\n').ShouldHaveSingleItem();
        line.ShouldStartWith($"baker: BAKE0805  {disk.FullPath}");
        line.ShouldEndWith("Choose another folder with --out, or make room.");
    }

    private Dictionary<string, string> Files() => Files(_folder["seeds"]);

    private static Dictionary<string, string> Files(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToDictionary(path => path, path => Digest.Sha256(File.ReadAllBytes(path)).Hex);

    private JudgeResult Seed(params string[] order) => Seed(order, "demo");

    private JudgeResult Seed(string[] order, string cluster = "demo", string? output = null) =>
        Judge.Try("dotnet", [Path.Combine(AppContext.BaseDirectory, "baker.dll"), "seed", "--cluster", cluster, "--out", output ?? _folder["seeds"], .. order]);

    private static void Refused(JudgeResult result, string remedy, params string[] said)
    {
        result.ExitCode.ShouldBe(2, result.Output + result.Error);
        string line = result.Error.TrimEnd('\n').Split('\n').ShouldHaveSingleItem();
        line.ShouldMatch("^baker: BAKE[0-9]{4}  [^ ].+$");
        line.ShouldEndWith(remedy);
        foreach (string part in said)
        {
            result.Error.ShouldContain(part);
        }
    }
}
