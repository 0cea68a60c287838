using System.Text.Json;
using Images.Bootstrapper.Reporting;
using Images.NodeConfig;
using Images.NodeConfig.Containers;

namespace Images.Bootstrapper.Containers;

/// <summary>
/// Brings the container images that lie in this image into containerd: absent ones only, and all of them pinned,
/// so that neither containerd nor the kubelet collects them. What an earlier image pinned and this one does not
/// carry is let go.
/// </summary>
/// <param name="root">Where the archives lie.</param>
/// <param name="store">A containerd that runs.</param>
/// <param name="say">Told a line for each image that is imported or let go.</param>
internal sealed class ContainerImport(NodeRoot root, ContainerdStore store, Action<string> say)
{
    /// <summary>containerd reports such an image to the kubelet as pinned.</summary>
    private const string PinnedLabel = "io.cri-containerd.pinned";
    private const string Pinned = "pinned";

    /// <summary>Tells our pins from those of others.</summary>
    private const string CarriedLabel = "bootstrapper.carried";
    private const string Carried = "yes";

    private static readonly Dictionary<string, string> _pin =
        new(StringComparer.Ordinal) { [PinnedLabel] = Pinned, [CarriedLabel] = Carried };
    private static readonly Dictionary<string, string> _letGo =
        new(StringComparer.Ordinal) { [PinnedLabel] = "", [CarriedLabel] = "" };

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<CarriedContainer> carried = ReadCarried();
        IReadOnlyList<StoredContainer> stored = await store.ListAsync(cancellationToken);
        bool imported = await ImportAbsentAsync(carried, stored, cancellationToken);
        await PinAsync(carried, imported ? await store.ListAsync(cancellationToken) : stored, cancellationToken);
    }

    private async Task<bool> ImportAbsentAsync(
        IReadOnlyList<CarriedContainer> carried, IReadOnlyList<StoredContainer> stored,
        CancellationToken cancellationToken)
    {
        bool imported = false;
        foreach (CarriedContainer container in carried.Where(container =>
            !container.Names.All(name => stored.Any(image => image.Name == name && image.Digest == container.Digest))))
        {
            say($"importing the container image {container.Names[0]} ({container.Digest})");
            await store.ImportAsync(root[$"{NodePaths.Containers}/{container.Archive}"], cancellationToken);
            imported = true;
        }

        return imported;
    }

    private async Task PinAsync(
        IReadOnlyList<CarriedContainer> carried, IReadOnlyList<StoredContainer> stored,
        CancellationToken cancellationToken)
    {
        HashSet<string> names = carried.SelectMany(container => container.Names).ToHashSet(StringComparer.Ordinal);
        foreach (StoredContainer image in stored)
        {
            bool isOurs = image.Labels.GetValueOrDefault(CarriedLabel) == Carried;
            bool isPinned = isOurs && image.Labels.GetValueOrDefault(PinnedLabel) == Pinned;
            if (names.Contains(image.Name) && !isPinned)
            {
                await store.LabelAsync(image.Name, _pin, cancellationToken);
            }
            else if (!names.Contains(image.Name) && isOurs)
            {
                say($"letting go of the container image {image.Name}, which this image does not carry");
                await store.LabelAsync(image.Name, _letGo, cancellationToken);
            }
        }
    }

    private CarriedContainer[] ReadCarried()
    {
        string folder = root[NodePaths.Containers];
        return Directory.Exists(folder)
            ? [.. Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal).Select(Read)]
            : [];
    }

    private static CarriedContainer Read(string path)
    {
        try
        {
            return CarriedContainer.FromJson(File.ReadAllBytes(path));
        }
        catch (JsonException e)
        {
            throw new BootFailure(
                "NODE0503", path, $"is not what the Baker writes: {FaultText.Of(e)}", "bake the image again");
        }
    }
}
