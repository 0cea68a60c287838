using System.Text.Json;
using Images.Bootstrapper.Files;
using Images.Bootstrapper.Reporting;
using Images.NodeConfig;

namespace Images.Bootstrapper.Identity;

/// <summary>
/// Identity and the metadata it came from, on the state partition. The identity file is written last: with
/// it, all is there.
/// </summary>
internal sealed class IdentityStore(NodeRoot root)
{
    private const UnixFileMode StateFolderMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private const UnixFileMode PrivateFolderMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Null before the first decision.</summary>
    /// <exception cref="BootFailure">The file is there and cannot be understood.</exception>
    public NodeIdentity? LoadIdentity()
    {
        string path = root[NodePaths.Identity];
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), NodeIdentityJson.Default.NodeIdentity);
        }
        catch (JsonException e)
        {
            throw new BootFailure(
                "NODE0106", NodePaths.Identity, $"the identity cannot be read ({FaultText.Of(e)})",
                "run 'bootstrapper reset --yes' to let the machine begin anew");
        }
    }

    /// <summary>The copy of the metadata; null when there is none.</summary>
    public StoredMetadata? LoadMetadata() =>
        File.Exists(UserData) && File.Exists(MetaData)
            ? new StoredMetadata(File.ReadAllBytes(UserData), File.ReadAllBytes(MetaData))
            : null;

    /// <summary>
    /// Empty on a machine whose identity is older than that, or whose file nobody can read: it then takes the source
    /// and the machine that it finds.
    /// </summary>
    public MachineMemory LoadMemory()
    {
        try
        {
            return File.Exists(root[NodePaths.Memory])
                ? JsonSerializer.Deserialize(
                    File.ReadAllBytes(root[NodePaths.Memory]), NodeIdentityJson.Default.MachineMemory)
                    ?? MachineMemory.None
                : MachineMemory.None;
        }
        catch (JsonException)
        {
            return MachineMemory.None;
        }
    }

    /// <summary>To be called before <see cref="Save"/>. Only root reads it: it has serial numbers.</summary>
    public void Remember(MachineMemory memory)
    {
        Directory.CreateDirectory(root[NodePaths.StateFolder], StateFolderMode);
        WriteIfChanged(
            root[NodePaths.Memory],
            JsonSerializer.SerializeToUtf8Bytes(memory, NodeIdentityJson.Default.MachineMemory),
            AtomicFile.OwnerOnly);
    }

    public void Save(NodeIdentity identity, StoredMetadata metadata)
    {
        Directory.CreateDirectory(root[NodePaths.StateFolder], StateFolderMode);
        Directory.CreateDirectory(root[NodePaths.Metadata], PrivateFolderMode);
        WriteIfChanged(MetaData, metadata.MetaData, AtomicFile.OwnerOnly);
        WriteIfChanged(UserData, metadata.UserData, AtomicFile.OwnerOnly);
        WriteIfChanged(
            root[NodePaths.Identity],
            JsonSerializer.SerializeToUtf8Bytes(identity, NodeIdentityJson.Default.NodeIdentity), AtomicFile.Public);
    }

    private string UserData => root[NodePaths.Metadata + "/user-data"];

    private string MetaData => root[NodePaths.Metadata + "/meta-data"];

    private static void WriteIfChanged(string path, byte[] content, UnixFileMode mode)
    {
        if (!File.Exists(path) || !File.ReadAllBytes(path).AsSpan().SequenceEqual(content))
        {
            AtomicFile.Write(path, content, mode);
        }
    }
}
