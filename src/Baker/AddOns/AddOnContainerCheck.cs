using System.Collections.Immutable;
using Images.Baker.Containers;
using Images.Baker.Locking;
using Images.Baker.Plan;
using Images.NodeConfig.Kubernetes;

namespace Images.Baker.AddOns;

/// <summary>
/// Sees that what add-ons run is carried in the image, unless image.yaml says that nodes may pull it.
/// </summary>
internal static class AddOnContainerCheck
{
    /// <param name="files">The add-ons.</param>
    /// <param name="containers">What the image carries.</param>
    /// <param name="pinned">The digests by which pulled ones may be named.</param>
    /// <param name="notice">Told of what nodes will pull.</param>
    /// <exception cref="BakeException">A container image is missing.</exception>
    public static void Require(
        ImmutableArray<AddOnFile> files, ImmutableArray<ContainerImagePlan> containers,
        ImmutableArray<LockedContainer> pinned, Action<string> notice)
    {
        HashSet<string> carried = [.. containers.SelectMany(container => NamesOf(container, pinned))];
        foreach (AddOnFile file in files)
        {
            foreach ((ManifestObject item, AddOnContainer container) in file.Objects.SelectMany(
                item => AddOnContainer.In(item.Json).Distinct().Select(container => (item, container))))
            {
                Require(file, item, container, carried, notice);
            }
        }
    }

    private static void Require(
        AddOnFile file, ManifestObject item, AddOnContainer container, HashSet<string> carried, Action<string> notice)
    {
        ContainerReference? reference = ContainerReference.TryParse(container.Name);
        bool isCarried = reference is not null && carried.Contains(NameInStore(reference));
        if (isCarried && !container.IsAlwaysPulled(reference!))
        {
            return;
        }

        string problem = isCarried
            ? $"{item} has its registry asked for '{container.Name}' at each start, though the image carries it."
            : $"{item} runs the container image '{container.Name}', which the image does not carry.";
        if (!file.MayPull)
        {
            throw new BakeException(
                "BAKE0486", item.Place, problem,
                isCarried ? "Write 'imagePullPolicy: IfNotPresent' beside it." : Remedy(file, reference));
        }

        notice($"{item.Place}: {problem} Nodes must reach its registry.");
    }

    private static string Remedy(AddOnFile file, ContainerReference? reference) => reference is null
        ? "Write its whole name, with host and tag, and list it under 'containerImages'."
        : "List it under 'containerImages', or let nodes pull it: "
            + $"{{ path: {file.WrittenPath}, pull: allowed }} under '{AddOnPlanReader.Key}'.";

    private static IEnumerable<string> NamesOf(
        ContainerImagePlan container, ImmutableArray<LockedContainer> pinned) =>
        container is PulledContainerPlan
            ? [
                container.Name.ToString(),
                container.Name.At(ContainerSources.Pinned(container, pinned).Digest).ToString(),
            ]
            : [container.Name.ToString()];

    /// <summary>Of a name with tag and digest containerd keeps the digest.</summary>
    private static string NameInStore(ContainerReference reference) =>
        (reference.Digest is { } digest ? reference.At(digest) : reference).ToString();
}
