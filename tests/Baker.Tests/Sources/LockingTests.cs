using System.Text;
using Images.Baker.Debian.Archive;
using Images.Baker.Locking;
using Images.Baker.Plan;
using Images.Baker.Restoring;
using Images.Formats;
using Images.TestSupport;

namespace Images.Baker.Tests.Sources;

/// <summary>From image.yaml and an archive to a lock, and from a lock to files; each attack and each accident ends in one named error.</summary>
[Collection(SigningCollection.Name)]
public sealed class LockingTests(SigningHome home) : IDisposable
{
    private readonly FakeArchive _archive = new(home);

    public void Dispose() => _archive.Dispose();

    [Fact]
    public async Task A_lock_pins_everything_that_the_plan_asks_for()
    {
        _archive.Add("app", "2.0", "Depends: lib (>= 1.0)");
        _archive.Add("lib", "1.5");
        _archive.Add("unrelated", "1.0");
        _archive.Publish();
        ImagePlan plan = _archive.Plan("app");

        ImageLock made = await _archive.LockAsync(plan);

        made.Packages.Select(package => $"{package.Name} {package.Version} {string.Join('+', package.Uses)}")
            .ShouldBe(["app 2.0 Root", "base 1.0 Root", "bootloader 1.0 Boot", "busybox-static 1.0 Initramfs", "lib 1.5 Root"]);
        made.Releases.ShouldHaveSingleItem().SignedBy.ShouldBe([home.ArchiveFingerprint]);
        made.NewestRelease.ShouldBe(new DateTimeOffset(2026, 9, 12, 7, 55, 41, TimeSpan.Zero));
        made.RequireAnswerTo(plan, "image.lock.json");
        Should.Throw<BakeException>(() => made.RequireAnswerTo(_archive.Plan("lib"), "image.lock.json")).Code.ShouldBe("BAKE0302");
    }

    [Fact]
    public async Task The_same_archive_gives_the_same_lock_byte_for_byte_and_no_host_name()
    {
        _archive.Add("app", "2.0");
        _archive.Publish();
        string[] paths = [Path.Combine(_archive.CacheFolder, "a.json"), Path.Combine(_archive.CacheFolder, "b.json")];
        foreach (string path in paths)
        {
            ImageLockFile.Write(path, await _archive.LockAsync(_archive.Plan("app")));
        }

        File.ReadAllBytes(paths[0]).ShouldBe(File.ReadAllBytes(paths[1]));
        File.ReadAllText(paths[0]).ShouldNotContain("127.0.0.1");
        Directory.EnumerateFiles(_archive.CacheFolder, "*.partial").ShouldBeEmpty();
    }

    [Fact]
    public async Task Packages_of_another_architecture_in_the_index_are_passed_over()
    {
        _archive.Add("app", "1.0");
        _archive.AddOf("arm64", "app", "9.0");
        _archive.AddOf("all", "data", "1.0");
        _archive.Publish();
        ImageLock made = await _archive.LockAsync(_archive.Plan("app", "data"));
        made.Packages.Where(package => package.Name is "app" or "data").Select(package => $"{package.Version} {package.Architecture}").ShouldBe(["1.0 amd64", "1.0 all"]);
    }

    [Fact]
    public async Task Backports_as_a_further_suite_change_nothing_that_was_not_asked_of_them()
    {
        _archive.Add("app", "1.0");
        _archive.Publish();
        _archive.PublishSuite("test-backports", "NotAutomatic: yes\nButAutomaticUpgrades: yes\n", ("app", "2.0~bpo13+1", ""), ("base", "9.0~bpo13+1", "Essential: yes\n"), ("fresh", "3.0", ""));

        ImageLock made = await _archive.LockAsync(_archive.Plan("app", "fresh"));

        made.Packages.Select(package => $"{package.Name} {package.Version} {package.Suite}").ShouldBe(
            ["app 1.0 test", "base 1.0 test", "bootloader 1.0 test", "busybox-static 1.0 test", "fresh 3.0 test-backports"]);
    }

