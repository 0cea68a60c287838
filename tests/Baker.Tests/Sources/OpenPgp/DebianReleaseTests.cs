using Images.Baker.Debian.Archive;
using Images.Baker.Fetching;
using Images.Baker.Locking;
using Images.Baker.Plan;
using Images.TestSupport;

namespace Images.Baker.Tests.Sources.OpenPgp;

/// <summary>
/// Ours and gpgv judge Debian's own releases by the committed keys, for each suite of image.yaml. The lock pins a release by its digest
/// and nobody keeps it, so what the mirrors have now is asked for: the locked one or, as a lock would take it, a newer one.
/// </summary>
[Trait("Category", "Oracle")]
public sealed class DebianReleaseTests
{
    [Fact]
    public async Task Gpgv_and_ours_believe_each_release_for_the_same_keys_and_neither_does_with_a_byte_changed()
    {
        using HttpClient client = new() { Timeout = Timeout.InfiniteTimeSpan };
        SmallDownload download = new(client, new DownloadOptions());
        MirrorSet mirrors = MirrorSet.Choose(option: null, AptSources.Read("/etc/apt"));
        ImagePlan plan = ImagePlanReader.ReadFile(Path.Combine(Checkout.Folder, "image.yaml"));
        ImageLock pinned = ImageLockFile.Read(Path.Combine(Checkout.Folder, "image.lock.json"));
        LockedRelease[] releases = [.. pinned.Releases, .. pinned.Kubernetes?.Debian?.Releases ?? []];
        SuitePlan[] suites = [.. plan.Debian.Suites, .. plan.Kubernetes?.Debian?.Suites ?? []];
        suites.Length.ShouldBe(releases.Length);
        foreach (SuitePlan suite in suites)
        {
            byte[] file = await FetchAsync(download, mirrors.For(suite.Archive), $"dists/{suite.Suite}/InRelease");
            Compare(file, suite, releases.Single(release => release.Archive == suite.Archive && release.Suite == suite.Suite));
        }
    }

    private static async Task<byte[]> FetchAsync(SmallDownload download, IReadOnlyList<Mirror> mirrors, string path)
    {
        foreach (Mirror mirror in mirrors.SkipLast(1))
        {
            try
            {
                return await download.GetAsync(mirror, path, CancellationToken.None);
            }
            catch (BakeException failure) when (failure.Fault == BakeFault.Source)
            {
                // the next one is asked; the last one's failure is the test's
            }
        }

        return await download.GetAsync(mirrors[^1], path, CancellationToken.None);
    }

    private static void Compare(byte[] file, SuitePlan suite, LockedRelease pinned)
    {
        ReleaseChecker checker = new(TimeProvider.System);
        string[] signedBy = [.. checker.Check(file, suite, pinned, suite.Suite).SignedBy];
        signedBy.ShouldNotBeEmpty(suite.Suite);
        GoodForGpgv(file, suite).ShouldBe(signedBy, suite.Suite);

        int start = file.AsSpan().IndexOf("\n\n"u8) + 2, end = file.AsSpan().LastIndexOf("\n-----BEGIN PGP SIGNATURE-----"u8);
        foreach (int place in (int[])[start, start + ((end - start) / 2), end - 1])
        {
            byte[] changed = [.. file];
            changed[place] ^= 1;
            string what = $"{suite.Suite} with byte {place} changed";
            GoodForGpgv(changed, suite).ShouldBeEmpty(what);
            Should.Throw<BakeException>(() => checker.Check(changed, suite, pinned, suite.Suite), what).Code.ShouldBe("BAKE0320", what);
        }
    }

    /// <summary>Fingerprints of the certificates whose signatures gpgv finds good; it cannot judge those of keys that are not pinned.</summary>
    private static string[] GoodForGpgv(byte[] file, SuitePlan suite)
    {
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder["InRelease"], file);
        string[] keyrings = [.. suite.Keys.SelectMany(key => new[] { "--keyring", key.File })];
        JudgeResult gpgv = Judge.Try("gpgv", ["--status-fd", "1", .. keyrings, folder["InRelease"]]);

        // one block a signature; VALIDSIG ends with the primary key's fingerprint
        return
        [
            .. gpgv.Output.Split("[GNUPG:] NEWSIG")
                .Where(signature => signature.Contains("[GNUPG:] GOODSIG ", StringComparison.Ordinal))
                .Select(signature => signature.Split('\n').Single(line => line.StartsWith("[GNUPG:] VALIDSIG ", StringComparison.Ordinal)).Split(' ')[^1])
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal),
        ];
    }
}
