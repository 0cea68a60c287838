using Images.Baker.Caching;
using Images.Baker.Tests.Sources.Kubernetes;
using Images.Formats;
using Images.TestSupport;

namespace Images.Baker.Tests.Sources.GoBuild;

public sealed class BuiltProgramsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _notices = [];
    private int _builds;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_was_built_once_is_used_again()
    {
        string first = await GetAsync("key");
        (await GetAsync("key")).ShouldBe(first);
        _builds.ShouldBe(1);
        Judge.Try("sha256sum", ["--check", "--strict", "SHA256SUMS"], input: null, first).ExitCode.ShouldBe(0);
        (await GetAsync("another key")).ShouldNotBe(first);
        _builds.ShouldBe(2);
    }

    [Fact]
    public async Task A_program_that_was_changed_is_built_again()
    {
        string folder = await GetAsync("key");
        File.AppendAllText(Path.Combine(folder, "kubelet"), "!");
        await GetAsync("key");
        _builds.ShouldBe(2);
        _notices.ShouldHaveSingleItem().ShouldContain("damaged");
    }

    [Fact]
    public async Task A_build_that_fails_leaves_nothing()
    {
        await Should.ThrowAsync<BakeException>(() => Programs("key").GetOrBuildAsync(
            folder =>
            {
                File.WriteAllText(Path.Combine(folder, "kubelet"), "half");
                throw new BakeException("BAKE0374", "go", "It failed.", "Try again.");
            },
            CancellationToken.None));
        Directory.EnumerateDirectories(_folder["built"]).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_nothing_has_used_for_long_goes_and_what_was_used_since_stays()
    {
        string unused = await GetAsync("unused"), used = await GetAsync("used");
        File.SetLastWriteTimeUtc(Path.Combine(unused, BuiltPrograms.DigestFile), DateTime.UnixEpoch);
        File.SetLastWriteTimeUtc(Path.Combine(used, BuiltPrograms.DigestFile), DateTime.UnixEpoch);
        await GetAsync("used");
        BuiltPrograms.RemoveUnused(_folder.FullPath, DateTime.UnixEpoch.AddYears(1));
        Directory.Exists(unused).ShouldBeFalse();
        Directory.Exists(used).ShouldBeTrue();
    }

    [Fact]
    public async Task What_a_bake_has_as_a_layer_is_kept_as_if_it_were_used()
    {
        Programs("key").TryKeep().ShouldBeFalse();
        string kept = await GetAsync("key");
        File.SetLastWriteTimeUtc(Path.Combine(kept, BuiltPrograms.DigestFile), DateTime.UnixEpoch);
        Programs("key").TryKeep().ShouldBeTrue();
        BuiltPrograms.RemoveUnused(_folder.FullPath, DateTime.UnixEpoch.AddYears(1));
        Directory.Exists(kept).ShouldBeTrue();
    }

    [Fact]
    public async Task Of_two_bakes_at_once_one_builds_and_the_other_waits()
    {
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => GetAsync("key"))));
        _builds.ShouldBe(1);
    }

    private Task<string> GetAsync(string key) => Programs(key).GetOrBuildAsync(
        folder =>
        {
            Interlocked.Increment(ref _builds);
            SampleKubernetes.WriteFolder(folder, "1.20.2");
            return Task.CompletedTask;
        },
        CancellationToken.None);

    private BuiltPrograms Programs(string key) => new(_folder.FullPath, Digest.Sha256(System.Text.Encoding.UTF8.GetBytes(key)), "The programs of Kubernetes", TimeProvider.System, _notices.Add);
}