    [Fact]
    public async Task A_mirror_that_keeps_its_indexes_compressed_by_gzip_only_is_read()
    {
        _archive.Compression = "gz";
        _archive.Publish();
        (await _archive.LockAsync(_archive.Plan("base"))).Releases[0].Indexes.ShouldHaveSingleItem().Path.ShouldBe("main/binary-amd64/Packages.gz");
    }

    [Fact]
    public async Task A_mirror_whose_folder_is_not_called_debian_is_taken_as_the_archive()
    {
        _archive.Publish();
        foreach ((string path, byte[] file) in _archive.Server.Files.ToArray())
        {
            _archive.Server.Files["repository/debian-test" + path["debian".Length..]] = file;
            _archive.Server.Files.TryRemove(path, out _);
        }

        using Restorer session = _archive.Session(options => options with { Mirror = _archive.Server.Address + "repository/debian-test" });
        ImageLock made = await session.LockAsync(_archive.Plan("base"), null, "image.yaml", _archive.Notices.Add, CancellationToken.None);
        (await _archive.ObtainAsync(session, _archive.Plan("base"), made)).IsRelocked.ShouldBeFalse();
    }

    [Fact]
    public async Task A_tampered_index_is_refused()
    {
        _archive.Publish();
        _archive.Server.Files[FakeArchive.Index][20] ^= 1;
        (await FailsToLock()).ShouldBe("BAKE0331");
    }

    [Fact]
    public async Task An_unsigned_release_is_refused()
    {
        _archive.Publish();
        string text = Encoding.UTF8.GetString(_archive.Server.Files[FakeArchive.InRelease]);
        int start = text.IndexOf("Suite:", StringComparison.Ordinal);
        _archive.Server.Files[FakeArchive.InRelease] = Encoding.UTF8.GetBytes(text[start..text.IndexOf("-----BEGIN PGP SIGNATURE", StringComparison.Ordinal)]);
        (await FailsToLock()).ShouldBe("BAKE0320");
    }

    [Fact]
    public async Task A_tampered_release_is_refused()
    {
        _archive.Publish();
        string text = Encoding.UTF8.GetString(_archive.Server.Files[FakeArchive.InRelease]);
        _archive.Server.Files[FakeArchive.InRelease] = Encoding.UTF8.GetBytes(text.Replace("2026 07", "2026 08", StringComparison.Ordinal));
        (await FailsToLock()).ShouldBe("BAKE0320");
    }

    [Fact]
    public async Task A_release_signed_by_a_stranger_is_refused()
    {
        _archive.Publish(users: "stranger");
        (await FailsToLock()).ShouldBe("BAKE0320");
    }

    [Fact]
    public async Task A_release_older_than_the_lock_s_is_refused_and_the_same_one_is_not()
    {
        _archive.Publish();
        ImageLock known = await _archive.LockAsync(_archive.Plan("base"));
        await _archive.LockAsync(_archive.Plan("base"), known);
        _archive.Publish("Sat, 12 Sep 2026 07:55:40 UTC");
        (await FailsToLock(known)).ShouldBe("BAKE0321");
    }

    [Fact]
    public async Task A_release_that_is_no_longer_valid_is_refused()
    {
        _archive.Publish(extra: "Valid-Until: Sun, 12 Sep 2021 07:55:41 UTC\n");
        (await FailsToLock()).ShouldBe("BAKE0322");
    }

    [Fact]
    public async Task The_release_of_another_suite_is_refused()
    {
        _archive.Publish();
        _archive.Server.Files[FakeArchive.InRelease] = home.ClearSign("Suite: other\nCodename: other\nDate: Sat, 12 Sep 2026 07:55:41 UTC\nSHA256:\n", "archive");
        (await FailsToLock()).ShouldBe("BAKE0323");
    }

    [Fact]
    public async Task A_key_file_without_the_pinned_certificate_is_refused()
    {
        _archive.Publish();
        ImagePlan plan = _archive.Plan("base");
        SuitePlan suite = plan.Debian.Suites[0];
        ImagePlan wrong = plan with { Debian = plan.Debian with { Suites = [suite with { Keys = [suite.Keys[0] with { File = home.StrangerKey }] }] } };
        (await Should.ThrowAsync<BakeException>(() => _archive.LockAsync(wrong))).Code.ShouldBe("BAKE0326");
    }

