using Images.Baker.Locking;
using Images.Baker.Manifest;
using Images.Baker.Tests.Sources;
using Images.Baker.Tests.Tree;
using Images.TestSupport;

namespace Images.Baker.Tests.Cli;

/// <summary>A whole bake whose mirror has moved on: a lock for this bake alone, and the committed one as it was.</summary>
[Collection(SigningCollection.Name)]
public sealed class RelockedBakeTests : IDisposable
{
    private readonly SigningHome _home;
    private readonly FakeArchive _archive;
    private readonly SampleProject _project = new();

    public RelockedBakeTests(SigningHome home)
    {
        _home = home;
        _archive = new FakeArchive(home, empty: true);
    }

    [Theory]
    [InlineData("out", "out/image.lock.json")]
    [InlineData(".", "image.lock.relocked.json")]
    public void What_moved_is_resolved_into_a_lock_beside_the_image_and_the_committed_one_keeps_its_bytes(string output, string temporaryLock)
    {
        _project.WritePlan(AskTheArchive);
        PublishANewerExtra();
        File.Delete(_project.CachedFileOf(SampleProject.Extra));
        byte[] committed = File.ReadAllBytes(_project["image.lock.json"]);

        JudgeResult bake = _project.Bake(new Dictionary<string, string> { ["CI"] = "" }, output, mirror: _archive.Server.Address + "debian");

        bake.ExitCode.ShouldBe(0, bake.Output + bake.Error);
        bake.Output.ShouldContain("extra: 1:2.0-3+b1 -> 1:2.0-4");
        File.Exists(_project[$"{output}/node_0.1.0+relocked.raw"]).ShouldBeTrue(bake.Output);
        ImageLockFile.Read(_project[temporaryLock]).Packages.Single(package => package.Name == SampleProject.Extra).Version.ShouldBe("1:2.0-4");
        File.ReadAllBytes(_project["image.lock.json"]).ShouldBe(committed);
    }

    public void Dispose()
    {
        _project.Dispose();
        _archive.Dispose();
    }

    private string AskTheArchive(string plan) => plan
        .Replace("suite: trixie", "suite: test", StringComparison.Ordinal)
        .Replace("{ file: keys/a.pgp, fingerprint: 04B54C3CDCA79751B16BC6B5225629DF75B188BD }", $"{{ file: {_home.ArchiveKey}, fingerprint: {_home.ArchiveFingerprint} }}", StringComparison.Ordinal);

    private void PublishANewerExtra()
    {
        foreach ((LockedPackage pinned, byte[] deb) in _project.Packages.Where(package => package.Pinned.Name != SampleProject.Extra))
        {
            _archive.Add(pinned.Name, pinned.Version, pinned.Path, deb);
        }

        PackageLayer newer = SampleImage.Package(SampleProject.Extra, tree => tree.AddText("usr/lib/extra/note", "a newer note"));
        string control = newer.Package.ControlText.Replace("2.0-3+b1", "2.0-4", StringComparison.Ordinal);
        _archive.Add(SampleProject.Extra, "1:2.0-4", "pool/main/e/extra/extra_2.0-4_amd64.deb", SampleDeb.Of(control, "data.tar.gz", SampleDeb.Gzip(SampleDeb.DataTar(newer.Entries))));
        _archive.Publish();
    }
}
