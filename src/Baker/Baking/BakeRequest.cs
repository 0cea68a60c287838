using Images.Baker.Plan;

namespace Images.Baker.Baking;

/// <summary>What the command line asks of a bake.</summary>
internal sealed record BakeRequest
{
    /// <summary>Path of image.yaml.</summary>
    public required string Plan { get; init; }

    /// <summary>Path of image.lock.json.</summary>
    public required string Lock { get; init; }

    /// <summary>The published bootstrapper, one file.</summary>
    public required string Bootstrapper { get; init; }

    /// <summary>Folder for the image, its manifest and its SBOM.</summary>
    public required string OutputFolder { get; init; }

    /// <summary>
    /// Path for a lock that holds for this bake only; never the committed one's, which may lie in the output folder.
    /// </summary>
    public string TemporaryLock
    {
        get
        {
            string beside = Path.GetFullPath(Path.Combine(OutputFolder, "image.lock.json"));
            return beside == Path.GetFullPath(Lock) ? Path.ChangeExtension(beside, "relocked.json") : beside;
        }
    }

    /// <summary>
    /// The folder of a cluster that exists: the image gets its source of Kubernetes, and no other minor version than
    /// the cluster can take. Null for none.
    /// </summary>
    public string? ForCluster { get; init; }

    /// <summary>
    /// A disk or an upgrade of the image that nodes run: a delta to it is made beside the rest. Null for none.
    /// </summary>
    public string? From { get; init; }

    public required string CacheFolder { get; init; }

    /// <summary>Address of a Debian mirror, or null for the host's own and the default one.</summary>
    public string? Mirror { get; init; }

    /// <summary>No other lock than the committed one, no other compressor than the one that is known.</summary>
    public required bool InsistOnLock { get; init; }

    /// <summary>The command line's choice of where Kubernetes comes from; null for the plan's.</summary>
    public KubernetesSource? Kubernetes { get; init; }

    /// <summary>SOURCE_DATE_EPOCH as the environment has it, or null.</summary>
    public string? SourceDateEpoch { get; init; }

    /// <summary>What built the bootstrapper: name and version, for the manifest.</summary>
    public required IReadOnlyDictionary<string, string> Tools { get; init; }

    /// <summary>
    /// packages.lock.json of the bootstrapper's project, for the bill of materials; null where nobody names it.
    /// </summary>
    public string? NuGetLock { get; init; }
}
