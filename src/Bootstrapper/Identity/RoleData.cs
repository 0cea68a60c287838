using System.Text.Json;
using Images.NodeConfig;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Identity;

/// <summary>
/// Takes away what an identity left on the state partition. The identity file goes last, so that whatever a power cut
/// interrupts is taken up again at the next boot.
/// </summary>
internal sealed class RoleData(NodeRoot root, CompiledRoles roles)
{
    private const string OldFolder = "/var/lib/bootstrapper-old";
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>
    /// Moves everything to a numbered folder, which is returned; below it each entry has the path that it had.
    /// </summary>
    public string SetAside(NodeIdentity identity)
    {
        int number = Enumerable.Range(1, int.MaxValue - 1)
            .First(candidate => !File.Exists(root[$"{OldFolder}/{candidate}{NodePaths.Identity}"]));
        string target = $"{OldFolder}/{number}";
        Directory.CreateDirectory(root[target], Private);
        foreach (string path in Entries(identity))
        {
            Move(root[path], root[target + path]);
        }

        return target;
    }

    /// <summary>
    /// What earlier identities of this machine left: the folder, and who it was as far as that can be read.
    /// </summary>
    public IReadOnlyList<(string Folder, string Identity)> FindSetAside() =>
        [.. Children(OldFolder).Select(folder => (folder, DescribeIdentity(root[folder + NodePaths.Identity])))];

    /// <summary>Removes everything.</summary>
    public void Remove(NodeIdentity? identity)
    {
        foreach (string path in Entries(identity))
        {
            Delete(root[path]);
        }
    }

    private static string DescribeIdentity(string path)
    {
        try
        {
            NodeIdentity? identity = JsonSerializer.Deserialize(
                File.ReadAllBytes(path), NodeIdentityJson.Default.NodeIdentity);
            return identity is null
                ? "nobody"
                : $"role {string.Join('+', identity.Roles)}, cluster {identity.Cluster}.{identity.Domain}";
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return "an identity that cannot be read";
        }
    }

    /// <summary>
    /// Paths on the node. Without an identity (its file is broken) the data of every role of the image.
    /// </summary>
    private IEnumerable<string> Entries(NodeIdentity? identity)
    {
        IEnumerable<string> dataFolders = roles.Roles
            .Where(role => identity is null || identity.Roles.Contains(role.Role, StringComparer.Ordinal))
            .SelectMany(role => role.Data);
        return
        [
            .. dataFolders.SelectMany(Children)
                .Concat(Children(NodePaths.StateFolder))
                .Where(path => path != NodePaths.Identity)
                .Distinct(StringComparer.Ordinal),
            .. File.Exists(root[NodePaths.Identity]) ? [NodePaths.Identity] : Array.Empty<string>(),
        ];
    }

    private IEnumerable<string> Children(string folder) => Directory.Exists(root[folder])
        ? Directory.GetFileSystemEntries(root[folder])
            .Select(path => $"{folder}/{Path.GetFileName(path)}")
            .Order(StringComparer.Ordinal)
        : [];

    private static void Move(string from, string to)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(to)!);
        if (Directory.Exists(from))
        {
            Delete(to);
            Directory.Move(from, to);
        }
        else if (Path.Exists(from) || new FileInfo(from).LinkTarget is not null) // else it went with a folder above it
        {
            Delete(to);
            File.Move(from, to);
        }
    }

    private static void Delete(string path)
    {
        if (Directory.Exists(path) && new DirectoryInfo(path).LinkTarget is null)
        {
            Directory.Delete(path, recursive: true);
        }
        else if (Directory.Exists(Path.GetDirectoryName(path)))
        {
            File.Delete(path);
        }
    }
}
