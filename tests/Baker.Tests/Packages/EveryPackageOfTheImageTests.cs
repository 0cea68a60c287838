using System.Security.Cryptography;
using Images.Baker.Packages;
using Images.Baker.Plan;
using Images.Baker.Sources;
using Images.TestSupport;

namespace Images.Baker.Tests.Packages;

/// <summary>Holds our readers against dpkg-deb and tar, for each package that the committed lock pins.</summary>
[Trait("Category", "Oracle")]
public sealed class EveryPackageOfTheImageTests
{
    [Fact]
    public async Task Each_package_is_decoded_to_the_bytes_and_the_listing_of_dpkg_deb_and_tar()
    {
        string repository = Checkout.Folder;
        string planPath = Path.Combine(repository, "image.yaml"), lockPath = Path.Combine(repository, "image.lock.json");
        using TemporaryFolder folder = new();
        using SourceSession session = new(new SourceOptions
        {
            CacheFolder = CacheFolder.Choose(null, Environment.GetEnvironmentVariable),
            Clock = TimeProvider.System,
        });
        ObtainRequest request = new()
        {
            Plan = ImagePlanReader.ReadFile(planPath),
            PlanName = planPath,
            Lock = ImageLockFile.Read(lockPath),
            LockName = lockPath,
            TemporaryLock = folder["image.lock.json"],
            InsistOnLock = true,
        };
        ObtainedSources sources = await session.ObtainAsync(request, progress: null, _ => { }, CancellationToken.None);
        sources.Lock.Packages.ShouldNotBeEmpty();
        foreach (LockedPackage package in sources.Lock.Packages)
        {
            using FileStream stream = await sources.OpenAsync(package, _ => { }, CancellationToken.None);
            Compare(stream, package, folder["judge.tar"]);
        }
    }

    private static void Compare(FileStream stream, LockedPackage locked, string judged)
    {
        DebPackage package = DebPackage.Open(stream, locked.FileName());
        package.Control.Package.ShouldBe(locked.Name);
        package.Control.Version.ShouldBe(DebVersion.Parse(locked.Version));
        package.Control.Architecture.ShouldBe(locked.Architecture);
        Judge.Run("sh", "-c", "exec dpkg-deb --fsys-tarfile \"$1\" > \"$2\"", "sh", stream.Name, judged);

        // the data are decoded once, and hashed on their way into the tar reader
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using Stream data = package.OpenData();
        using HashingStream hashed = new(data, hash);
        string[] listing = [.. new TarReader(hashed, package.DataName).Select(TarListing.LineOf)];
        using FileStream judgedData = File.OpenRead(judged);
        Convert.ToHexStringLower(hash.GetHashAndReset()).ShouldBe(Convert.ToHexStringLower(SHA256.HashData(judgedData)), locked.FileName());
        listing.ShouldBe(TarListing.OfTar(judged), locked.FileName());
    }
}
