using System.Text;
using Images.Formats;
using Images.Formats.Tree;

namespace Images.Baker.Composing.Fixups;

/// <summary>
/// Writes /etc/passwd, group, shadow and gshadow from base-passwd's master files and the declared accounts.
/// No account has a password: every shadow entry is "!*", which no hash can equal.
/// </summary>
internal static class AccountFiles
{
    private const string PasswdMaster = "usr/share/base-passwd/passwd.master";
    private const string GroupMaster = "usr/share/base-passwd/group.master";

    /// <summary>Group shadow of base-passwd.</summary>
    private const int ShadowGid = 42;

    private const int ShadowMode = 0b110_100_000;

    public static void Write(FileTreeBuilder tree, SystemDescription description)
    {
        List<string[]> users = Master(tree, PasswdMaster, fields: 7);
        List<string[]> groups = Master(tree, GroupMaster, fields: 4);
        users.AddRange(description.Users.Select(PasswdLine));
        groups.AddRange(description.Groups.Select(group => GroupLine(group.Name, group.Gid)));
        groups.AddRange(
            description.Users.Where(user => user.Gid is null).Select(user => GroupLine(user.Name, user.Uid)));
        RefuseRepetition(description, "user", users);
        RefuseRepetition(description, "group", groups);
        AddMembers(description, groups);

        tree.AddText("etc/passwd", Lines(users.Select(fields => string.Join(':', fields))));
        tree.AddText("etc/group", Lines(groups.Select(fields => string.Join(':', fields))));
        tree.AddText("etc/shadow", Lines(users.Select(fields => $"{fields[0]}:!*:::::::")), ShadowMode, gid: ShadowGid);
        tree.AddText(
            "etc/gshadow", Lines(groups.Select(fields => $"{fields[0]}:!*::{fields[3]}")), ShadowMode, gid: ShadowGid);
        tree.AddText("etc/subuid", "");
        tree.AddText("etc/subgid", "");
    }

    private static List<string[]> Master(FileTreeBuilder tree, string path, int fields)
    {
        byte[] bytes = tree.ReadFile(TreePath.Parse(path)) ?? throw new BakeException(
            "BAKE0410", $"/{path}", "is missing, and the accounts of a Debian system start from it.",
            "Add the package base-passwd to image.yaml.");
        List<string[]> entries = [];
        foreach (string line in Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] entry = line.Split(':');
            if (entry.Length != fields)
            {
                throw new MalformedDataException(
                    path, -1, $"a line must have {fields} fields, and this one has {entry.Length}: {line}");
            }

            // "x" sends every reader to the shadow files
            entry[1] = "x";
            entries.Add(entry);
        }

        return entries;
    }

    private static string[] PasswdLine(AccountUser user) =>
        [user.Name, "x", $"{user.Uid}", $"{user.Gid ?? user.Uid}", user.Comment, user.Home, user.Shell];

    private static string[] GroupLine(string name, int gid) => [name, "x", $"{gid}", ""];

    private static void RefuseRepetition(SystemDescription description, string kind, List<string[]> entries)
    {
        foreach (int field in (int[])[0, 2])
        {
            IGrouping<string, string[]>? twice =
                entries.GroupBy(entry => entry[field], StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1);
            if (twice is not null)
            {
                string names = string.Join("' and '", twice.Select(entry => entry[0]));
                throw new BakeException(
                    "BAKE0411", description.SourceName,
                    $"the {kind}s '{names}' share the {(field == 0 ? "name" : "number")} {twice.Key}.",
                    "Give each its own.");
            }
        }
    }

    private static void AddMembers(SystemDescription description, List<string[]> groups)
    {
        foreach (AccountUser user in description.Users)
        {
            foreach (string name in user.Groups)
            {
                string[] group = groups.Find(entry => entry[0] == name) ?? throw new BakeException(
                    "BAKE0412", description.SourceName,
                    $"the user '{user.Name}' is to be in the group '{name}', which nobody declares.",
                    "Declare it under 'groups:'.");
                group[3] = group[3].Length == 0 ? user.Name : $"{group[3]},{user.Name}";
            }
        }
    }

    private static string Lines(IEnumerable<string> lines) => string.Concat(lines.Select(line => line + "\n"));
}
