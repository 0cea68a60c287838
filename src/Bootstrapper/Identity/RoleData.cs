using Images.NodeConfig;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Identity;

/// <summary>
/// Takes away what an identity left on the state partition. The identity file goes last, so that whatever a power cut interrupts
/// is taken up again at the next boot.
/// </summary>
internal sealed class RoleData(NodeRoot root, CompiledRoles roles)
{
    private const string OldFolder = "/var/lib/bootstrapper-old";
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Moves everything to a numbered folder, which is returned.</summary>
    public string SetAside(NodeIdentity identity)
    {
        int number = Enumerable.Range(1, int.MaxValue - 1).First(candidate => !Directory.Exists(root[$"{OldFolder}/{candidate}"])
            || !File.Exists(root[$"{OldFolder}/{candidate}/identity.json"]));
        string target = $"{OldFolder}/{number}";
        Directory.CreateDirectory(root[target], Private);
        foreach (string path in Entries(identity))
        {
            Move(path, Path.Join(root[target], Path.GetFileName(path)));
        }

        return target;
    }

    /// <summary>Removes everything.</summary>
    public void Remove(NodeIdentity? identity)
    {
        foreach (string path in Entries(identity))
        {
            Delete(path);
        }
    }

    /// <summary>Without an identity (its file is broken) the data of every role of the image.</summary>
    private IEnumerable<string> Entries(NodeIdentity? identity)
    {
        IEnumerable<string> dataFolders = roles.Roles
            .Where(role => identity is null || identity.Roles.Contains(role.Role, StringComparer.Ordinal))
            .SelectMany(role => role.Data);
        string identityFile = root[NodePaths.Identity];
        return
        [
            .. dataFolders.SelectMany(folder => Children(root[folder])),
            .. Children(root[NodePaths.StateFolder]).Where(path => path != identityFile),
            .. File.Exists(identityFile) ? [identityFile] : Array.Empty<string>(),
        ];
    }

    private static IEnumerable<string> Children(string folder) =>
        Directory.Exists(folder) ? Directory.GetFileSystemEntries(folder).Order(StringComparer.Ordinal) : [];

    private static void Move(string from, string to)
    {
        Delete(to);
        if (Directory.Exists(from))
        {
            Directory.Move(from, to);
        }
        else
        {
            File.Move(from, to);
        }
    }

    private static void Delete(string path)
    {
        if (Directory.Exists(path) && new DirectoryInfo(path).LinkTarget is null)
        {
            Directory.Delete(path, recursive: true);
        }
        else
        {
            File.Delete(path);
        }
    }
}
