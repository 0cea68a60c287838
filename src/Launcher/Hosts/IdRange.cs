using System.Globalization;
using Images.Launcher.Programs;

namespace Images.Launcher.Hosts;

/// <summary>
/// The user and group ids that a cluster's namespaces have: <see cref="Length"/> of them, from 0 on, stand for others
/// of this machine. For root all of them are a range of their own; for an ordinary user 0 is himself and the others are
/// subordinate to him.
/// </summary>
internal sealed record IdRange
{
    /// <summary>What a node's /etc/passwd may use, nobody (65534) included.</summary>
    public const int Length = 65536;

    /// <summary>
    /// Above what systemd gives to containers, below what 32 bits with a sign hold: for a root without a range of his
    /// own.
    /// </summary>
    private const int FarAway = 0x70000000;

    private const string UserFile = "/etc/subuid";
    private const string GroupFile = "/etc/subgid";

    /// <summary>The machine's user that the namespaces call root.</summary>
    public required int Root { get; init; }

    /// <summary>The machine's group that the namespaces call root.</summary>
    public required int RootGroup { get; init; }

    /// <summary>First of the subordinate user ids.</summary>
    public required int FirstUser { get; init; }

    public required int FirstGroup { get; init; }

    /// <summary>The caller is the machine's root, and the range is apart from him.</summary>
    public required bool IsApart { get; init; }

    /// <summary>The range of whoever runs this; null where an ordinary user has none.</summary>
    public static IdRange? Find() => LinuxCalls.UserId == 0 ? FindForRoot() : FindForUser();

    /// <summary>The machine's number of a user of the namespaces.</summary>
    public int UserOf(int inside) => IsApart ? FirstUser + inside : inside == 0 ? Root : FirstUser + inside - 1;

    /// <summary>The machine's number of a group of the namespaces.</summary>
    public int GroupOf(int inside) => IsApart ? FirstGroup + inside : inside == 0 ? RootGroup : FirstGroup + inside - 1;

    /// <summary>Gives a new user namespace its ids.</summary>
    /// <param name="process">A process in it.</param>
    public void GiveTo(int process)
    {
        if (IsApart)
        {
            File.WriteAllText($"/proc/{process}/uid_map", $"0 {FirstUser} {Length}");
            File.WriteAllText($"/proc/{process}/gid_map", $"0 {FirstGroup} {Length}");
            return;
        }

        (string, int, int)[] maps = [("newuidmap", Root, FirstUser), ("newgidmap", RootGroup, FirstGroup)];
        foreach ((string program, int root, int first) in maps)
        {
            HostProgram.Run(
                [HostProgram.Require(program), $"{process}", "0", $"{root}", "1", "1", $"{first}", $"{Length - 1}"],
                TimeSpan.FromSeconds(10));
        }
    }

    private static IdRange FindForRoot()
    {
        int user = FirstOf(UserFile, "root", 0, Length) ?? FarAway;
        int group = FirstOf(GroupFile, "root", 0, Length) ?? FarAway;
        return new IdRange { Root = user, RootGroup = group, FirstUser = user, FirstGroup = group, IsApart = true };
    }

    private static IdRange? FindForUser()
    {
        int id = LinuxCalls.UserId;
        return FirstOf(UserFile, UserName.Own, id, Length - 1) is { } user
            && FirstOf(GroupFile, UserName.Own, id, Length - 1) is { } group
            ? new IdRange
            {
                Root = id,
                RootGroup = LinuxCalls.GroupId,
                FirstUser = user,
                FirstGroup = group,
                IsApart = false,
            }
            : null;
    }

    /// <summary>subuid(5): <c>name-or-number:first:count</c>.</summary>
    private static int? FirstOf(string file, string name, int id, int atLeast)
    {
        string[] lines = File.Exists(file) ? File.ReadAllLines(file) : [];
        foreach (string[] fields in lines.Select(line => line.Split(':')))
        {
            if (fields.Length == 3 && (fields[0] == name || fields[0] == id.ToString(CultureInfo.InvariantCulture))
                && int.TryParse(fields[1], CultureInfo.InvariantCulture, out int first)
                && int.TryParse(fields[2], CultureInfo.InvariantCulture, out int count)
                && count >= atLeast && first > 0 && first <= int.MaxValue - Length)
            {
                return first;
            }
        }

        return null;
    }
}
