using System.Text.Json;
using Images.Baker.Manifest;
using Images.Formats;
using Images.Formats.Disk;
using Images.Formats.SquashFs;
using Images.Formats.Tree;
using Images.NodeConfig;
using Images.NodeConfig.Roles;

namespace Images.Baker.Inspect;

/// <summary>Reads what an image says of itself, without reading all of it.</summary>
internal static class ImageInspector
{
    /// <exception cref="BakeException">The file cannot be read.</exception>
    /// <exception cref="MalformedDataException">It is no image of ours, or damaged where it was read.</exception>
    public static ImageReport Inspect(string path)
    {
        using DiskImage disk = DiskImage.Open(path);
        using PartitionStream espPartition = disk.OpenPartition(NodeDisk.Esp);
        EspContent esp = EspContent.Read(espPartition, $"{path} ({NodeDisk.Esp})");
        string slotName = RootSlot.Find(disk, esp.Verity);
        string rootName = $"{path} ({slotName})";
        using PartitionStream slot = disk.OpenPartition(slotName);
        SquashFsImage root = SquashFsReader.Read(slot, rootName);
        return new ImageReport
        {
            FilePath = path,
            DiskBytes = disk.SizeBytes,
            DiskGuid = disk.DiskGuid,
            Partitions = disk.Partitions,
            Manifest = ReadManifest(root, rootName),
            Roles = ReadRoles(root, rootName),
            RootSlot = slotName,
            RootFileSystemBytes = (long)root.Superblock.BytesUsed,
            RootNames = root.Tree.Count,
            Verity = esp.Verity,
            KernelImage = esp.KernelImage.ToString(),
            CommandLine = esp.CommandLine,
            EspFiles = [.. esp.Volume.Tree.Nodes
                .Where(pair => pair.Value is FileNode)
                .Select(pair => (pair.Key.ToString(), ((FileNode)pair.Value).Content.Length))],
            EspFreeBytes = (long)esp.Volume.FreeClusters * esp.Volume.Geometry.ClusterSize,
        };
    }

    public static InspectedManifest ReadManifest(SquashFsImage root, string file) =>
        InspectedManifest.Parse(ReadFile(root, ImageManifest.Path, file), file);

    private static IReadOnlyList<string> ReadRoles(SquashFsImage root, string file)
    {
        try
        {
            return [.. CompiledRoles.FromJson(ReadFile(root, NodePaths.CompiledRoles, file)).Roles
                .Select(role => role.Role)];
        }
        catch (JsonException fault)
        {
            throw new MalformedDataException(
                file, -1, $"{NodePaths.CompiledRoles} is not what a bake writes: {fault.Message}", fault);
        }
    }

    private static byte[] ReadFile(SquashFsImage root, string path, string file) =>
        root.Tree.Find(path) is FileNode or HardLinkNode
            ? root.Tree.ReadFile(path)
            : throw new MalformedDataException(file, -1, $"the root has no file {path}, so it is no image of ours.");
}
