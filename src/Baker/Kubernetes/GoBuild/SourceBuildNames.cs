using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Images.Baker.Kubernetes.GoBuild;

/// <summary>
/// What the names in braces stand for in one build: folders of this machine, and what its sources tell.
/// </summary>
internal sealed partial class SourceBuildNames
{
    private readonly ImmutableDictionary<string, string> _values;

    private SourceBuildNames(ImmutableDictionary<string, string> values) => _values = values;

    public static SourceBuildNames None { get; } = new(
        ImmutableDictionary.Create<string, string>(StringComparer.Ordinal));

    public SourceBuildNames With(string name, string value) => new(_values.SetItem(name, value));

    /// <summary>Puts the values in place of the names; a value's own braces stay.</summary>
    public string Resolve(string text) => Name().Replace(text, name => _values[name.Value]);

    public IReadOnlyDictionary<string, string> Resolve(IReadOnlyDictionary<string, string> environment) =>
        environment.ToDictionary(variable => variable.Key, variable => Resolve(variable.Value), StringComparer.Ordinal);

    [GeneratedRegex(@"\{[a-z]+\}")]
    private static partial Regex Name();
}
