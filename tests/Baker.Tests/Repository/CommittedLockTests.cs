using Images.Baker.Debian.Archive;
using Images.Baker.Locking;
using Images.Baker.Plan;
using Images.Baker.Restoring;
using Images.TestSupport;

namespace Images.Baker.Tests.Repository;

/// <summary>The texts beside image.lock.json, without asking anybody: <c>baker lock --check</c> asks for the indexes too.</summary>
public sealed class CommittedLockTests
{
    [Fact]
    public void Each_release_beside_the_lock_is_signed_and_names_the_indexes_that_the_lock_pins()
    {
        string lockPath = Path.Combine(Checkout.Folder, "image.lock.json");
        ImagePlan plan = ImagePlanReader.ReadFile(Path.Combine(Checkout.Folder, "image.yaml"));
        PinnedSuite[] suites = [.. PinnedSuite.Of(plan, ImageLockFile.Read(lockPath), lockPath)];
        string[] known = [.. suites.Select(suite => ReleaseTexts.NameOf(suite.Release))];
        Directory.GetFiles(ReleaseTexts.FolderOf(lockPath)).Select(Path.GetFileName).ShouldBe(known, ignoreOrder: true);
        foreach (PinnedSuite suite in suites)
        {
            byte[] text = ReleaseTexts.TryRead(lockPath, suite.Release).ShouldNotBeNull(suite.Release.Suite);
            ReleaseFile release = new ReleaseChecker(TimeProvider.System).CheckPinned(text, suite.Suite, suite.Release, suite.Release.Suite);
            suite.Release.Indexes.ShouldAllBe(index => release.Indexes[index.Path] == index);
        }
    }
}
