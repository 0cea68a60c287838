using System.Text.RegularExpressions;
using Images.NodeConfig;
using Images.NodeConfig.Roles;
using Images.NodeConfig.Templates;

namespace Images.EndToEnd.Tests;

/// <summary>A role's unit of the image as systemd would start it: commands of the unit and its drop-ins, variables from the files that the image's templates become.</summary>
internal sealed partial class RenderedUnit
{
    private const string Units = "usr/lib/systemd/system";

    private readonly string _root;
    private readonly string[] _lines;
    private readonly Dictionary<string, string> _variables = new(StringComparer.Ordinal);

    public RenderedUnit(string root, RoleDefinition role, RoleService service)
    {
        _root = root;
        string unit = Path.Combine(root, Units, service.Unit);
        string[] dropIns = Directory.Exists($"{unit}.d") ? Directory.GetFiles($"{unit}.d", "*.conf") : [];
        _lines = [.. dropIns.Prepend(unit).SelectMany(file => File.ReadAllText(file).Replace("\\\n", " ", StringComparison.Ordinal).Split('\n'))];
        foreach (string assignment in Settings("Environment").SelectMany(Words))
        {
            Set(assignment);
        }

        // one that this version does without is in no role
        foreach (ServiceFile file in Settings("EnvironmentFile").Select(path => path.TrimStart('-')).SelectMany(path => service.Files.Where(file => file.Path == path)))
        {
            string text = Render(role, service, file).Replace("\\\n", "", StringComparison.Ordinal);
            foreach (string line in text.Split('\n').Where(line => line.Length > 0 && !line.StartsWith('#')))
            {
                Set(line);
            }
        }
    }

    public IReadOnlyDictionary<string, string> Variables => _variables;

    /// <summary>Program and arguments of each command that starts it.</summary>
    public IEnumerable<string[]> Commands => Settings("ExecStartPre").Concat(Settings("ExecStart"))
        .Select(command => (string[])[.. Words(command.TrimStart('+', '-', '!', '@', ':')).SelectMany(Expanded)]);

    private IEnumerable<string> Settings(string name) =>
        _lines.Where(line => line.StartsWith($"{name}=", StringComparison.Ordinal)).Select(line => line[(name.Length + 1)..]);

    /// <summary>A variable that is a word of its own becomes as many words as it holds; <c>${NAME}</c> would stay one.</summary>
    private string[] Expanded(string word) => word.StartsWith('$') && !word.StartsWith("${", StringComparison.Ordinal) ? Words(_variables[word[1..]]) : [word];

    private void Set(string assignment)
    {
        string[] parts = assignment.Split('=', 2);
        _variables[parts[0]] = parts[1];
    }

    /// <summary>With the node's own engine; what the values are decides no flag.</summary>
    private string Render(RoleDefinition role, RoleService service, ServiceFile file)
    {
        (string owner, string name) = file.TemplateOf(role.Role);
        string template = Path.Combine(_root, NodePaths.Templates.TrimStart('/'), owner, name);
        return Template.Render(File.ReadAllText(template), template, new TemplateValues
        {
            Values = TemplateNames.Values(service, file).ToDictionary(key => key, _ => "value", StringComparer.Ordinal),
            Lists = TemplateNames.Lists(service, file).ToDictionary(
                list => list,
                IReadOnlyList<IReadOnlyDictionary<string, string>> (list) => [TemplateNames.Entry(list).ToDictionary(key => key, _ => "value", StringComparer.Ordinal)],
                StringComparer.Ordinal),
        });
    }

    /// <summary>What stands in quotes is one, as in the units of packages.</summary>
    private static string[] Words(string text) => [.. Word().Matches(text).Select(match => match.Value.Trim('"'))];

    [GeneratedRegex("""
        "[^"]*"|\S+
        """)]
    private static partial Regex Word();
}
