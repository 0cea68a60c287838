using Images.Baker.Debian.Archive;
using Images.Baker.Locking;
using Images.Baker.Plan;
using Images.Baker.Restoring;
using Images.Formats;
using Images.TestSupport;

namespace Images.Baker.Tests.Sources;

/// <summary>Whether a lock says what is signed: asked again later, of texts beside it and of indexes by their digest.</summary>
[Collection(SigningCollection.Name)]
public sealed class LockCheckTests(SigningHome home) : IDisposable
{
    private readonly FakeArchive _archive = new(home);
    private readonly TemporaryFolder _folder = new();

    private string LockPath => _folder["image.lock.json"];

    public void Dispose()
    {
        _archive.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_lock_as_it_was_made_is_right_and_asks_nobody_where_the_cache_holds_the_indexes()
    {
        ImageLock made = await MakeAsync();
        Directory.GetFiles(ReleaseTexts.FolderOf(LockPath)).Select(Path.GetFileName).ShouldBe([ReleaseTexts.NameOf(made.Releases[0])]);
        int requests = _archive.Server.Requests.Count;
        (await CheckAsync(made)).Lines.ShouldBe(["4 of 4 pinned files stand in an index that a pinned key signed."]);
        _archive.Server.Requests.Count.ShouldBe(requests);
    }

    [Fact]
    public async Task Indexes_that_the_mirror_has_replaced_are_had_by_their_digest()
    {
        ImageLock made = await MakeAsync("Acquire-By-Hash: yes\n");
        byte[] index = _archive.Server.Files[FakeArchive.Index];
        MoveOn();
        _archive.Server.Files[$"debian/dists/test/main/binary-amd64/by-hash/SHA256/{made.Releases[0].Indexes[0].Digest.Hex}"] = index;
        ForgetDownloads();
        (await CheckAsync(made)).UncheckedCount.ShouldBe(0);
        _archive.Server.Requests.ShouldNotContain("GET /debian/dists/test/InRelease", "its text lies beside the lock");
    }

    [Fact]
    public async Task Indexes_and_texts_that_no_mirror_has_are_had_from_the_snapshot_of_the_release()
    {
        ImageLock made = await MakeAsync();
        foreach (string path in (string[])[FakeArchive.Index, FakeArchive.InRelease])
        {
            _archive.Server.Files["archive/debian/20260912T195541Z" + path["debian".Length..]] = _archive.Server.Files[path];
        }

        MoveOn();
        ForgetDownloads();
        Directory.Delete(ReleaseTexts.FolderOf(LockPath), recursive: true);
        (await CheckAsync(made, snapshots: true)).UncheckedCount.ShouldBe(0);
    }

    [Fact]
    public async Task What_cannot_be_had_is_counted_and_named_and_nothing_is_refused()
    {
        ImageLock made = await MakeAsync("Acquire-By-Hash: yes\n");
        MoveOn();
        ForgetDownloads();
        string[] packages = ["app 1.0", "base 1.0", "bootloader 1.0", "busybox-static 1.0"];
        LockReport report = await CheckAsync(made);
        report.Checked.ShouldBe(0);
        report.Unchecked.ShouldHaveSingleItem().Value.ShouldBe(packages);
        report.Lines.Last().ShouldStartWith("not checked, 4: no mirror has the indexes of test of 2026-09-12 07:55:41Z any more: app 1.0, ");

        Directory.Delete(ReleaseTexts.FolderOf(LockPath), recursive: true);
        (await CheckAsync(made)).Unchecked.ShouldHaveSingleItem().Key.ShouldStartWith("the InRelease of test of 2026-09-12 07:55:41Z is not beside the lock");
    }

    [Fact]
    public async Task A_package_that_was_moved_back_to_an_older_genuine_one_is_named()
    {
        ImageLock made = await MakeAsync();
        LockedPackage app = made.Packages.Single(package => package.Name == "app");
        LockedPackage older = app with { Version = "0.9", Path = "pool/main/app/app_0.9_amd64.deb", Digest = Digest.Sha256("older"u8) };
        BakeException error = await RefusedAsync(made with { Packages = made.Packages.Replace(app, older) });
        error.Message.ShouldStartWith($"BAKE0351  {LockPath}  It pins what no signed index names: app 0.9 (pool/main/app/app_0.9_amd64.deb, {app.Size} bytes, {older.Digest}) of test; it has 1.0.");
    }

    [Fact]
    public async Task A_package_of_other_bytes_is_named_with_those_that_are_signed()
    {
        ImageLock made = await MakeAsync();
        LockedPackage app = made.Packages.Single(package => package.Name == "app");
        BakeException error = await RefusedAsync(made with { Packages = made.Packages.Replace(app, app with { Digest = Digest.Sha256("other"u8) }) });
        error.Message.ShouldContain($"of test; it has {app.Path}, {app.Size} bytes, {app.Digest}.");
    }

    [Fact]
    public async Task An_index_of_another_digest_is_refused()
    {
        ImageLock made = await MakeAsync();
        LockedRelease release = made.Releases[0];
        LockedIndex index = release.Indexes[0] with { Digest = Digest.Sha256("other"u8) };
        (await RefusedAsync(made with { Releases = [release with { Indexes = [index] }] })).Code.ShouldBe("BAKE0350");
    }

    [Theory]
    [InlineData("2026-09-13T07:55:41Z", true)]
    [InlineData("2026-09-12T07:55:41Z", false)]
    public async Task A_release_of_another_day_or_key_than_the_lock_says_is_refused(string date, bool sameKey)
    {
        ImageLock made = await MakeAsync();
        LockedRelease release = made.Releases[0] with
        {
            Date = DateTimeOffset.Parse(date, System.Globalization.CultureInfo.InvariantCulture),
            SignedBy = sameKey ? made.Releases[0].SignedBy : ["04B54C3CDCA79751B16BC6B5225629DF75B188BD"],
        };
        (await RefusedAsync(made with { Releases = [release] })).Code.ShouldBe("BAKE0350");
    }

    [Fact]
    public async Task A_text_beside_the_lock_that_somebody_changed_is_refused()
    {
        ImageLock made = await MakeAsync();
        File.AppendAllText(Path.Combine(ReleaseTexts.FolderOf(LockPath), ReleaseTexts.NameOf(made.Releases[0])), "\n");
        (await RefusedAsync(made)).Message.ShouldContain("It is not the text that the lock pins");
    }

    [Fact]
    public async Task A_text_that_a_stranger_signed_is_refused_though_the_lock_pins_it()
    {
        ImageLock made = await MakeAsync();
        byte[] forged = home.ClearSign("Suite: test\nCodename: test\nDate: Sat, 12 Sep 2026 07:55:41 UTC\nSHA256:\n", "stranger");
        LockedRelease release = made.Releases[0] with { InRelease = Digest.Sha256(forged) };
        File.WriteAllBytes(Path.Combine(ReleaseTexts.FolderOf(LockPath), ReleaseTexts.NameOf(release)), forged);
        (await RefusedAsync(made with { Releases = [release] })).Code.ShouldBe("BAKE0320");
    }

    [Fact]
    public async Task A_package_of_a_suite_without_a_release_is_refused()
    {
        ImageLock made = await MakeAsync();
        (await RefusedAsync(made with { Packages = [made.Packages[0] with { Suite = "elsewhere" }, .. made.Packages[1..]] })).Code.ShouldBe("BAKE0350");
    }

    [Fact]
    public async Task What_an_older_lock_pins_as_well_is_left_out()
    {
        ImageLock made = await MakeAsync();
        ImageLock before = made with { Packages = [.. made.Packages.Where(package => package.Name != "app")] };
        (await CheckAsync(made, before)).Checked.ShouldBe(1);
    }

    [Fact]
    public async Task The_command_writes_the_texts_checks_them_and_refuses_strictly()
    {
        _archive.Publish(extra: "Acquire-By-Hash: yes\n");
        _archive.LockByCommand(_folder.FullPath, "base").ExitCode.ShouldBe(0);
        byte[] written = File.ReadAllBytes(LockPath);
        string stale = Path.Combine(ReleaseTexts.FolderOf(LockPath), "debian_test_0.InRelease");
        File.WriteAllText(stale, "of an earlier lock");

        JudgeResult good = _archive.LockCommand(_folder.FullPath, "--check", "--strict");
        good.ExitCode.ShouldBe(0, good.Error);
        good.Output.ShouldContain("3 of 3 pinned files stand in an index that a pinned key signed.");

        MoveOn();
        ForgetDownloads();
        _archive.LockCommand(_folder.FullPath, "--check").ExitCode.ShouldBe(0);
        JudgeResult strict = _archive.LockCommand(_folder.FullPath, "--check", "--strict");
        strict.ExitCode.ShouldBe(3);
        strict.Error.ShouldContain("BAKE0352");
        File.ReadAllBytes(LockPath).ShouldBe(written, "nothing was written");

        _archive.LockByCommand(_folder.FullPath, "base").ExitCode.ShouldBe(0);
        File.Exists(stale).ShouldBeFalse();
        Directory.GetFiles(ReleaseTexts.FolderOf(LockPath)).ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("--strict")]
    [InlineData("--changed-from", "image.lock.json")]
    [InlineData("--check", "--outdated")]
    public void Options_that_do_not_go_together_are_refused(params string[] options)
    {
        JudgeResult refused = _archive.LockCommand(_folder.FullPath, options);
        refused.ExitCode.ShouldBe(2);
        refused.Error.ShouldContain("--check");
    }

    [Fact]
    public async Task Outdated_packages_are_named_those_of_security_first()
    {
        _archive.Add("lib", "1.0");
        _archive.Add("same", "1.0");
        ImageLock made = await MakeAsync(packages: ["app", "lib", "same"]);
        _archive.Add("app", "1.1");
        _archive.Add("base", "1.0.1", "Essential: yes");
        _archive.Add("lib", "1.0+deb13u1");
        _archive.Publish("Sun, 13 Sep 2026 07:55:41 UTC");
        ArchivePackage[] security = [Offered("lib", "1.0+deb13u1"), Offered("same", "1.0")];
        ImagePlan plan = _archive.Plan("app", "lib", "same");

        using Restorer session = _archive.Session();
        ImageLock now = await session.LockAsync(plan, made, "image.yaml", _archive.Notices.Add, CancellationToken.None);
        OutdatedPackages.Describe(made, now, security).ShouldBe(
        [
            "security  lib 1.0 -> 1.0+deb13u1 (test)",
            "          app 1.0 -> 1.1 (test)",
            "          base 1.0 -> 1.0.1 (test)",
            "3 of 6 packages are outdated, 1 of them by security updates.",
        ]);
        (await session.FindOutdatedAsync(plan, made, "image.yaml", _archive.Notices.Add, CancellationToken.None)).Count().ShouldBe(4);
    }

    private static ArchivePackage Offered(string name, string version) => new()
    {
        Name = name,
        Version = Debian.Packages.DebVersion.Parse(version),
        Architecture = "amd64",
        Archive = "debian-security",
        Suite = "test-security",
        Path = "pool/x",
        Size = 1,
        Digest = Digest.Sha256([]),
        IsEssential = false,
        NotAutomatic = false,
        DependsField = "",
        ProvidesField = "",
        ConflictsField = "",
    };

    private async Task<ImageLock> MakeAsync(string extra = "", params string[] packages)
    {
        _archive.Add("app", "1.0");
        _archive.Publish(extra: extra);
        using Restorer session = _archive.Session();
        ImageLock made = await session.LockAsync(
            _archive.Plan(packages is [] ? ["app"] : packages), null, "image.yaml", _archive.Notices.Add, CancellationToken.None);
        ReleaseTexts.Write(LockPath, made, session.Cache);
        return made;
    }

    private void MoveOn()
    {
        _archive.Add("later", "1.0");
        _archive.Publish("Sun, 13 Sep 2026 07:55:41 UTC", "Acquire-By-Hash: yes\n");
    }

    private void ForgetDownloads() => Directory.Delete(Path.Combine(_archive.CacheFolder, "sha256"), recursive: true);

    private async Task<LockReport> CheckAsync(ImageLock imageLock, ImageLock? before = null, bool snapshots = false)
    {
        using Restorer session = _archive.Session(options => options with
        {
            Snapshots = snapshots ? new SnapshotArchive(new Uri(_archive.Server.Address + "archive/")) : null,
        });
        return await session.LockChecker.CheckAsync(
            _archive.Plan("app"), imageLock, LockPath, before, _archive.Notices.Add, CancellationToken.None);
    }

    private Task<BakeException> RefusedAsync(ImageLock imageLock) =>
        Should.ThrowAsync<BakeException>(() => CheckAsync(imageLock));
}
