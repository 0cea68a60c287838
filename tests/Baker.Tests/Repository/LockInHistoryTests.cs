using Images.Baker.Caching;
using Images.Baker.Locking;
using Images.Baker.Plan;
using Images.Baker.Restoring;
using Images.Baker.Tests.Sources;
using Images.TestSupport;

namespace Images.Baker.Tests.Repository;

/// <summary>
/// Nobody can judge the digests of a lock by eye, so a change of it is derived once more from what is signed, strictly. A lock that did not
/// change costs two calls of git.
/// </summary>
[Collection(SigningCollection.Name)]
public sealed class LockInHistoryTests(SigningHome home) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_this_checkout_changes_in_the_lock_is_signed()
    {
        LockInHistory history = LockInHistory.Of(Checkout.Folder);
        if (history.IsChanged)
        {
            string? before = history.Before is null ? null : Write("before.json", history.Before);
            LockReport report = await CheckAsync(before is null ? null : ImageLockFile.Read(before));
            report.UncheckedCount.ShouldBe(0, $"a changed package must be checked: use a mirror that has its index, or 'baker lock'\n{string.Join('\n', report.Lines)}");
        }
        else if (!history.IsKnown && Environment.GetEnvironmentVariable("CI") == "true")
        {
            await CheckAsync(before: null); // what can be had of it, for nobody knows what changed
        }
    }

    [Fact]
    public void A_commit_that_moves_one_package_back_is_refused_and_one_beside_it_is_not_looked_at()
    {
        using FakeArchive archive = new(home);
        archive.Add("app", "1.0");
        archive.Publish();
        archive.LockByCommand(_folder.FullPath, "app").ExitCode.ShouldBe(0);
        Git("init", "--quiet", "--initial-branch", "main");
        File.WriteAllText(_folder[".gitignore"], "before.json\n");
        Commit("lock");
        LockInHistory.Of(_folder.FullPath).IsKnown.ShouldBeFalse("one commit has none before it");

        File.WriteAllText(_folder["readme"], "words\n");
        Commit("words");
        LockInHistory.Of(_folder.FullPath).IsChanged.ShouldBeFalse();

        string path = _folder["image.lock.json"];
        ImageLock made = ImageLockFile.Read(path);
        LockedPackage app = made.Packages.Single(package => package.Name == "app");
        ImageLockFile.Write(path, made with { Packages = made.Packages.Replace(app, app with { Version = "0.9", Path = "pool/main/app/app_0.9_amd64.deb" }) });
        LockInHistory.Of(_folder.FullPath).IsChanged.ShouldBeTrue("it counts before it is committed");
        Commit("back");
        LockInHistory history = LockInHistory.Of(_folder.FullPath);
        history.IsChanged.ShouldBeTrue();
        Write("before.json", history.Before!);

        JudgeResult refused = archive.LockCommand(_folder.FullPath, "--check", "--strict", "--changed-from", _folder["before.json"]);
        refused.ExitCode.ShouldBe(2);
        refused.Error.ShouldContain("BAKE0351");
        refused.Error.ShouldContain("It pins what no signed index names: app 0.9");

        File.AppendAllText(_folder["readme"], "more words\n");
        Commit("more words");
        LockInHistory.Of(_folder.FullPath).IsChanged.ShouldBeFalse("that was the commit before");
    }

    [Fact]
    public void On_a_branch_everything_since_it_left_main_counts()
    {
        Git("init", "--quiet", "--initial-branch", "main");
        File.WriteAllText(_folder["image.lock.json"], "{ \"format\": 1 }\n");
        Commit("lock");
        Git("checkout", "--quiet", "-b", "work");
        File.WriteAllText(_folder["image.lock.json"], "{ \"format\": 2 }\n");
        Commit("another lock");
        File.WriteAllText(_folder["readme"], "words\n");
        Commit("words");
        LockInHistory history = LockInHistory.Of(_folder.FullPath);
        history.IsChanged.ShouldBeTrue();
        history.Before.ShouldBe("{ \"format\": 1 }\n");

        Git("checkout", "--quiet", "main");
        Git("merge", "--quiet", "--ff-only", "work");
        LockInHistory.Of(_folder.FullPath).IsChanged.ShouldBeFalse("on main only the last commit is asked about");
    }

    [Fact]
    public void A_folder_below_another_repository_is_no_checkout()
    {
        Git("init", "--quiet");
        LockInHistory.Of(Directory.CreateDirectory(_folder["inner"]).FullName).IsKnown.ShouldBeFalse();
    }

    private static async Task<LockReport> CheckAsync(ImageLock? before)
    {
        string lockPath = Path.Combine(Checkout.Folder, "image.lock.json");
        using Restorer restorer = new(new RestoreOptions
        {
            CacheFolder = CacheFolder.Choose(null, Environment.GetEnvironmentVariable),
            Clock = TimeProvider.System,
        });
        return await restorer.LockChecker.CheckAsync(
            ImagePlanReader.ReadFile(Path.Combine(Checkout.Folder, "image.yaml")), ImageLockFile.Read(lockPath), lockPath, before, _ => { },
            CancellationToken.None);
    }

    private void Commit(string message)
    {
        Git("add", "--all");
        Git("-c", "user.name=Nobody", "-c", "user.email=nobody@example.org", "-c", "commit.gpgsign=false", "commit", "--quiet", "--message", message);
    }

    private void Git(params string[] arguments) => Judge.Run("git", ["-C", _folder.FullPath, .. arguments]);

    private string Write(string name, string text)
    {
        File.WriteAllText(_folder[name], text);
        return _folder[name];
    }
}
