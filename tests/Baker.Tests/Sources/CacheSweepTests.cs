using Images.Baker.Caching;
using Images.Baker.Tests.Cli;
using Images.TestSupport;

namespace Images.Baker.Tests.Sources;

public sealed class CacheSweepTests : IDisposable
{
    private static readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _notices = [];

    [Fact]
    public void What_killed_commands_left_half_written_goes_when_the_next_one_starts()
    {
        string[] left = [Put("layers/a.layer.partial-0"), Put("layers/a.layer.partial-7"), Put("derived/control-a.0.partial")];
        string[] kept = [Put("layers/a.layer"), Put("derived/control-a"), Put("partial/abc"), Put("partial/abc.from"), Put("other/b.partial")];
        CacheLease.Take(Cache).Dispose();
        left.ShouldAllBe(path => !File.Exists(path));
        kept.ShouldAllBe(path => File.Exists(path));
    }

    [Fact]
    public void What_another_command_is_writing_stays()
    {
        using CacheLease other = CacheLease.Take(Cache);
        string path = Put("layers/a.layer.partial-0");
        using CacheLease mine = CacheLease.Take(Cache);
        File.Exists(path).ShouldBeTrue();
    }

    [Fact]
    public void What_a_baker_without_a_lease_is_writing_stays()
    {
        string layer = Put("layers/a.layer.partial-0"), result = Put("derived/control-a.0.partial");
        using (new FileStream(layer, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        using (new FileStream(result, FileMode.Open, FileAccess.Write))
        {
            CacheLease.Take(Cache).Dispose();
            (File.Exists(layer), File.Exists(result)).ShouldBe((true, true));
        }

        CacheLease.Take(Cache).Dispose();
        (File.Exists(layer), File.Exists(result)).ShouldBe((false, false));
    }

    [Fact]
    public void What_was_not_used_for_long_goes_and_what_was_used_stays()
    {
        string[] old = [Put("sha256/a", days: 31), Put("layers/a.layer", days: 31), Put("derived/a", days: 40), Put("partial/a", days: 8), Put("partial/a.from", days: 8)];
        string[] used = [Put("sha256/b", days: 29), Put("layers/b.layer", days: 1), Put("derived/b"), Put("partial/b", days: 6), Put("other/c", days: 400)];
        Sweep(new CacheLimits());
        old.ShouldAllBe(path => !File.Exists(path));
        used.ShouldAllBe(path => File.Exists(path));
        _notices.ShouldHaveSingleItem().ShouldStartWith("3 files of the cache");
    }

    [Fact]
    public void Beyond_the_limit_goes_what_was_used_longest_ago_but_nothing_of_today()
    {
        string today = Put("layers/today.layer", size: 900), recent = Put("sha256/recent", days: 2, size: 500), older = Put("layers/older.layer", days: 3, size: 400), oldest = Put("sha256/oldest", days: 4, size: 100);
        Sweep(new CacheLimits { Bytes = 1500 });
        (File.Exists(today), File.Exists(recent), File.Exists(older), File.Exists(oldest)).ShouldBe((true, true, false, true));
        Sweep(new CacheLimits { Bytes = 100 });
        Directory.EnumerateFiles(Cache, "*", SearchOption.AllDirectories).Where(path => Path.GetFileName(path) != "in-use").ShouldBe([today]);
    }

    [Fact]
    public void Nothing_goes_while_a_command_uses_the_cache()
    {
        string path = Put("layers/a.layer", days: 100);
        using (CacheLease.Take(Cache))
        {
            Sweep(new CacheLimits());
            File.Exists(path).ShouldBeTrue();
        }

        Sweep(new CacheLimits());
        File.Exists(path).ShouldBeFalse();
    }

    [Fact]
    public void A_bake_looks_through_the_cache_once_a_day()
    {
        Put("layers/today.layer");
        CacheSweep.RunDaily(Cache, new CacheLimits(), TimeProvider.System, _notices.Add);
        string path = Put("layers/a.layer", days: 100);
        CacheSweep.RunDaily(Cache, new CacheLimits(), TimeProvider.System, _notices.Add);
        File.Exists(path).ShouldBeTrue();
        string stamp = Directory.EnumerateFiles(Cache, "tidied-up").ShouldHaveSingleItem();
        File.SetLastWriteTimeUtc(stamp, File.GetLastWriteTimeUtc(stamp).AddDays(-1));
        CacheSweep.RunDaily(Cache, new CacheLimits(), TimeProvider.System, _notices.Add);
        File.Exists(path).ShouldBeFalse();
    }

    [Fact]
    public void Using_a_file_keeps_it()
    {
        string path = Put("sha256/a", days: 31);
        CacheFolder.MarkUsed(path, TimeProvider.System);
        Sweep(new CacheLimits());
        File.Exists(path).ShouldBeTrue();
    }

    [Fact]
    public async Task A_bake_loses_nothing_to_somebody_who_tidies_up_meanwhile()
    {
        using SampleProject project = new();
        Task<JudgeResult> bake = Task.Run(() => project.Bake());
        while (!Directory.Exists(project["cache/layers"]) && !bake.IsCompleted)
        {
            await Task.Delay(1);
        }

        // from here on the bake reads packages and layers that this would remove
        while (!bake.IsCompleted)
        {
            CacheSweep.Run(project["cache"], new CacheLimits { UnusedFor = TimeSpan.Zero, KeptFor = TimeSpan.Zero }, TimeProvider.System, _ => { });
            await Task.Delay(1);
        }

        JudgeResult made = await bake;
        made.ExitCode.ShouldBe(0, made.Output + made.Error);
        CacheSweep.Run(project["cache"], new CacheLimits { UnusedFor = TimeSpan.Zero, KeptFor = TimeSpan.Zero }, TimeProvider.System, _notices.Add);
        Directory.EnumerateFiles(project["cache/layers"]).ShouldBeEmpty();
    }

    [Fact]
    public void A_bake_removes_what_others_left_and_keeps_what_it_used_itself()
    {
        using SampleProject project = new();
        foreach (string used in Directory.EnumerateFiles(project["cache/sha256"]))
        {
            File.SetLastWriteTimeUtc(used, _now.UtcDateTime.AddDays(-100));
        }

        string stale = project["cache/sha256/stale"];
        File.WriteAllText(stale, "x");
        File.SetLastWriteTimeUtc(stale, _now.UtcDateTime.AddDays(-100));
        JudgeResult made = project.Bake();
        made.ExitCode.ShouldBe(0, made.Output + made.Error);
        File.Exists(stale).ShouldBeFalse();
        made.Output.ShouldContain("notice: 1 files of the cache");
        JudgeResult again = project.Bake(output: "again");
        again.ExitCode.ShouldBe(0, again.Output + again.Error);
    }

    public void Dispose() => _folder.Dispose();

    private string Cache => _folder["cache"];

    private void Sweep(CacheLimits limits) => CacheSweep.Run(Cache, limits, TimeProvider.System, _notices.Add);

    private string Put(string name, int days = 0, int size = 10)
    {
        string path = _folder[$"cache/{name}"];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, new byte[size]);
        File.SetLastWriteTimeUtc(path, _now.UtcDateTime.AddDays(-days));
        return path;
    }
}
