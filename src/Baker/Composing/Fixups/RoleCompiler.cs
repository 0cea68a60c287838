using Images.Formats.Tree;
using Images.NodeConfig;
using Images.NodeConfig.Roles;
using Images.NodeConfig.Templates;

namespace Images.Baker.Composing.Fixups;

/// <summary>
/// Checks that each role's units, templates and gates are really there and its templates use what there is, and
/// compiles the roles for the bootstrapper.
/// </summary>
internal static class RoleCompiler
{
    /// <param name="tree">The image, with the units in it.</param>
    /// <param name="sources">The roles that the image can play.</param>
    /// <param name="all">Every role under roles/.</param>
    /// <param name="components">
    /// What the image holds beside packages; files that depend on a version are chosen by it.
    /// </param>
    public static void Add(
        FileTreeBuilder tree, RoleSources sources, IReadOnlyList<RoleFolder> all,
        IReadOnlyDictionary<string, ComponentVersion> components)
    {
        foreach (RoleFolder role in sources.Roles)
        {
            foreach (RoleService service in role.Definition.Services)
            {
                RequireGate(tree, role, service);
                RequireTemplates(sources, role, service);
                RefuseForeignCertificate(role, service);
            }

            RefuseUnusedTemplate(sources, role);
            foreach ((string name, string text) in role.Templates)
            {
                tree.AddText($"{NodePaths.Templates}/{role.Definition.Role}/{name}", text);
            }
        }

        RefuseUnknownPeers(sources, all);
        tree.AddFile(NodePaths.CompiledRoles, new MemoryContent(
            CompiledRoles.Of(all.Select(role => role.Definition), components).ToJson()));
    }

    /// <summary>A role unit without its gate would run on every machine.</summary>
    private static void RequireGate(FileTreeBuilder tree, RoleFolder role, RoleService service)
    {
        string path = $"{OwnFiles.UnitFolder}/{service.Unit}";
        string gate = $"ConditionPathExists={NodePaths.Gates}/{service.Unit}";
        IEnumerable<TreePath> dropIns = tree.Nodes.Keys.Where(
            candidate => candidate.IsBelow(TreePath.Parse($"{path}.d")));
        bool gated = dropIns.Prepend(TreePath.Parse(path)).Any(file => HasLine(tree, file, gate));
        if (!gated)
        {
            throw new BakeException(
                "BAKE0471", role.SourceName,
                $"the unit '{service.Unit}' has no line '{gate}', so it would run on every machine.",
                "Add the line to its [Unit] section or to a drop-in.");
        }
    }

    private static bool HasLine(FileTreeBuilder tree, TreePath file, string line) =>
        tree.ReadFile(file) is { } text
            && System.Text.Encoding.UTF8.GetString(text).Split('\n').Any(candidate => candidate.Trim() == line);

    private static void RequireTemplates(RoleSources sources, RoleFolder role, RoleService service)
    {
        foreach (ServiceFile file in service.Files)
        {
            (string owner, string name) = file.TemplateOf(role.Definition.Role);
            RoleFolder? folder = sources.Roles.FirstOrDefault(candidate => candidate.Definition.Role == owner);
            string text = folder?.Templates.GetValueOrDefault(name) ?? throw new BakeException(
                "BAKE0472", role.SourceName,
                $"{file.Path} of '{service.Unit}' needs the template '{file.Template}', which is missing.",
                $"Add {owner}/templates/{name}.");
            TemplateNames.Check(text, $"{PathOf(folder)}/templates/{name}", service, file);
        }

        foreach (ServiceAnswer answer in service.Answers)
        {
            TemplateNames.Check(answer.Url, $"{role.SourceName}: answers of {service.Unit}", service);
        }
    }

    private static string PathOf(RoleFolder role) => role.SourceName[..^Path.GetExtension(role.SourceName).Length];

    private static void RefuseForeignCertificate(RoleFolder role, RoleService service)
    {
        IEnumerable<(string? Certificate, string Url)> shown =
        [
            .. service.Answers.Select(answer => (answer.Certificate, answer.Url)),
            (service.Ready?.Certificate, service.Ready?.Url ?? ""),
        ];
        foreach ((string? certificate, string url) in shown.Where(
            item => item.Certificate is { } name && !service.Certificates.Contains(name, StringComparer.Ordinal)))
        {
            throw new BakeException(
                "BAKE0475", role.SourceName,
                $"'{service.Unit}' shows the certificate '{certificate}' to {url}, but does not have it.",
                "List it under 'certificates:' of the service.");
        }
    }

    private static void RefuseUnusedTemplate(RoleSources sources, RoleFolder role)
    {
        (string, string)[] used =
        [
            .. sources.Roles.SelectMany(user => user.Definition.Services
                .SelectMany(service => service.Files)
                .Select(file => file.TemplateOf(user.Definition.Role))),
        ];
        string? unused = role.Templates.Keys.FirstOrDefault(name => !used.Contains((role.Definition.Role, name)));
        if (unused is not null)
        {
            throw new BakeException(
                "BAKE0473", role.SourceName, $"no service uses the template '{unused}'.",
                "Name it under 'files:', or remove it.");
        }
    }

    private static void RefuseUnknownPeers(RoleSources sources, IReadOnlyList<RoleFolder> all)
    {
        foreach (RoleFolder role in sources.Roles)
        {
            string? unknown = role.Definition.Services.SelectMany(service => service.RolesOfPeers())
                .FirstOrDefault(peers => !all.Any(other => other.Definition.Role == peers));
            if (unknown is not null)
            {
                string known = string.Join(", ", all.Select(other => other.Definition.Role));
                throw new BakeException(
                    "BAKE0474", role.SourceName,
                    $"waits for peers of the role '{unknown}', which does not exist.",
                    $"Roles of this image: {known}.");
            }
        }
    }
}
