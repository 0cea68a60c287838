// One closed family, read together: image.lock.json. Of Kubernetes it holds a LockedKubernetes.
#pragma warning disable MA0048
using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Images.Baker.Plan;
using Images.Formats;

namespace Images.Baker.Locking;

/// <summary>
/// image.lock.json: every artefact of the image, pinned. Written by <c>baker lock</c> only; holds no host name, so that
/// the same lock serves every mirror. Releases and packages are sorted ordinally.
/// </summary>
internal sealed record ImageLock
{
    public const int CurrentFormat = 1;

    public required int Format { get; init; }

    public required string Architecture { get; init; }

    /// <summary>Digest of what image.yaml asked for when this was resolved (<see cref="PlanDigest"/>).</summary>
    public required Digest Request { get; init; }

    /// <summary>One a suite, sorted by archive and suite.</summary>
    public required ImmutableArray<LockedRelease> Releases { get; init; }

    /// <summary>Sorted by name.</summary>
    public required ImmutableArray<LockedPackage> Packages { get; init; }

    /// <summary>
    /// Container images from registries and archives, sorted by name; absent from the file where there are none.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<LockedContainer> Containers { get; init; } = [];

    /// <summary>
    /// What the bootstrapper is linked with, sorted by name; absent from the file where image.yaml names nothing.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<LockedPackage> Toolchain { get; init; } = [];

    /// <summary>Absent where image.yaml describes no source of Kubernetes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LockedKubernetes? Kubernetes { get; init; }

    /// <summary>Date of the newest InRelease: the time that stands in the image wherever none else is known.</summary>
    [JsonIgnore]
    public DateTimeOffset NewestRelease => Releases.Max(release => release.Date);

    /// <summary>Those of the image and of Kubernetes' build, each text once.</summary>
    [JsonIgnore]
    public IEnumerable<LockedRelease> AllReleases =>
        Releases.Concat(Kubernetes?.Debian?.Releases ?? []).DistinctBy(
            release => (release.Archive, release.Suite, release.InRelease));

    public IEnumerable<LockedPackage> PackagesFor(PackageUse use) =>
        Packages.Where(package => package.Uses.Contains(use));

    /// <exception cref="BakeException">image.yaml asks for something else than this lock answers.</exception>
    public void RequireAnswerTo(ImagePlan plan, string lockName)
    {
        if (Request != PlanDigest.Of(plan))
        {
            throw new BakeException(
                "BAKE0302", lockName, "It was resolved from other packages, suites or keys than image.yaml names now.",
                "Run 'baker lock' and commit the result.");
        }
    }
}

/// <summary>The signed InRelease of a suite that packages were resolved from.</summary>
internal sealed record LockedRelease
{
    /// <summary>debian or debian-security.</summary>
    public required string Archive { get; init; }

    public required string Suite { get; init; }

    /// <summary>Its Date field, UTC.</summary>
    public required DateTimeOffset Date { get; init; }

    /// <summary>Of the InRelease file as it was downloaded.</summary>
    public required Digest InRelease { get; init; }

    /// <summary>Fingerprints of the pinned certificates with a good signature, sorted.</summary>
    public required ImmutableArray<string> SignedBy { get; init; }

    /// <summary>The Packages files read, sorted by path.</summary>
    public required ImmutableArray<LockedIndex> Indexes { get; init; }
}

/// <summary>A file that the InRelease names.</summary>
internal sealed record LockedIndex
{
    /// <summary>Relative to the suite's folder: main/binary-amd64/Packages.xz.</summary>
    public required string Path { get; init; }

    /// <summary>Bytes.</summary>
    public required long Size { get; init; }

    public required Digest Digest { get; init; }
}

/// <summary>One .deb of the image.</summary>
internal sealed record LockedPackage
{
    public required string Name { get; init; }

    public required string Version { get; init; }

    /// <summary>amd64 or all.</summary>
    public required string Architecture { get; init; }

    /// <summary>debian or debian-security.</summary>
    public required string Archive { get; init; }

    public required string Suite { get; init; }

    /// <summary>Below the archive's root: pool/main/b/bash/bash_5.2.37-2_amd64.deb.</summary>
    public required string Path { get; init; }

    /// <summary>Bytes.</summary>
    public required long Size { get; init; }

    public required Digest Digest { get; init; }

    /// <summary>Where its files go, sorted.</summary>
    public required ImmutableArray<PackageUse> Uses { get; init; }

    /// <summary>The file's name, for messages.</summary>
    public string FileName() => Path[(Path.LastIndexOf('/') + 1)..];
}

internal enum PackageUse
{
    /// <summary>Unpacked into the root tree.</summary>
    [JsonStringEnumMemberName("root")]
    Root,

    /// <summary>The initramfs takes programs and libraries from it.</summary>
    [JsonStringEnumMemberName("initramfs")]
    Initramfs,

    /// <summary>The bake takes the UKI stub and the boot loader from it.</summary>
    [JsonStringEnumMemberName("boot")]
    Boot,

    /// <summary>Kubernetes is built with it or from it, or the bootstrapper is linked with it.</summary>
    [JsonStringEnumMemberName("build")]
    Build,
}

/// <summary>
/// A container image that is not made by the bake itself, pinned. Its digest pins all that it leads to.
/// </summary>
internal sealed record LockedContainer
{
    /// <summary>The name in image.yaml.</summary>
    public required string Name { get; init; }

    /// <summary>Of the manifest or index that was pulled, or of the whole archive.</summary>
    public required Digest Digest { get; init; }

    /// <summary>Bytes of what the digest is of.</summary>
    public required long Size { get; init; }
}

[JsonSourceGenerationOptions(
    WriteIndented = true,
    NewLine = "\n",
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    UseStringEnumConverter = true,
    Converters = [typeof(DigestJsonConverter)])]
[JsonSerializable(typeof(ImageLock))]
internal sealed partial class ImageLockJson : JsonSerializerContext;
