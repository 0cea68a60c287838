using System.Collections.Immutable;
using Images.Baker.Locking;
using Images.Baker.Plan;
using Images.Baker.Restoring;
using Images.Formats;
using Images.TestSupport;

namespace Images.Baker.Tests.Sources;

public sealed class ImageLockFileTests
{
    [Fact]
    public void The_committed_lock_answers_the_committed_plan_and_is_written_as_it_was_read()
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(Checkout.Folder, "image.lock.json");
        ImageLock imageLock = ImageLockFile.Read(path);
        imageLock.RequireAnswerTo(ImagePlanReader.ReadFile(Path.Combine(Checkout.Folder, "image.yaml")), path);
        imageLock.Releases.ShouldAllBe(release => !release.SignedBy.IsEmpty);
        ImageLockFile.Write(folder["again.json"], imageLock);
        File.ReadAllText(folder["again.json"]).ShouldBe(File.ReadAllText(path));
        File.ReadAllText(path).ShouldNotContain("://");
    }

    [Theory]
    [InlineData("\"format\": 1", "\"format\": 2")]
    [InlineData("\"format\": 1", "\"format\": 1, \"colour\": 1")]
    [InlineData("\"path\": \"pool/", "\"path\": \"pool/../")]
    [InlineData("\"digest\": \"sha256:", "\"digest\": \"sha256:zz")]
    [InlineData("\"name\": \"bash\"", "\"name\": \"zbash\"")]
    [InlineData("\"suite\": \"trixie-updates\"", "\"suite\": \"trixie\"")]
    [InlineData("}", "")]
    public void A_lock_that_was_edited_wrongly_is_refused(string text, string replacement)
    {
        using TemporaryFolder folder = new();
        string json = File.ReadAllText(Path.Combine(Checkout.Folder, "image.lock.json")).Replace(text, replacement, StringComparison.Ordinal);
        File.WriteAllText(folder["image.lock.json"], json);
        Should.Throw<BakeException>(() => ImageLockFile.Read(folder["image.lock.json"])).Message.ShouldStartWith($"BAKE0301  {folder["image.lock.json"]}");
    }

    [Fact]
    public void A_full_disk_leaves_the_older_lock_and_no_partial_one()
    {
        using SmallFileSystem disk = SmallFileSystem.Mount(1);
        string path = Path.Combine(disk.FullPath, "image.lock.json");
        ImageLockFile.Write(path, Lock());
        string before = File.ReadAllText(path);
        using (FileStream rest = File.Create(Path.Combine(disk.FullPath, "rest"), bufferSize: 0))
        {
            Should.Throw<IOException>(() =>
            {
                while (true)
                {
                    rest.Write(new byte[4096]);
                }
            });
        }

        BakeException refused = Should.Throw<BakeException>(() => ImageLockFile.Write(path, ImageLockFile.Read(Path.Combine(Checkout.Folder, "image.lock.json"))));
        refused.Message.ShouldStartWith($"BAKE0303  {path}");
        refused.Message.ShouldEndWith("Make the folder writable, or make room.");
        File.ReadAllText(path).ShouldBe(before);
        Directory.EnumerateFiles(disk.FullPath).Select(Path.GetFileName).Order(StringComparer.Ordinal).ShouldBe(["image.lock.json", "rest"]);
    }

    [Fact]
    public void Container_images_are_pinned_in_order_and_none_twice()
    {
        using TemporaryFolder folder = new();
        LockedContainer first = new() { Name = "a.b/c:1", Digest = Digest.Sha256("1"u8), Size = 1 }, second = first with { Name = "a.b/c:2" };
        ImageLockFile.Write(folder["lock.json"], Lock() with { Containers = [first, second] });
        ImageLockFile.Read(folder["lock.json"]).Containers.ShouldBe([first, second]);

        foreach (ImmutableArray<LockedContainer> wrong in new ImmutableArray<LockedContainer>[] { [second, first], [first, first], [first with { Size = 0 }] })
        {
            ImageLockFile.Write(folder["wrong.json"], Lock() with { Containers = wrong });
            Should.Throw<BakeException>(() => ImageLockFile.Read(folder["wrong.json"])).Message.ShouldContain("a container image");
        }

        LockDifference.Describe(Lock() with { Containers = [first] }, Lock() with { Containers = [first with { Digest = Digest.Sha256("2"u8) }, second] })
            .ShouldBe([$"  a.b/c:1: {Digest.Sha256("1"u8)} -> {Digest.Sha256("2"u8)}", $"  a.b/c:2: (new) -> {Digest.Sha256("1"u8)}"]);
    }

    [Theory]
    [InlineData("1700000000", 1700000000)]
    [InlineData("0", 0)]
    public void The_variable_sets_the_time(string value, long seconds) => SourceDate.Choose(Lock(), value).ShouldBe(seconds);

    [Fact]
    public void Else_the_newest_release_sets_the_time() => SourceDate.Choose(Lock(), null).ShouldBe(Lock().NewestRelease.ToUnixTimeSeconds());

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("yesterday")]
    [InlineData("4294967296")]
    public void A_malformed_variable_is_refused(string value) => Should.Throw<BakeException>(() => SourceDate.Choose(Lock(), value)).Code.ShouldBe("BAKE0340");

    private static ImageLock Lock() => ImageLockFile.Read(Path.Combine(Checkout.Folder, "image.lock.json"));
}
