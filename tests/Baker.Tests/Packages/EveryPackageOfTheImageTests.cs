using System.Security.Cryptography;
using Images.Baker.Caching;
using Images.Baker.Debian.Packages;
using Images.Baker.Locking;
using Images.Baker.Plan;
using Images.Baker.Restoring;
using Images.Formats.Ar;
using Images.Formats.Tar;
using Images.Formats.Xz;
using Images.TestSupport;

namespace Images.Baker.Tests.Packages;

/// <summary>Holds our readers against dpkg-deb, xz and tar, for each package that the committed lock pins.</summary>
[Trait("Category", "Oracle")]
public sealed class EveryPackageOfTheImageTests
{
    [Fact]
    public async Task Each_package_is_decoded_to_the_fields_bytes_and_listing_of_dpkg_deb_xz_and_tar()
    {
        string repository = Checkout.Folder;
        string planPath = Path.Combine(repository, "image.yaml"), lockPath = Path.Combine(repository, "image.lock.json");
        using TemporaryFolder folder = new();
        using Restorer session = new(new RestoreOptions
        {
            CacheFolder = CacheFolder.Choose(null, Environment.GetEnvironmentVariable),
            Clock = TimeProvider.System,
        });
        RestoreRequest request = new()
        {
            Plan = ImagePlanReader.ReadFile(planPath),
            PlanName = planPath,
            Lock = ImageLockFile.Read(lockPath),
            LockName = lockPath,
            TemporaryLock = folder["image.lock.json"],
            InsistOnLock = true,
        };
        RestoredSources sources = await session.RestoreAsync(request, progress: null, _ => { }, CancellationToken.None);
        sources.Lock.Packages.ShouldNotBeEmpty();
        await InParallel.ForEachAsync(
            sources.Lock.Packages,
            async (package, cancellationToken) =>
            {
                using FileStream stream = await sources.OpenAsync(package, _ => { }, cancellationToken);
                Compare(stream, package, folder[$"{package.Name}.tar"]);
            },
            CancellationToken.None);
    }

    private static void Compare(FileStream stream, LockedPackage locked, string judged)
    {
        DebPackage package = DebPackage.Open(stream, locked.FileName());
        package.Control.Package.ShouldBe(locked.Name);
        package.Control.Version.ShouldBe(DebVersion.Parse(locked.Version));
        package.Control.Architecture.ShouldBe(locked.Architecture);
        package.Control.Fields.ToString().ShouldBe(Judge.Run("dpkg-deb", "--field", stream.Name), locked.FileName());
        Judge.Run("sh", "-c", "exec dpkg-deb --fsys-tarfile \"$1\" > \"$2\"", "sh", stream.Name, judged);

        // the data are decoded once, and hashed on their way into the tar reader
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using Stream data = package.OpenData();
        using HashingStream hashed = new(data, hash);
        string[] listing = [.. new TarReader(hashed, package.DataName).Select(TarListing.LineOf)];
        string dataDigest = Convert.ToHexStringLower(hash.GetHashAndReset());
        using (FileStream judgedData = File.OpenRead(judged))
        {
            dataDigest.ShouldBe(DigestOf(judgedData), locked.FileName());
        }

        listing.ShouldBe(TarListing.OfTar(judged), locked.FileName());
        File.Delete(judged);
        CompareWithXz(stream, locked.FileName(), dataDigest);
    }

    private static void CompareWithXz(FileStream stream, string name, string dataDigest)
    {
        foreach (ArMember member in ArReader.Read(stream, name).Where(member => member.Name.EndsWith(".xz", StringComparison.Ordinal)))
        {
            JudgeResult xz = Judge.Try("sh", "-c", "ar p \"$1\" \"$2\" | xz -dc | sha256sum", "sh", stream.Name, member.Name);
            xz.Error.ShouldBeEmpty($"{name}/{member.Name}");
            xz.Output.Split(' ')[0].ShouldBe(member.Name.StartsWith("data.", StringComparison.Ordinal) ? dataDigest : Decoded(member, name), $"{name}/{member.Name}");
        }
    }

    private static string Decoded(ArMember member, string name)
    {
        using XzStream decoded = new(member.OpenRead(), $"{name}/{member.Name}");
        return DigestOf(decoded);
    }

    private static string DigestOf(Stream stream) => Convert.ToHexStringLower(SHA256.HashData(stream));
}
