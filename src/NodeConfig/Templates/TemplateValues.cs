namespace Images.NodeConfig.Templates;

/// <summary>
/// What a template may use: values by name, and lists of peers whose entries have values of their own.
/// </summary>
public sealed record TemplateValues
{
    public required IReadOnlyDictionary<string, string> Values { get; init; }

    /// <summary>By the name that <c>{{each NAME}}</c> uses; an entry's values are <c>{{peer.…}}</c>.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<IReadOnlyDictionary<string, string>>> Lists { get; init; }
}
