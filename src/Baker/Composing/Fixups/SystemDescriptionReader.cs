using System.Text.RegularExpressions;
using Images.Baker.Merging;
using Images.Formats.Tree;
using Images.NodeConfig.Yaml;

namespace Images.Baker.Composing.Fixups;

/// <summary>
/// Reads <see cref="SystemDescription"/> strictly: unknown keys, bad paths, modes and names are refused with their
/// place.
/// </summary>
internal static partial class SystemDescriptionReader
{
    private const int HighestId = 65535;

    public static SystemDescription Read(string text, string sourceName)
    {
        MappingReader root = StrictYaml.ParseMapping(text, sourceName);
        SystemDescription description = new()
        {
            SourceName = sourceName,
            Groups = [.. root.MappingList("groups").Select(ReadGroup)],
            Users = [.. root.MappingList("users").Select(ReadUser)],
            Winners = new MergeRules(Entries(root, "winners")
                .Select(entry => KeyValuePair.Create(Path(entry.Key), MappingReader.Text(entry.Value, "winners")))),
            Remove = Paths(root, "remove"),
            Directories = [.. Entries(root, "directories")
                .Select(entry => new DeclaredDirectory(Path(entry.Key), Mode(entry.Value)))],
            Links = Links(root, "links"),
            Alternatives = Links(root, "alternatives"),
            Concatenate = [.. root.MappingList("concatenate").Select(ReadConcatenation)],
            Modes = Modes(root, "modes"),
            KeepSetId = Paths(root, "keepSetId").ToHashSet(),
            Replaces = Paths(root, "replaces").ToHashSet(),
            Enable = Units(root, "enable"),
            Mask = Units(root, "mask"),
            MaskGenerators = root.TextList("maskGenerators"),
        };
        root.RejectUnknownKeys();
        return description;
    }

    private static Dictionary<TreePath, int> Modes(MappingReader root, string key)
    {
        Dictionary<TreePath, int> modes = [];
        foreach (YamlEntry entry in Entries(root, key))
        {
            if (!modes.TryAdd(Path(entry.Key), Mode(entry.Value)))
            {
                throw entry.Key.Error($"'{key}' names this path twice.", "Write it once.");
            }
        }

        return modes;
    }

    private static AccountGroup ReadGroup(MappingReader group)
    {
        AccountGroup result = new(AccountName(group.RequiredNode("name")), group.Integer("gid", 0, HighestId));
        group.RejectUnknownKeys();
        return result;
    }

    private static AccountUser ReadUser(MappingReader user)
    {
        AccountUser result = new()
        {
            Name = AccountName(user.RequiredNode("name")),
            Uid = user.Integer("uid", 0, HighestId),
            Gid = user.OptionalInteger("gid", 0, HighestId),
            Comment = Field(user, "comment") ?? "",
            Home = Field(user, "home") ?? "/",
            Shell = Field(user, "shell") ?? "/usr/sbin/nologin",
            Groups = user.TextList("groups"),
        };
        user.RejectUnknownKeys();
        return result;
    }

    private static DeclaredConcatenation ReadConcatenation(MappingReader entry)
    {
        DeclaredConcatenation result = new(
            Path(entry.RequiredNode("path")), Path(entry.RequiredNode("folder")), entry.RequiredText("suffix"));
        entry.RejectUnknownKeys();
        return result;
    }

    private static IReadOnlyList<YamlEntry> Entries(MappingReader root, string key) =>
        root.OptionalMapping(key)?.Mapping.Entries ?? [];

    private static IReadOnlyList<DeclaredLink> Links(MappingReader root, string key) =>
    [.. Entries(root, key)
        .Select(entry => new DeclaredLink(Path(entry.Key), MappingReader.Text(entry.Value, key)))];

    private static IReadOnlyList<TreePath> Paths(MappingReader root, string key) =>
        [.. root.Sequence(key).Select(Path)];

    private static IReadOnlyList<string> Units(MappingReader root, string key) =>
        [.. root.Sequence(key).Select(UnitName)];

    private static TreePath Path(YamlNode node)
    {
        string text = MappingReader.Text(node, "path");
        try
        {
            return TreePath.Parse(text);
        }
        catch (FormatException exception)
        {
            throw node.Error(
                $"This is no path of the image: {exception.Message}",
                "Write it relative to the root, as in etc/hosts.");
        }
    }

    private static int Mode(YamlNode node)
    {
        string text = MappingReader.Text(node, "mode");
        return ModePattern().IsMatch(text)
            ? Convert.ToInt32(text, 8)
            : throw node.Error($"'{text}' is no file mode.", "Write four octal digits in quotes, as in \"0755\".");
    }

    private static string UnitName(YamlNode node)
    {
        string text = MappingReader.Text(node, "unit");
        return UnitPattern().IsMatch(text)
            ? text
            : throw node.Error($"'{text}' is no unit name.", "Write it with its suffix, as in ssh.service.");
    }

    private static string AccountName(YamlNode node)
    {
        string text = MappingReader.Text(node, "name");
        return AccountPattern().IsMatch(text)
            ? text
            : throw node.Error(
                $"'{text}' is no account name.", "Use lower-case letters, digits, '-' and '_', at most 31.");
    }

    /// <summary>A field of /etc/passwd: the colon separates fields, the line end records.</summary>
    private static string? Field(MappingReader user, string key) =>
        user.OptionalText(key) is not { } text
            ? null
            : text.AsSpan().ContainsAny(':', '\n', '\r')
                ? throw user.Error(key, $"'{key}' holds a colon or a line end.", "Remove it.")
                : text;

    [GeneratedRegex(@"\A[0-7]{4}\z", RegexOptions.CultureInvariant)]
    private static partial Regex ModePattern();

    [GeneratedRegex(
        @"\A[A-Za-z0-9:_.\\@-]+\.(service|socket|target|timer|path|mount|automount|swap|slice)\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex UnitPattern();

    [GeneratedRegex(@"\A[a-z_][a-z0-9_-]{0,30}\z", RegexOptions.CultureInvariant)]
    private static partial Regex AccountPattern();
}
