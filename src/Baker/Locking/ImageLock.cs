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

    /// <summary>Container images from registries and archives, sorted by name; absent from the file where there are none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<LockedContainer> Containers { get; init; } = [];

    /// <summary>What the bootstrapper is linked with, sorted by name; absent from the file where image.yaml names nothing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<LockedPackage> Toolchain { get; init; } = [];

    /// <summary>Absent where image.yaml describes no source of Kubernetes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public LockedKubernetes? Kubernetes { get; init; }

    /// <summary>Date of the newest InRelease: the time that stands in the image wherever none else is known.</summary>
    [JsonIgnore]
    public DateTimeOffset NewestRelease => Releases.Max(release => release.Date);

    public IEnumerable<LockedPackage> PackagesFor(PackageUse use) => Packages.Where(package => package.Uses.Contains(use));

    /// <exception cref="BakeException">image.yaml asks for something else than this lock answers.</exception>
    public void RequireAnswerTo(ImagePlan plan, string lockName)
    {
        if (Request != PlanDigest.Of(plan))
        {
            throw new BakeException(
                "BAKE0302", lockName, "It was resolved from other packages, suites or keys than image.yaml names now.", "Run 'baker lock' and commit the result.");
        }
    }
}
