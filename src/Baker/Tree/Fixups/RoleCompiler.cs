using Images.NodeConfig;
using Images.NodeConfig.Roles;
using Images.NodeConfig.Templates;

namespace Images.Baker.Tree.Fixups;

/// <summary>Checks that each role's units, templates and gates are really there and its templates use what there is, and compiles the roles for the bootstrapper.</summary>
internal static class RoleCompiler
{
    public static void Add(FileTreeBuilder tree, RoleSources sources)
    {
        foreach (RoleFolder role in sources.Roles)
        {
            foreach (RoleService service in role.Definition.Services)
            {
                RequireGate(tree, role, service);
                RequireTemplates(role, service);
            }

            RefuseUnusedTemplate(role);
            foreach ((string name, string text) in role.Templates)
            {
                tree.AddText($"{NodePaths.Templates}/{role.Definition.Role}/{name}", text);
            }
        }

        RefuseUnknownPeers(sources);
        tree.AddFile(NodePaths.CompiledRoles, new MemoryContent(CompiledRoles.Of(sources.Roles.Select(role => role.Definition)).ToJson()));
    }

    /// <summary>A role unit without its gate would run on every machine.</summary>
    private static void RequireGate(FileTreeBuilder tree, RoleFolder role, RoleService service)
    {
        string path = $"{OwnFiles.UnitFolder}/{service.Unit}";
        string gate = $"ConditionPathExists={NodePaths.Gates}/{service.Unit}";
        IEnumerable<TreePath> dropIns = tree.Nodes.Keys.Where(candidate => candidate.IsBelow(TreePath.Parse($"{path}.d")));
        bool gated = dropIns.Prepend(TreePath.Parse(path)).Any(file => HasLine(tree, file, gate));
        if (!gated)
        {
            throw new BakeException("BAKE0471", role.SourceName, $"the unit '{service.Unit}' has no line '{gate}', so it would run on every machine.", "Add the line to its [Unit] section or to a drop-in.");
        }
    }

    private static bool HasLine(FileTreeBuilder tree, TreePath file, string line) =>
        tree.ReadFile(file) is { } text && System.Text.Encoding.UTF8.GetString(text).Split('\n').Any(candidate => candidate.Trim() == line);

    private static void RequireTemplates(RoleFolder role, RoleService service)
    {
        ServiceFile? missing = service.Files.FirstOrDefault(file => !role.Templates.ContainsKey(file.Template));
        if (missing is not null)
        {
            throw new BakeException(
                "BAKE0472",
                role.SourceName,
                $"{missing.Path} of '{service.Unit}' needs the template '{missing.Template}', which is missing.",
                $"Add {role.Definition.Role}/templates/{missing.Template}.");
        }

        foreach (ServiceFile file in service.Files)
        {
            string folder = role.SourceName[..^Path.GetExtension(role.SourceName).Length];
            TemplateNames.Check(role.Templates[file.Template], $"{folder}/templates/{file.Template}", service);
        }
    }

    private static void RefuseUnusedTemplate(RoleFolder role)
    {
        string? unused = role.Templates.Keys.FirstOrDefault(
            name => !role.Definition.Services.SelectMany(service => service.Files).Any(file => file.Template == name));
        if (unused is not null)
        {
            throw new BakeException("BAKE0473", role.SourceName, $"no service uses the template '{unused}'.", "Name it under 'files:', or remove it.");
        }
    }

    private static void RefuseUnknownPeers(RoleSources sources)
    {
        foreach (RoleFolder role in sources.Roles)
        {
            ServiceWait? unknown = role.Definition.Services.SelectMany(service => service.Waits)
                .FirstOrDefault(wait => !sources.Roles.Any(other => other.Definition.Role == wait.Peers));
            if (unknown is not null)
            {
                string known = string.Join(", ", sources.Roles.Select(other => other.Definition.Role));
                throw new BakeException("BAKE0474", role.SourceName, $"waits for peers of the role '{unknown.Peers}', which does not exist.", $"Roles of this image: {known}.");
            }
        }
    }
}
