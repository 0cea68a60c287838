using Images.Baker.Debian.Archive;
using Images.Baker.Kubernetes;
using Images.Baker.Kubernetes.GoBuild;
using Images.Baker.Locking;
using Images.Baker.Plan;
using Images.Baker.Progress;
using Images.Baker.Restoring;
using Images.TestSupport;

namespace Images.Baker.Tests.Sources.Kubernetes;

[Collection(SigningCollection.Name)]
public sealed class DebianSourceLockTests : IDisposable
{
    private const string Toolchain = "golang-1.26-go";
    private readonly FakeArchive _archive;

    public DebianSourceLockTests(SigningHome home)
    {
        _archive = new FakeArchive(home);
        _archive.Add(Toolchain, "1.26.1-1");
        _archive.Add("golang-1.26-src", "1.26.1-1");
        _archive.Add(SourceBuildFolders.Reflect2, "1.0.2-2");
    }

    public void Dispose() => _archive.Dispose();

    [Fact]
    public async Task The_newest_source_package_and_what_it_is_built_with_are_pinned()
    {
        _archive.AddSource("kubernetes", "1.20.5+really1.20.2-1");
        _archive.AddSource("kubernetes", "1.20.5+really1.20.2-1.1+deb12u1");
        _archive.AddSource("other", "9.0-1");
        _archive.Publish();
        ImageLock locked = await _archive.LockAsync(Plan());
        LockedSourceBuild build = locked.Kubernetes!.Debian!;
        build.Version.ShouldBe("1.20.2");
        build.Source.Version.ShouldBe("1.20.5+really1.20.2-1.1+deb12u1");
        build.Source.Files.Select(file => file.FileName()[(file.FileName().LastIndexOf("u1", StringComparison.Ordinal) + 2)..]).ShouldBe([".debian.tar.xz", ".dsc", ".orig.tar.gz"]);
        build.Packages.Select(package => package.Name).ShouldBe([Toolchain, "golang-1.26-src", SourceBuildFolders.Reflect2]);
        build.Releases.ShouldHaveSingleItem().Indexes.Select(index => index.Path).ShouldBe(["main/binary-amd64/Packages.xz", "main/source/Sources.xz"]);
        locked.Packages.Select(package => package.Name).ShouldNotContain(Toolchain);
    }

    [Fact]
    public async Task The_lock_reads_back_as_it_was_written_and_answers_its_plan_only()
    {
        _archive.AddSource("kubernetes", "1.20.2-1");
        _archive.Publish();
        using TemporaryFolder folder = new();
        ImageLock made = await _archive.LockAsync(Plan());
        ImageLockFile.Write(folder["lock"], made);
        ImageLock read = ImageLockFile.Read(folder["lock"]);
        ImageLockFile.Write(folder["again"], read);
        File.ReadAllBytes(folder["again"]).ShouldBe(File.ReadAllBytes(folder["lock"]));
        read.RequireAnswerTo(Plan(), "image.lock.json");
        Should.Throw<BakeException>(() => read.RequireAnswerTo(Plan("golang-1.24-go"), "image.lock.json")).Code.ShouldBe("BAKE0302");
        Should.Throw<BakeException>(() => read.RequireAnswerTo(Plan() with { Kubernetes = null }, "image.lock.json")).Code.ShouldBe("BAKE0302");
    }

    [Theory]
    [InlineData("\"version\": \"1.20.2\"", "\"version\": \"1.19.2\"")]
    [InlineData("pool/main/k/kubernetes/", "pool/main/../kubernetes/")]
    [InlineData("\"build\"", "\"elsewhere\"")]
    public async Task A_lock_that_was_edited_wrongly_is_refused(string text, string replacement)
    {
        _archive.AddSource("kubernetes", "1.20.2-1");
        _archive.Publish();
        using TemporaryFolder folder = new();
        ImageLockFile.Write(folder["lock"], await _archive.LockAsync(Plan()));
        File.WriteAllText(folder["lock"], File.ReadAllText(folder["lock"]).Replace(text, replacement, StringComparison.Ordinal));
        Should.Throw<BakeException>(() => ImageLockFile.Read(folder["lock"])).Code.ShouldBe("BAKE0301");
    }

    [Fact]
    public async Task A_tampered_index_of_sources_is_refused()
    {
        _archive.AddSource("kubernetes", "1.20.2-1");
        _archive.Publish();
        _archive.Server.Files[FakeArchive.SourceIndex][20] ^= 1;
        (await Should.ThrowAsync<BakeException>(() => _archive.LockAsync(Plan()))).Code.ShouldBe("BAKE0331");
    }

    [Theory]
    [InlineData("1.32.4+ds-4", "3.0 (quilt)", true, "1.32.4+ds-4")]
    [InlineData("1.19.0-1", "3.0 (quilt)", false, "holds no supported Kubernetes")]
    [InlineData("1.20.2", "3.0 (native)", false, "3.0 (native)")]
    public async Task Only_a_supported_version_in_a_known_format_is_taken(string version, string format, bool taken, string said)
    {
        _archive.AddSource("kubernetes", version, format);
        _archive.Publish();
        if (taken)
        {
            (await _archive.LockAsync(Plan())).Kubernetes!.Debian!.Source.Version.ShouldBe(said);
        }
        else
        {
            (await Should.ThrowAsync<BakeException>(() => _archive.LockAsync(Plan()))).Message.ShouldContain(said);
        }
    }