    [Fact]
    public async Task A_dependency_that_nobody_offers_names_who_needs_what()
    {
        _archive.Add("app", "2.0", "Depends: middle");
        _archive.Add("middle", "1.0", "Depends: lib (>= 2.0) | other");
        _archive.Add("lib", "1.5");
        _archive.Publish();
        BakeException error = await Should.ThrowAsync<BakeException>(() => _archive.LockAsync(_archive.Plan("app")));
        error.Message.ShouldStartWith("BAKE0311  image.yaml  The package 'middle' 1.0 (wanted by app, wanted by image.yaml) needs 'lib (>= 2.0) | other'; the newest 'lib' in the suites is 1.5; 'other' is in none of the suites.");
    }

    [Fact]
    public async Task A_bake_gets_every_package_and_a_second_one_asks_nobody()
    {
        _archive.Publish();
        ImagePlan plan = _archive.Plan("base");
        ImageLock made = await _archive.LockAsync(plan);
        RestoredSources sources = await _archive.ObtainAsync(plan, made);
        sources.IsRelocked.ShouldBeFalse();
        foreach (LockedPackage package in made.Packages)
        {
            using FileStream stream = await sources.OpenAsync(package, _archive.Notices.Add, CancellationToken.None);
            stream.Length.ShouldBe(package.Size);
        }

        int requests = _archive.Server.Requests.Count;
        await _archive.ObtainAsync(plan, made);
        _archive.Server.Requests.Count.ShouldBe(requests);
        Directory.EnumerateFiles(Path.Combine(_archive.CacheFolder, "partial")).ShouldBeEmpty();
        _archive.Notices.ShouldNotContain(notice => notice.Contains("cache", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_tampered_package_is_refused_with_both_digests()
    {
        _archive.Publish();
        ImagePlan plan = _archive.Plan("base");
        ImageLock made = await _archive.LockAsync(plan);
        _archive.Server.Files[_archive.Debs["base"]][777] ^= 1;
        BakeException error = await Should.ThrowAsync<BakeException>(() => _archive.ObtainAsync(plan, made));
        error.Code.ShouldBe("BAKE0331");
        error.Message.ShouldContain("base_1.0_amd64.deb");
        error.Message.ShouldContain(made.Packages.Single(package => package.Name == "base").Digest.ToString());
        error.Message.ShouldContain(Digest.Sha256(_archive.Server.Files[_archive.Debs["base"]]).ToString());
        error.Fault.ShouldBe(BakeFault.Source);
    }

    [Fact]
    public async Task A_package_that_was_changed_in_the_cache_is_fetched_again_and_replaced()
    {
        _archive.Publish();
        ImagePlan plan = _archive.Plan("base");
        ImageLock made = await _archive.LockAsync(plan);
        RestoredSources sources = await _archive.ObtainAsync(plan, made);
        (LockedPackage package, string path) = Cached(made);
        byte[] good = File.ReadAllBytes(path);
        byte[] bad = [.. good];
        bad[5] ^= 1;
        File.WriteAllBytes(path, bad);

        using Restorer session = _archive.Session();
        RestoredSources again = await _archive.ObtainAsync(session, plan, made);
        using (FileStream stream = await again.OpenAsync(package, _archive.Notices.Add, CancellationToken.None))
        {
            stream.Length.ShouldBe(package.Size);
        }

        File.ReadAllBytes(path).ShouldBe(good);
        _archive.Notices.Where(notice => notice.Contains(path, StringComparison.Ordinal)).ShouldHaveSingleItem().ShouldContain("'base_1.0_amd64.deb' is damaged in the cache");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    public async Task A_package_that_was_cut_short_in_the_cache_is_fetched_again_and_replaced(int length)
    {
        _archive.Publish();
        ImagePlan plan = _archive.Plan("base");
        ImageLock made = await _archive.LockAsync(plan);
        await _archive.ObtainAsync(plan, made);
        (LockedPackage package, string path) = Cached(made);
        using (FileStream file = File.OpenWrite(path))
        {
            file.SetLength(length);
        }

        await _archive.ObtainAsync(plan, made);
        new FileInfo(path).Length.ShouldBe(package.Size);
        _archive.Notices.ShouldContain(notice => notice.Contains("damaged in the cache", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_index_that_was_changed_in_the_cache_is_fetched_again_and_replaced()
    {
        _archive.Publish();
        ImageLock made = await _archive.LockAsync(_archive.Plan("base"));
        string path = Path.Combine(_archive.CacheFolder, "sha256", made.Releases[0].Indexes[0].Digest.Hex);
        byte[] good = File.ReadAllBytes(path);
        byte[] bad = [.. good];
        bad[30] ^= 1;
        File.WriteAllBytes(path, bad);
        await _archive.LockAsync(_archive.Plan("base"));
        File.ReadAllBytes(path).ShouldBe(good);
        _archive.Notices.ShouldContain(notice => notice.Contains("damaged in the cache", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_damaged_package_that_nobody_delivers_is_one_error_that_names_the_file()
    {
        _archive.Publish();
        ImagePlan plan = _archive.Plan("base");
        ImageLock made = await _archive.LockAsync(plan);
        using Restorer session = _archive.Session();
        RestoredSources sources = await _archive.ObtainAsync(session, plan, made);
        (LockedPackage package, string path) = Cached(made);
        byte[] bytes = File.ReadAllBytes(path);
        bytes[5] ^= 1;
        File.WriteAllBytes(path, bytes);
        _archive.Server.Spoil(_archive.Debs["base"], [.. Enumerable.Repeat(ServerFault.Unavailable, 10)]);
        BakeException error = await Should.ThrowAsync<BakeException>(() => sources.OpenAsync(package, _archive.Notices.Add, CancellationToken.None));
        error.Code.ShouldBe("BAKE0330");
        error.Place.ShouldBe(path);
        error.Message.ShouldContain(_archive.Server.Address);
        error.Message.ShouldContain("Check the network");
        File.ReadAllBytes(path).ShouldBe(bytes);
    }

    [Fact]
    public async Task A_mirror_with_a_release_that_cannot_be_believed_does_not_hide_a_good_one()
    {
        _archive.Publish();
        using FaultyServer portal = new();
        portal.Files["debian/dists/test/InRelease"] = "<html>log in first</html>"u8.ToArray();
        using TemporaryFolder apt = new();
        File.WriteAllText(apt["sources.list"], $"deb {portal.Address}debian trixie main\ndeb {_archive.Server.Address}debian trixie main\n");
        using Restorer session = _archive.Session(options => options with { Mirror = null, AptFolder = apt.FullPath });
        ImageLock made = await session.LockAsync(_archive.Plan("base"), null, "image.yaml", _archive.Notices.Add, CancellationToken.None);
        made.Packages.ShouldContain(package => package.Name == "base");
        _archive.Notices.ShouldContain(notice => notice.StartsWith($"{portal.Address}debian/dists/test/InRelease: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_pinned_package_that_is_gone_is_resolved_anew_for_this_bake_only()
    {
        _archive.Publish();
        ImagePlan plan = _archive.Plan("base");
        ImageLock made = await _archive.LockAsync(plan);
        _archive.Server.Files.TryRemove(_archive.Debs["base"], out _);
        _archive.Add("base", "1.1", "Essential: yes");
        _archive.Publish("Sun, 13 Sep 2026 07:55:41 UTC");

        RestoredSources sources = await _archive.ObtainAsync(plan, made);

        sources.IsRelocked.ShouldBeTrue();
        sources.Lock.Packages.Single(package => package.Name == "base").Version.ShouldBe("1.1");
        ImageLockFile.Read(_archive.TemporaryLock).Packages.Length.ShouldBe(made.Packages.Length);
        _archive.Notices.ShouldContain("  base: 1.0 -> 1.1");
    }

    [Fact]
    public async Task A_lock_for_one_bake_keeps_the_container_images_of_the_committed_one()
    {
        _archive.Publish();
        ImagePlan plan = _archive.Plan("base");
        ImageLock made = await _archive.LockAsync(plan) with { Containers = [new LockedContainer { Name = "a.b/c:1", Digest = Digest.Sha256("1"u8), Size = 1 }] };
        _archive.Server.Files.TryRemove(_archive.Debs["base"], out _);
        _archive.Add("base", "1.1", "Essential: yes");
        _archive.Publish("Sun, 13 Sep 2026 07:55:41 UTC");

        RestoredSources sources = await _archive.ObtainAsync(plan, made);

        sources.IsRelocked.ShouldBeTrue();
        sources.Lock.Containers.ShouldBe(made.Containers);
        ImageLockFile.Read(_archive.TemporaryLock).Containers.ShouldBe(made.Containers);
    }

    [Fact]
    public async Task A_bake_that_insists_on_the_lock_refuses_what_is_gone()
    {
        _archive.Publish();
        ImagePlan plan = _archive.Plan("base");
        ImageLock made = await _archive.LockAsync(plan);
        _archive.Server.Files.TryRemove(_archive.Debs["base"], out _);
        BakeException error = await Should.ThrowAsync<BakeException>(() => _archive.ObtainAsync(plan, made, insist: true));
        error.Code.ShouldBe("BAKE0333");
        error.Message.ShouldContain("base 1.0");
        File.Exists(_archive.TemporaryLock).ShouldBeFalse();
    }

    [Fact]
    public async Task What_the_mirror_dropped_comes_from_the_snapshot_of_the_release()
    {
        _archive.Publish();
        ImagePlan plan = _archive.Plan("base");
        ImageLock made = await _archive.LockAsync(plan);
        _archive.Server.Files.TryRemove(_archive.Debs["base"], out byte[]? deb);
        _archive.Server.Files["archive/debian/20260912T195541Z/pool/main/base/base_1.0_amd64.deb"] = deb!;

        RestoredSources sources = await _archive.ObtainAsync(
            plan, made, insist: true, options => options with { Snapshots = new SnapshotArchive(new Uri(_archive.Server.Address + "archive/")) });

        sources.IsRelocked.ShouldBeFalse();
        (await sources.OpenAsync(made.Packages.Single(package => package.Name == "base"), _archive.Notices.Add, CancellationToken.None)).Dispose();
    }

    [Fact]
    public async Task Two_bakes_at_once_share_the_work()
    {
        _archive.Publish();
        ImagePlan plan = _archive.Plan("base");
        ImageLock made = await _archive.LockAsync(plan);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => _archive.ObtainAsync(plan, made))));
        _archive.Server.Requests.Count(request => request.EndsWith(".deb", StringComparison.Ordinal)).ShouldBe(made.Packages.Length);
    }

    [Fact]
    public async Task Credentials_of_a_mirror_reach_it_and_nothing_else()
    {
        _archive.Publish();
        using Restorer session = _archive.Session(options => options with
        {
            Mirror = (_archive.Server.Address + "debian").Replace("http://", "http://user:secret@", StringComparison.Ordinal),
        });
        ImageLock made = await session.LockAsync(_archive.Plan("base"), null, "image.yaml", _archive.Notices.Add, CancellationToken.None);
        _archive.Server.Authorizations.ShouldNotBeEmpty();
        string expected = "Basic " + Convert.ToBase64String("user:secret"u8);
        _archive.Server.Authorizations.ShouldAllBe(value => value == expected);
        made.ToString().ShouldNotContain("secret");

        _archive.Server.Files.Clear();
        BakeException error = await Should.ThrowAsync<BakeException>(
            () => session.LockAsync(_archive.Plan("base"), null, "image.yaml", _archive.Notices.Add, CancellationToken.None));
        error.Message.ShouldNotContain("secret");
    }

    private (LockedPackage Package, string Path) Cached(ImageLock made)
    {
        LockedPackage package = made.Packages.Single(candidate => candidate.Name == "base");
        return (package, Path.Combine(_archive.CacheFolder, "sha256", package.Digest.Hex));
    }

    private async Task<string> FailsToLock(ImageLock? previous = null) =>
        (await Should.ThrowAsync<BakeException>(() => _archive.LockAsync(_archive.Plan("base"), previous))).Code;
}
