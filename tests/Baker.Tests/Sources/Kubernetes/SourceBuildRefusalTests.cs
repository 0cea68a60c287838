using Images.Baker.Caching;
using Images.Baker.Kubernetes;
using Images.Baker.Kubernetes.GoBuild;
using Images.Baker.Locking;
using Images.Baker.Plan;
using Images.Baker.Progress;
using Images.Baker.Restoring;
using Images.Formats;

namespace Images.Baker.Tests.Sources.Kubernetes;

/// <summary>One flipped bit in a file of a source build: the length is right, the digest is not.</summary>
[Collection(SigningCollection.Name)]
public sealed class SourceBuildRefusalTests : IDisposable
{
    private const string Toolchain = "golang-1.26-go";
    private readonly FakeArchive _archive;

    public SourceBuildRefusalTests(SigningHome home)
    {
        _archive = new FakeArchive(home);
        _archive.Add(Toolchain, "1.26.1-1");
        _archive.Add("golang-1.26-src", "1.26.1-1");
        _archive.Add(SourceBuildFolders.Reflect2, "1.0.2-2");
        _archive.AddSource("kubernetes", "1.20.2-1");
        _archive.Publish();
    }

    public static TheoryData<string> Files =>
    [
        "kubernetes_1.20.2-1.dsc", "kubernetes_1.20.2-1.orig.tar.gz", "kubernetes_1.20.2-1.debian.tar.xz",
        "golang-1.26-go_1.26.1-1_amd64.deb", "golang-1.26-src_1.26.1-1_amd64.deb", SourceBuildFolders.Reflect2 + "_1.0.2-2_amd64.deb",
    ];

    public void Dispose() => _archive.Dispose();

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_bit_that_a_mirror_flips_is_one_error_and_leaves_nothing(string name)
    {
        LockedSourceBuild build = await LockAsync();
        string served = _archive.Server.Files.Keys.Single(path => Path.GetFileName(path) == name);
        byte[] good = _archive.Server.Files[served];
        foreach (int bit in (int[])[0, (good.Length * 4) + 3, (good.Length * 8) - 1])
        {
            _archive.Server.Files[served] = Flipped(good, bit);
            BakeException error = await Should.ThrowAsync<BakeException>(() => MakeAsync(build));
            error.Fault.ShouldBe(BakeFault.Source);
            error.Message.ShouldStartWith($"BAKE0331  {name}  No mirror sends what is pinned, {DigestOf(build, name)}. {_archive.Server.Address}{served} sends wrong bytes: sha256:");
            error.Message.ShouldEndWith("Use another mirror (--mirror); tell who runs this one.");
            error.Message.ShouldNotContain("\n");
            File.Exists(CachedPath(build, name)).ShouldBeFalse();
            RequireNothingBuilt();
        }

        _archive.Server.Files[served] = good;
        await OpenAsync(build);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_bit_that_flipped_in_the_cache_and_cannot_be_fetched_again_is_one_error_and_leaves_nothing(string name)
    {
        LockedSourceBuild build = await LockAsync();
        await OpenAsync(build);
        Flip(CachedPath(build, name));
        _archive.Server.Files.Clear();
        BakeException error = await Should.ThrowAsync<BakeException>(() => MakeAsync(build));
        error.Message.ShouldStartWith($"BAKE0330  {CachedPath(build, name)}  '{name}' is damaged in the cache and cannot be fetched again: ");
        error.Message.ShouldEndWith("Run 'baker lock' and bake again.");
        error.Message.ShouldNotContain("\n");
        RequireNothingBuilt();
    }

    [Theory]
    [MemberData(nameof(Files))]
    public async Task A_bit_that_flipped_in_the_cache_is_noticed_and_the_file_fetched_again(string name)
    {
        LockedSourceBuild build = await LockAsync();
        await OpenAsync(build);
        byte[] good = await File.ReadAllBytesAsync(CachedPath(build, name));
        Flip(CachedPath(build, name));
        await OpenAsync(build);
        _archive.Notices.ShouldContain(notice => notice.Contains($"'{name}' is damaged in the cache", StringComparison.Ordinal));
        (await File.ReadAllBytesAsync(CachedPath(build, name))).ShouldBe(good);
    }

    [Fact]
    public async Task Files_with_their_digests_that_are_no_packages_leave_nothing_either()
    {
        LockedSourceBuild build = await LockAsync();
        (await Should.ThrowAsync<MalformedDataException>(() => MakeAsync(build))).File.ShouldStartWith("golang-1.26-go_1.26.1-1_amd64.deb");
        RequireNothingBuilt();
    }

    private async Task<LockedSourceBuild> LockAsync()
    {
        ImagePlan plan = _archive.Plan("base");
        plan = plan with { Kubernetes = new KubernetesPlan { Source = KubernetesSource.Debian, Debian = new KubernetesDebianPlan { Toolchain = Toolchain, Suites = plan.Debian.Suites } } };
        return (await _archive.LockAsync(plan)).Kubernetes!.Debian!;
    }

    /// <summary>As a bake does that has no layer of them.</summary>
    private async Task MakeAsync(LockedSourceBuild build)
    {
        using Restorer session = _archive.Session();
        using PlainProgress progress = new(TextWriter.Null, TimeProvider.System);
        using WorkFolder work = WorkFolder.Create(_archive.CacheFolder);
        await new KubernetesDebianPrograms(build, session.SourceBuild, _archive.CacheFolder, TimeProvider.System).MakeAsync(work, progress, CancellationToken.None);
    }

    /// <summary>Fetches what is missing and reads every file.</summary>
    private async Task OpenAsync(LockedSourceBuild build)
    {
        using Restorer session = _archive.Session();
        using PlainProgress progress = new(TextWriter.Null, TimeProvider.System);
        await session.SourceBuild.FetchAsync(build, progress, CancellationToken.None);
        using SourceBuildFiles files = await session.SourceBuild.OpenAsync(build, _archive.Notices.Add, CancellationToken.None);
    }

    private static Digest DigestOf(LockedSourceBuild build, string name) =>
        build.Source.Files.Select(file => (Name: file.FileName(), file.Digest)).Concat(build.Packages.Select(package => (Name: package.FileName(), package.Digest))).Single(file => file.Name == name).Digest;

    private string CachedPath(LockedSourceBuild build, string name) => Path.Combine(_archive.CacheFolder, "sha256", DigestOf(build, name).Hex);

    private static void Flip(string path) => File.WriteAllBytes(path, Flipped(File.ReadAllBytes(path), 100));

    private static byte[] Flipped(byte[] bytes, int bit)
    {
        byte[] flipped = [.. bytes];
        flipped[bit / 8] ^= (byte)(1 << (bit % 8));
        return flipped;
    }

    /// <summary>Of the programs there is the lock alone, which tells one bake from another; of the work nothing.</summary>
    private void RequireNothingBuilt()
    {
        Directory.EnumerateFileSystemEntries(Path.Combine(_archive.CacheFolder, "built")).ShouldAllBe(entry => entry.EndsWith(".lock", StringComparison.Ordinal));
        Directory.EnumerateDirectories(Path.Combine(_archive.CacheFolder, "work")).ShouldBeEmpty();
    }
}
