using Images.Baker.Caching;
using Images.Baker.Plan;
using Images.Baker.Progress;
using Images.Formats;

namespace Images.Baker.Kubernetes;

/// <summary>One way to come by the programs: a chosen source, pinned by the lock.</summary>
internal interface IKubernetesPrograms
{
    KubernetesSource Source { get; }

    /// <summary>As 1.36.0.</summary>
    string Version { get; }

    /// <summary>Everything that decides about the programs' bytes, as text.</summary>
    string Key { get; }

    /// <summary>What they come from, by name, for the manifest.</summary>
    IReadOnlyDictionary<string, Digest> Inputs { get; }

    /// <summary>What was changed in their sources before they were built, for the manifest.</summary>
    IReadOnlyList<string> Changes { get; }

    /// <summary>Obtains and makes the programs.</summary>
    /// <param name="work">For files that are needed until the layer is made.</param>
    /// <exception cref="BakeException">Something cannot be had, is not what is pinned, or cannot be built.</exception>
    /// <exception cref="MalformedDataException">What they come from is damaged.</exception>
    Task<KubernetesFiles> MakeAsync(WorkFolder work, IBakeProgress progress, CancellationToken cancellationToken);
}
