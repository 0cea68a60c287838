using Images.TestSupport;

namespace Images.Baker.Tests.Refusals;

/// <summary>What <c>baker seed</c> refuses, asked of the program itself.</summary>
public sealed class SeedRefusalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("BAKE0802", "--size", "--role", "etcd")]
    [InlineData("BAKE0802", "--size", "--role", "etcd", "--size", "2")]
    [InlineData("BAKE0801", "'etdc'", "--role", "etdc", "--size", "3")]
    public void A_bad_order_writes_nothing(string code, string said, params string[] order)
    {
        Refused(Seed(order), code, said);
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
        Unchanged(() => Refused(Seed(["--role", "master"], cluster: "other"), "BAKE0803", "seeds", "'demo'"));
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

        Unchanged(() => Refused(Seed("--role", "master"), "BAKE0804", missing, "backup"));
    }

    [Fact]
    public void A_full_disk_leaves_nothing_half_written()
    {
        using SmallFileSystem disk = SmallFileSystem.Mount(1);
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

        JudgeResult result = Seed(["--role", "etcd", "--size", "3"], output: Path.Combine(disk.FullPath, "seeds"));
        result.ExitCode.ShouldBe(4, result.Output + result.Error);
        result.Error.TrimEnd('\n').Split('\n').ShouldHaveSingleItem().ShouldStartWith("baker: BAKE0805  ");
        Directory.EnumerateFiles(disk.FullPath, "*", SearchOption.AllDirectories).Select(Path.GetFileName).ShouldBe(["rest"]);
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

    private Dictionary<string, string> Files() =>
        Directory.EnumerateFiles(_folder["seeds"], "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToDictionary(path => path, path => Digest.Sha256(File.ReadAllBytes(path)).Hex);

    private JudgeResult Seed(params string[] order) => Seed(order, "demo");

    private JudgeResult Seed(string[] order, string cluster = "demo", string? output = null) =>
        Judge.Try("dotnet", [Path.Combine(AppContext.BaseDirectory, "baker.dll"), "seed", "--cluster", cluster, "--out", output ?? _folder["seeds"], .. order]);

    private static void Refused(JudgeResult result, params string[] said)
    {
        result.ExitCode.ShouldBe(2, result.Output + result.Error);
        result.Error.TrimEnd('\n').Split('\n').ShouldHaveSingleItem().ShouldMatch("^baker: BAKE[0-9]{4}  [^ ].+$");
        foreach (string part in said)
        {
            result.Error.ShouldContain(part);
        }
    }
}
