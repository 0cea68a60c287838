using System.Globalization;

namespace Images.NodeConfig.Yaml;

/// <summary>
/// Takes typed values out of a mapping. Each key that was asked for is an allowed key; <see cref="RejectUnknownKeys"/>,
/// called last, refuses the others and lists the allowed ones. Optional keys may also be present without a value.
/// </summary>
public sealed class MappingReader
{
    private readonly YamlMapping _mapping;
    private readonly List<string> _asked = [];

    /// <exception cref="ConfigurationException">The node is not a mapping.</exception>
    public MappingReader(YamlNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        _mapping = node as YamlMapping
            ?? throw node.Error(
                $"A mapping (key: value) is expected here, and this is {node.Kind}.", "Write keys with values.");
    }

    public YamlMapping Mapping => _mapping;

    public bool Has(string key) => OptionalNode(key) is not null;

    /// <summary>The value, or null when the key is absent or without a value.</summary>
    public YamlNode? OptionalNode(string key)
    {
        if (!_asked.Contains(key, StringComparer.Ordinal))
        {
            _asked.Add(key);
        }

        YamlNode? value = _mapping.Find(key)?.Value;
        return value is YamlScalar { IsNull: true } ? null : value;
    }

    public YamlNode RequiredNode(string key) =>
        OptionalNode(key)
        ?? throw (_mapping.Find(key)?.Key ?? (YamlNode)_mapping).Error(
            $"The key '{key}' is missing or has no value; the keys here are: "
                + $"{KeysHere()}.",
            $"Add '{key}:' with a value.");

    private string KeysHere() => _mapping.Entries.Count == 0
        ? "none"
        : string.Join(", ", _mapping.Entries.Select(entry => ShownText.Key(entry.Key.Value)));

    public string RequiredText(string key) => Text(RequiredNode(key), key);

    public string? OptionalText(string key) => OptionalNode(key) is { } node ? Text(node, key) : null;

    public MappingReader RequiredMapping(string key) => new(RequiredNode(key));

    public MappingReader? OptionalMapping(string key) => OptionalNode(key) is { } node ? new MappingReader(node) : null;

    /// <summary>The items of a list; none when the key is absent.</summary>
    public IReadOnlyList<YamlNode> Sequence(string key) => OptionalNode(key) switch
    {
        null => [],
        YamlSequence sequence => sequence.Items,
        YamlNode other => throw other.Error(
            $"'{key}' must be a list, and this is {other.Kind}.", $"Write {key}: [ … ] or one '- ' line an item."),
    };

    /// <summary>The items of a list, at least one.</summary>
    public IReadOnlyList<YamlNode> RequiredSequence(string key)
    {
        YamlNode node = RequiredNode(key);
        IReadOnlyList<YamlNode> items = Sequence(key);
        return items.Count > 0 ? items : throw node.Error($"'{key}' is empty.", "List at least one item.");
    }

    /// <summary>A list of texts; none when the key is absent.</summary>
    public IReadOnlyList<string> TextList(string key) => [.. Sequence(key).Select(item => Text(item, key))];

    /// <summary>A list of mappings; none when the key is absent.</summary>
    public IReadOnlyList<MappingReader> MappingList(string key) =>
        [.. Sequence(key).Select(item => new MappingReader(item))];

    public int Integer(string key, int min, int max) => Integer(RequiredNode(key), key, min, max);

    public int? OptionalInteger(string key, int min, int max) =>
        OptionalNode(key) is { } node ? Integer(node, key, min, max) : null;

    public bool? OptionalBoolean(string key) => OptionalNode(key) is { } node ? Boolean(node, key) : null;

    public bool Boolean(string key) => Boolean(RequiredNode(key), key);

    /// <summary>Bytes, written as 512Mi or 4Gi.</summary>
    public long Bytes(string key) => Bytes(RequiredNode(key), key);

    /// <summary>An error that points at the key's value, or at the mapping when the key is absent.</summary>
    public ConfigurationException Error(string key, string problem, string remedy) =>
        (_mapping.Find(key)?.Value ?? _mapping).Error(problem, remedy);

    /// <summary>Keys of the mapping that nobody asked for so far.</summary>
    public IEnumerable<YamlScalar> UnaskedKeys =>
        _mapping.Entries.Select(entry => entry.Key).Where(key => !_asked.Contains(key.Value, StringComparer.Ordinal));

    /// <exception cref="ConfigurationException">A key stands in the mapping that nobody asked for.</exception>
    public void RejectUnknownKeys()
    {
        YamlScalar? unknown = UnaskedKeys.FirstOrDefault();
        if (unknown is not null)
        {
            throw unknown.Error(
                $"The key '{ShownText.Key(unknown.Value)}' is unknown.", $"Known here: {string.Join(", ", _asked)}.");
        }
    }

    /// <summary>
    /// Refuses every key but these, before anything else is said about the mapping: a misspelt key is why another is
    /// missing.
    /// </summary>
    public MappingReader WithOnly(params ReadOnlySpan<string> keys)
    {
        foreach (string key in keys)
        {
            _ = OptionalNode(key);
        }

        RejectUnknownKeys();
        return this;
    }

    /// <summary>The text of a node that must be a scalar with a value.</summary>
    public static string Text(YamlNode node, string what)
    {
        ArgumentNullException.ThrowIfNull(node);
        return node is YamlScalar { IsNull: false } scalar
            ? scalar.Value
            : throw node.Error(
                $"'{what}' must be text, and this is {node.Kind}.", "Write one value, quoted if need be.");
    }

    private static int Integer(YamlNode node, string key, int min, int max) =>
        int.TryParse(Text(node, key), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)
            && number >= min
            && number <= max
            ? number
            : throw node.Error(
                $"'{key}' must be a whole number from {min} to {max}, and this is {ShownText.Quote(Text(node, key))}.",
                "Correct the number.");

    /// <summary>YAML 1.2's core schema (10.3.2): three spellings each; yes and no are words to it.</summary>
    private static bool Boolean(YamlNode node, string key) => Text(node, key) switch
    {
        "true" or "True" or "TRUE" => true,
        "false" or "False" or "FALSE" => false,
        string other => throw node.Error(
            $"'{key}' must be true or false, and this is {ShownText.Quote(other)}.", "Write true or false."),
    };

    private static long Bytes(YamlNode node, string key) =>
        ByteQuantity.TryParse(Text(node, key))
        ?? throw node.Error(
            $"'{key}' must be an amount of bytes, and this is {ShownText.Quote(Text(node, key))}.",
            "Write for example 512Mi or 4Gi.");
}