    [Fact]
    public async Task A_missing_source_package_is_named()
    {
        _archive.AddSource("other", "1.0-1");
        _archive.Publish();
        (await Should.ThrowAsync<BakeException>(() => _archive.LockAsync(Plan()))).Message.ShouldContain("source package 'kubernetes'");
    }

    [Fact]
    public async Task A_missing_toolchain_is_named()
    {
        _archive.AddSource("kubernetes", "1.20.2-1");
        _archive.Publish();
        (await Should.ThrowAsync<BakeException>(() => _archive.LockAsync(Plan("golang-1.99-go")))).Message.ShouldContain("golang-1.99-go");
    }

    [Fact]
    public async Task Sources_and_toolchain_that_the_mirror_dropped_come_from_the_snapshot_of_the_release()
    {
        (_, LockedSourceBuild build) = await LockAsync();
        foreach (string path in _archive.Server.Files.Keys.Where(path => path.StartsWith("debian/pool/", StringComparison.Ordinal)).ToArray())
        {
            _archive.Server.Files.TryRemove(path, out byte[]? file);
            _archive.Server.Files["archive/debian/20260912T195541Z" + path["debian".Length..]] = file!;
        }

        using Restorer session = _archive.Session(options => options with { Snapshots = new SnapshotArchive(new Uri(_archive.Server.Address + "archive/")) });
        using PlainProgress progress = new(TextWriter.Null, TimeProvider.System);
        (await session.SourceBuild.TryFetchAsync(build, progress, CancellationToken.None)).ShouldBeEmpty();
        using SourceBuildFiles files = await session.SourceBuild.OpenAsync(build, _archive.Notices.Add, CancellationToken.None);
        foreach (string name in build.Source.Files.Select(file => file.FileName()).Concat(build.Packages.Select(package => package.FileName())))
        {
            files[name].Length.ShouldBeGreaterThan(0, name);
        }
    }

    [Fact]
    public async Task A_toolchain_that_is_nowhere_any_more_is_replaced_for_one_bake_which_says_so()
    {
        (ImageLock made, _) = await LockAsync();
        ReplaceToolchain();
        using StringWriter said = new();
        IKubernetesPrograms programs = await ObtainAsync(made, insist: false, said);
        programs.Inputs.Keys.ShouldContain("golang-1.26-go_1.26.2-1_amd64.deb");
        programs.Inputs.Keys.ShouldNotContain("golang-1.26-go_1.26.1-1_amd64.deb");
        said.ToString().ShouldContain("Pinned files are gone from the mirrors: golang-1.26-go_1.26.1-1_amd64.deb.");
        said.ToString().ShouldContain("golang-1.26-go: 1.26.1-1 -> 1.26.2-1");
        ImageLock temporary = ImageLockFile.Read(_archive.TemporaryLock);
        temporary.Kubernetes!.Debian!.Packages.Single(package => package.Name == Toolchain).Version.ShouldBe("1.26.2-1");
        temporary.Packages.Length.ShouldBe(made.Packages.Length);
    }

    [Fact]
    public async Task A_toolchain_that_is_nowhere_any_more_is_refused_where_the_lock_is_insisted_on()
    {
        (ImageLock made, _) = await LockAsync();
        ReplaceToolchain();
        BakeException error = await Should.ThrowAsync<BakeException>(() => ObtainAsync(made, insist: true, TextWriter.Null));
        error.Message.ShouldStartWith("BAKE0333  image.lock.json");
        error.Message.ShouldContain("golang-1.26-go_1.26.1-1_amd64.deb");
        File.Exists(_archive.TemporaryLock).ShouldBeFalse();
    }

    private async Task<(ImageLock Lock, LockedSourceBuild Build)> LockAsync()
    {
        _archive.AddSource("kubernetes", "1.20.2-1");
        _archive.Publish();
        ImageLock made = await _archive.LockAsync(Plan());
        return (made, made.Kubernetes!.Debian!);
    }

    private void ReplaceToolchain()
    {
        _archive.Server.Files.TryRemove(_archive.Debs[Toolchain], out _);
        _archive.Add(Toolchain, "1.26.2-1");
        _archive.Add("golang-1.26-src", "1.26.2-1");
        _archive.Publish("Sun, 13 Sep 2026 07:55:41 UTC");
    }

    private async Task<IKubernetesPrograms> ObtainAsync(ImageLock made, bool insist, TextWriter said)
    {
        using Restorer session = _archive.Session();
        using PlainProgress progress = new(said, TimeProvider.System);
        RestoreRequest request = new()
        {
            Plan = Plan(),
            PlanName = "image.yaml",
            Lock = made,
            LockName = "image.lock.json",
            TemporaryLock = _archive.TemporaryLock,
            Kubernetes = null,
            InsistOnLock = insist,
        };
        IKubernetesPrograms chosen = (await session.Kubernetes.ChooseAsync(request, _archive.Notices.Add, CancellationToken.None))!;
        return await session.Kubernetes.ObtainAsync(chosen, request, progress, CancellationToken.None);
    }

    private ImagePlan Plan(string toolchain = Toolchain)
    {
        ImagePlan plan = _archive.Plan("base");
        return plan with { Kubernetes = new KubernetesPlan { Source = KubernetesSource.Debian, Debian = new KubernetesDebianPlan { Toolchain = toolchain, Suites = plan.Debian.Suites } } };
    }
}
