using System.Text;
using Images.Formats.Tree;
using Images.NodeConfig.Roles;

namespace Images.Baker.Composing.Fixups;

/// <summary>Reads roles/ from the host: the only place of the tree stage that touches the disk.</summary>
public static class RoleSourcesReader
{
    private static readonly UTF8Encoding _strictUtf8 = new(
        encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <param name="folder">The roles folder that image.yaml names.</param>
    /// <exception cref="BakeException">A file that must be there is missing, or holds no plain text.</exception>
    /// <exception cref="NodeConfig.ConfigurationException">
    /// A YAML file breaks a rule; line and column are in the message.
    /// </exception>
    public static RoleSources Read(string folder)
    {
        string common = Path.Combine(folder, "common");
        string description = Path.Combine(common, "common.yaml");
        if (!File.Exists(description))
        {
            throw new BakeException(
                "BAKE0420", Shown(folder, description), "is missing.",
                "Point 'roles:' of image.yaml to a folder that holds common/common.yaml.");
        }

        return new RoleSources
        {
            System = SystemDescriptionReader.Read(ReadText(folder, description), Shown(folder, description)),
            Files = ReadFolder(folder, Path.Combine(common, "files"))
                .ToDictionary(file => TreePath.Parse(file.Key), file => file.Value),
            Units = ReadFolder(folder, Path.Combine(common, "units")),
            Roles = [.. RoleFiles(folder).Select(file => ReadRole(folder, file))],
        };
    }

    private static IEnumerable<string> RoleFiles(string folder) =>
        Directory.EnumerateFiles(folder, "*.yaml").OrderBy(file => Path.GetFileName(file), StringComparer.Ordinal);

    private static RoleFolder ReadRole(string folder, string file)
    {
        string name = Path.GetFileNameWithoutExtension(file);
        RoleDefinition definition = RoleFile.Parse(ReadText(folder, file), Shown(folder, file));
        if (definition.Role != name)
        {
            throw new BakeException(
                "BAKE0421", Shown(folder, file), $"describes the role '{definition.Role}'.",
                $"Name the file {definition.Role}.yaml, or the role {name}.");
        }

        return new RoleFolder
        {
            SourceName = Shown(folder, file),
            Definition = definition,
            Units = ReadFolder(folder, Path.Combine(folder, name, "units")),
            Templates = ReadFolder(folder, Path.Combine(folder, name, "templates")),
        };
    }

    /// <summary>Every file below the folder, by its relative path with '/'; empty where there is no folder.</summary>
    private static SortedDictionary<string, string> ReadFolder(string root, string folder)
    {
        SortedDictionary<string, string> files = new(StringComparer.Ordinal);
        if (Directory.Exists(folder))
        {
            foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
            {
                files[Path.GetRelativePath(folder, file).Replace('\\', '/')] = ReadText(root, file);
            }
        }

        return files;
    }

    private static string ReadText(string root, string file)
    {
        string text;
        try
        {
            text = _strictUtf8.GetString(File.ReadAllBytes(file));
        }
        catch (DecoderFallbackException exception)
        {
            throw new BakeException(
                "BAKE0422", Shown(root, file), "is not UTF-8 text.", "Store it as UTF-8.", inner: exception);
        }

        // a checkout that turned line ends would change the image, or break a shell script in it
        return text.Contains('\r', StringComparison.Ordinal)
            ? throw new BakeException("BAKE0423", Shown(root, file), "has CR line ends.", "Store it with LF line ends.")
            : text;
    }

    /// <summary>How errors name a file: from the roles folder on.</summary>
    private static string Shown(string root, string file) =>
        $"{Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(root)))}/"
            + Path.GetRelativePath(root, file).Replace('\\', '/');
}
