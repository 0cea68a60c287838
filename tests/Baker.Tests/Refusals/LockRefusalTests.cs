using System.Text;
using Images.Baker.Tests.Sources;
using Images.TestSupport;

namespace Images.Baker.Tests.Refusals;

/// <summary>What <c>baker lock</c> refuses, asked of the program itself: exit code, one line, and a lock that stays as it was.</summary>
[Collection(SigningCollection.Name)]
public sealed class LockRefusalTests : IDisposable
{
    private const string OtherMirrorOrKeys = "Use another mirror (--mirror); if Debian has new keys, add them to keys/ and image.yaml.";
    private readonly FakeArchive _archive;
    private readonly TemporaryFolder _folder = new();

    public LockRefusalTests(SigningHome home)
    {
        _archive = new FakeArchive(home);
        _archive.Publish();
        JudgeResult first = _archive.LockByCommand(_folder["project"], "base");
        first.ExitCode.ShouldBe(0, first.Output + first.Error);
    }

    [Fact]
    public void A_tampered_index()
    {
        _archive.Add("app", "2.0");
        _archive.Publish();
        _archive.Server.Files[FakeArchive.Index][20] ^= 1;
        Refuse(3, "Use another mirror (--mirror); tell who runs this one.", "BAKE0331", "dists/test/main/binary-amd64/Packages.xz", _archive.Server.Address);
    }

    [Fact]
    public void An_unsigned_release()
    {
        ChangeRelease(text => text[text.IndexOf("Suite:", StringComparison.Ordinal)..text.IndexOf("-----BEGIN PGP SIGNATURE", StringComparison.Ordinal)]);
        Refuse(3, OtherMirrorOrKeys, "BAKE0320", "debian/dists/test/InRelease", "not a signed text");
    }

    [Fact]
    public void A_release_whose_text_was_changed()
    {
        ChangeRelease(text => text.Replace("2026 07", "2026 08", StringComparison.Ordinal));
        Refuse(3, OtherMirrorOrKeys, "BAKE0320", "debian/dists/test/InRelease", "None of its signatures counts");
    }

    [Fact]
    public void A_release_signed_by_a_stranger()
    {
        _archive.Publish(users: "stranger");
        Refuse(3, OtherMirrorOrKeys, "BAKE0320", "debian/dists/test/InRelease", "None of its signatures counts");
    }

    [Fact]
    public void A_release_older_than_the_lock_s()
    {
        _archive.Publish("Sat, 12 Sep 2026 07:55:40 UTC");
        Refuse(3, "Use another mirror (--mirror), or delete the lock if you want to go back.", "BAKE0321", "debian/dists/test/InRelease", "older than");
    }

    [Fact]
    public void A_dependency_that_nobody_offers()
    {
        _archive.Add("base-extra", "2.0", "Depends: lib (>= 2.0)");
        _archive.Add("lib", "1.5");
        _archive.Publish();
        Refuse(
            2, ["base", "base-extra"], "Add a suite that holds it, ask for another package, or name it under 'drop' if the image can do without.",
            "BAKE0311", "image.yaml", "'base-extra' 2.0", "'lib (>= 2.0)'", "1.5");
    }

    [Fact]
    public void A_mirror_that_is_not_there()
    {
        _archive.Server.Dispose();
        Refuse(3, "Check the network, or name a mirror with --mirror.", "BAKE0332", "debian/dists/test/InRelease");
    }

    public void Dispose()
    {
        _archive.Dispose();
        _folder.Dispose();
    }

    private void ChangeRelease(Func<string, string> change) =>
        _archive.Server.Files[FakeArchive.InRelease] = Encoding.UTF8.GetBytes(change(Encoding.UTF8.GetString(_archive.Server.Files[FakeArchive.InRelease])));

    private void Refuse(int exitCode, string remedy, params string[] said) => Refuse(exitCode, ["base"], remedy, said);

    private void Refuse(int exitCode, string[] packages, string remedy, params string[] said)
    {
        string path = _folder["project/image.lock.json"];
        string before = File.ReadAllText(path);
        JudgeResult result = _archive.LockByCommand(_folder["project"], packages);
        result.ExitCode.ShouldBe(exitCode, result.Output + result.Error);
        string line = result.Error.TrimEnd('\n').Split('\n').ShouldHaveSingleItem();
        line.ShouldMatch("^baker: BAKE[0-9]{4}  [^ ].+$");
        line.ShouldEndWith(remedy);
        foreach (string part in said)
        {
            result.Error.ShouldContain(part);
        }

        File.ReadAllText(path).ShouldBe(before);
        Directory.EnumerateFiles(_folder["project"]).Select(Path.GetFileName).Order(StringComparer.Ordinal).ShouldBe(["image.lock.json", "image.yaml"]);
    }
}
