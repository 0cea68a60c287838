// One document and its JSON.
#pragma warning disable MA0048
using System.Text.Json.Serialization;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Etcd;
using Images.Bootstrapper.Identity;
using Images.NodeConfig;

namespace Images.Bootstrapper.Upgrade;

/// <summary>Where a machine's upgrades stand, for a program that upgrades many.</summary>
internal sealed record UpgradeLook
{
    public required string Hostname { get; init; }

    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>With its domain: demo.k8s; empty before the first boot with metadata.</summary>
    public required string Cluster { get; init; }

    /// <summary>The machine's own, in canonical form; empty as <see cref="Cluster"/> is.</summary>
    public required string Address { get; init; }

    /// <summary>The name of its Node in Kubernetes; null where it is no worker.</summary>
    public string? Node { get; init; }

    /// <summary>Of the image that runs.</summary>
    public required string Name { get; init; }

    /// <summary>Debian's name: amd64.</summary>
    public required string Architecture { get; init; }

    /// <inheritdoc cref="Name"/>
    public required string Version { get; init; }

    /// <inheritdoc cref="Version"/>
    public required string RootHash { get; init; }

    /// <summary>A version; null where the image holds none.</summary>
    public string? Kubernetes { get; init; }

    /// <summary>A version; null where the machine is no member of etcd.</summary>
    public string? Etcd { get; init; }

    /// <summary>The slot that runs: a or b; null where the machine has none.</summary>
    public char? Slot { get; init; }

    /// <summary>What the other slot holds at most; null while an image is tried, and where there is no slot.</summary>
    public long? SlotBytes { get; init; }

    /// <summary>What a kernel image may have at most; null as <see cref="SlotBytes"/> is.</summary>
    public long? KernelBytes { get; init; }

    /// <summary>Not kept yet.</summary>
    public required bool IsOnTrial { get; init; }

    /// <summary>Root hash of what the other slot holds whole; null for nothing.</summary>
    public string? Staged { get; init; }

    /// <summary>Root hash of what the next boot tries, or this one; null for nothing.</summary>
    public string? Pending { get; init; }

    /// <summary>Root hashes that were given up.</summary>
    public required IReadOnlyList<string> Failed { get; init; }

    /// <summary>What became of the last one that was given up; null where none was.</summary>
    public string? LastFailure { get; init; }

    public static async Task<UpgradeLook> ReadAsync(NodeRoot root, CancellationToken cancellationToken)
    {
        ImageDescription image = ImageDescription.Read(root);
        UpgradeMemory memory = UpgradeMemory.Read(root);
        NodeIdentity? identity = new IdentityStore(root).LoadIdentity();
        (long? slotBytes, long? kernelBytes) =
            memory.Pending is null ? await RoomAsync(root, cancellationToken) : (null, null);
        return new UpgradeLook
        {
            Hostname = identity?.Hostname ?? "",
            Roles = identity?.Roles ?? [],
            Cluster = identity is null ? "" : $"{identity.Cluster}.{identity.Domain}",
            Address = identity?.Address ?? "",
            Node = NodeOf(root, identity),
            Name = image.Name,
            Architecture = RunningImage.Read(root).Architecture,
            Version = image.Version,
            RootHash = await RunningRoot.HashAsync(root, cancellationToken),
            Kubernetes = image.Kubernetes,
            Etcd = identity?.Roles.Contains(EtcdAgent.Role, StringComparer.Ordinal) is true
                ? (await new EtcdProgram(root[EtcdPaths.Program]).VersionAsync(cancellationToken)).ToString()
                : null,
            Slot = MachineSlots.RunningSlot(root),
            SlotBytes = slotBytes,
            KernelBytes = kernelBytes,
            IsOnTrial = BootTrial.IsOnTrial(root),
            Staged = memory.Staged?.RootHash,
            Pending = memory.Pending?.RootHash,
            Failed = [.. memory.Failed.Select(failed => failed.RootHash)],
            LastFailure = memory.Failed is [.., { } last] ? last.ToString() : null,
        };
    }

    private static string? NodeOf(NodeRoot root, NodeIdentity? identity)
    {
        if (identity?.Roles.Contains(RoleNames.Worker, StringComparer.Ordinal) is not true)
        {
            return null;
        }

        try
        {
            return NodeState.Load(root).Metadata.Node.Kubernetes.NodeName ?? identity.Hostname;
        }
        catch (Exception e) when (e is BootFailure or ConfigurationException)
        {
            return identity.Hostname; // an upgrade may be what mends it
        }
    }

    /// <summary>Nothing where there are no slots, or another program has the loader's partition for itself.</summary>
    private static async Task<(long? SlotBytes, long? KernelBytes)> RoomAsync(
        NodeRoot root, CancellationToken cancellationToken)
    {
        try
        {
            using MachineSlots machine = await MachineSlots.OpenAsync(root, cancellationToken);
            return (machine.Slots.OtherBytes, new SlotWriter(machine.Slots, _ => { }, _ => { }).KernelBytes);
        }
        catch (Exception e) when (e is BootFailure or IOException or UnauthorizedAccessException)
        {
            return (null, null);
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(UpgradeLook))]
internal sealed partial class UpgradeLookJson : JsonSerializerContext;
