using Images.Baker.Plan;
using Images.Baker.Sources;
using Images.Baker.Sources.Kubernetes;
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
        _archive.Add(DebianSourceLock.Reflect2, "1.0.2-2");
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
        build.Packages.Select(package => package.Name).ShouldBe([Toolchain, "golang-1.26-src", DebianSourceLock.Reflect2]);
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

    private ImagePlan Plan(string toolchain = Toolchain)
    {
        ImagePlan plan = _archive.Plan("base");
        return plan with { Kubernetes = new KubernetesPlan { Source = KubernetesSource.Debian, Debian = new KubernetesDebianPlan { Toolchain = toolchain, Suites = plan.Debian.Suites } } };
    }
}
