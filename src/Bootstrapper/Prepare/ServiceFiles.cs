using Images.Bootstrapper.Files;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Reporting;
using Images.NodeConfig;
using Images.NodeConfig.Roles;
using Images.NodeConfig.Templates;

namespace Images.Bootstrapper.Prepare;

/// <summary>
/// Renders files of services from the image's templates. A file that already is as it should be is not touched.
/// </summary>
internal sealed class ServiceFiles(NodeRoot root)
{
    private const UnixFileMode ModeBits = (UnixFileMode)0xFFF;

    /// <summary>
    /// Each unit of the machine once: one that several of its roles share is as the first of them says.
    /// </summary>
    public static IEnumerable<(RoleDefinition Role, RoleService Service)> Services(NodeState state) =>
        state.Roles.SelectMany(role => role.Services.Select(service => (role, service)))
            .DistinctBy(item => item.service.Unit, StringComparer.Ordinal);

    /// <exception cref="BootFailure">The unit is none of this machine's.</exception>
    public static (RoleDefinition Role, RoleService Service) Find(NodeState state, string unit)
    {
        (RoleDefinition, RoleService Service)[] found = [.. Services(state).Where(item => item.Service.Unit == unit)];
        return found.Length > 0
            ? found[0]
            : throw new BootFailure(
                "NODE0202", unit, "no role of this machine has this unit",
                $"its roles are {string.Join(", ", state.Identity.Roles)}");
    }

    /// <summary>All files of a service but those that wait for the agent.</summary>
    /// <returns>Paths of those that changed.</returns>
    public IReadOnlyList<string> Write(RoleDefinition role, RoleService service, TemplateValues values)
    {
        List<string> changed = [];
        IEnumerable<ServiceFile> now = service.Files.Where(file => file.When is null);
        foreach (IGrouping<string, ServiceFile> parts in now.GroupBy(file => file.Path, StringComparer.Ordinal))
        {
            if (Write(role, [.. parts], values))
            {
                changed.Add(parts.Key);
            }
        }

        return changed;
    }

    /// <param name="role">Whose files they are.</param>
    /// <param name="parts">The file, and what is added to it.</param>
    /// <returns>Whether the file changed.</returns>
    public bool Write(RoleDefinition role, IReadOnlyList<ServiceFile> parts, TemplateValues values)
    {
        ServiceFile file = parts[0];
        string text = string.Concat(parts.Select(part => Render(role, part, values)));
        string path = root[file.Path];
        if (File.Exists(path) && File.ReadAllText(path) == text)
        {
            return false;
        }

        FileOwner? account = root.IsMachine ? FileOwner.Parse(file.Owner, root) : null;
        AtomicFile.Write(path, text, (UnixFileMode)Convert.ToInt32(file.Mode, 8) & ModeBits, account);
        return true;
    }

    private string Render(RoleDefinition role, ServiceFile file, TemplateValues values)
    {
        (string owner, string name) = file.TemplateOf(role.Role);
        string template = $"{NodePaths.Templates}/{owner}/{name}";
        return Template.Render(ReadTemplate(template), template, values);
    }

    private string ReadTemplate(string template)
    {
        try
        {
            return File.ReadAllText(root[template]);
        }
        catch (IOException e)
        {
            throw new BootFailure(
                "NODE0201", template, $"the template cannot be read ({FaultText.Of(e)})", "bake the image again");
        }
    }
}
