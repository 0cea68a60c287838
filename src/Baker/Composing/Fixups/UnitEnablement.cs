using Images.Formats.Tree;

namespace Images.Baker.Composing.Fixups;

/// <summary>
/// Does at bake time what <c>systemctl enable</c> and <c>mask</c> would do on a machine: links under /etc/systemd.
/// The first boot runs no presets, so nothing else is ever enabled.
/// </summary>
internal static class UnitEnablement
{
    private const string Links = "etc/systemd/system";
    private const string Generators = "etc/systemd/system-generators";

    public static void Apply(FileTreeBuilder tree, RoleSources sources)
    {
        SystemDescription system = sources.System;
        HashSet<string> done = new(StringComparer.Ordinal);
        foreach (string unit in system.Enable)
        {
            Enable(tree, unit, system.SourceName, done);
        }

        foreach (RoleFolder role in sources.Roles)
        {
            foreach (string unit in role.Definition.Services.Select(service => service.Unit))
            {
                EnableForRoles(tree, unit, role.SourceName);
            }
        }

        foreach (string unit in system.Mask)
        {
            tree.AddSymlink($"{Links}/{unit}", "/dev/null");
        }

        foreach (string generator in system.MaskGenerators)
        {
            tree.AddSymlink($"{Generators}/{generator}", "/dev/null");
        }
    }

    /// <summary>Also= may name units that name each other, so each is done once.</summary>
    private static void Enable(FileTreeBuilder tree, string unit, string place, HashSet<string> done)
    {
        if (!done.Add(unit))
        {
            return;
        }

        byte[] text = tree.ReadFile(TreePath.Parse($"{OwnFiles.UnitFolder}/{unit}")) ?? throw Missing(unit, place);
        UnitInstallSection install = UnitInstallSection.Parse(text);
        if (install is { WantedBy: [], RequiredBy: [], Alias: [], Also: [] })
        {
            throw new BakeException(
                "BAKE0441", place, $"the unit '{unit}' is to be enabled, but it has no [Install] section.",
                "Remove it from the list, or give it WantedBy=.");
        }

        string target = $"/{OwnFiles.UnitFolder}/{unit}";
        Link(tree, install.WantedBy.Select(by => $"{by}.wants/{unit}"), target);
        Link(tree, install.RequiredBy.Select(by => $"{by}.requires/{unit}"), target);
        Link(tree, install.Alias, target);
        foreach (string also in install.Also)
        {
            Enable(tree, also, place, done);
        }
    }

    /// <summary>
    /// Whatever its [Install] section says: a role's unit is wanted by roles.target and by nothing else.
    /// </summary>
    private static void EnableForRoles(FileTreeBuilder tree, string unit, string place)
    {
        if (!tree.Nodes.ContainsKey(TreePath.Parse($"{OwnFiles.UnitFolder}/{unit}")))
        {
            throw Missing(unit, place);
        }

        Link(tree, [$"roles.target.wants/{unit}"], $"/{OwnFiles.UnitFolder}/{unit}");
    }

    private static BakeException Missing(string unit, string place) => new(
        "BAKE0440", place, $"the unit '{unit}' is to be enabled, but nothing in the image brings it.",
        "Add the package that holds it to image.yaml, or the unit to roles/.");

    private static void Link(FileTreeBuilder tree, IEnumerable<string> names, string target)
    {
        foreach (string name in names)
        {
            tree.AddSymlink($"{Links}/{name}", target);
        }
    }
}
