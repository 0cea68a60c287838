using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Images.NodeConfig.Yaml;

/// <summary>Turns parser events into nodes. Recursion is bounded by <see cref="StrictYaml.MaximumDepth"/>.</summary>
internal sealed class YamlTreeBuilder(Parser parser, string sourceName)
{
    public YamlNode ReadDocument()
    {
        _ = Next<StreamStart>();
        if (Peek() is StreamEnd)
        {
            throw new ConfigurationException(sourceName, 1, 1, "The document is empty.", "Write at least one key.");
        }

        _ = Next<DocumentStart>();
        YamlNode root = ReadNode(depth: 1);
        _ = Next<DocumentEnd>();
        if (Peek() is DocumentStart second)
        {
            throw Error(second, "A second document starts here.", "Keep one document a file.");
        }

        return root;
    }

    /// <summary>All documents but the empty ones.</summary>
    public IReadOnlyList<YamlNode> ReadDocuments()
    {
        List<YamlNode> documents = [];
        _ = Next<StreamStart>();
        while (Peek() is not StreamEnd)
        {
            _ = Next<DocumentStart>();
            YamlNode document = ReadNode(depth: 1);
            _ = Next<DocumentEnd>();
            if (document is not YamlScalar { IsNull: true })
            {
                documents.Add(document);
            }
        }

        return documents;
    }

    private YamlNode ReadNode(int depth)
    {
        ParsingEvent current = Peek();
        if (current is AnchorAlias)
        {
            throw Error(current, "An alias (*) is not allowed here.", "Write the value out.");
        }

        if (current is NodeEvent node)
        {
            RefuseAnchorAndTag(node);
        }

        if (depth > StrictYaml.MaximumDepth && current is not Scalar)
        {
            throw Error(current, $"The text is nested more than {StrictYaml.MaximumDepth} levels deep.", "Nest less.");
        }

        return current switch
        {
            Scalar => ReadScalar(),
            SequenceStart => ReadSequence(depth),
            MappingStart => ReadMapping(depth),
            _ => throw Error(current, "A value is expected here.", "Write a value."),
        };
    }

    private YamlScalar ReadScalar()
    {
        Scalar scalar = Next<Scalar>();
        return new YamlScalar(
            sourceName, Line(scalar), Column(scalar), scalar.Value, scalar.Style == ScalarStyle.Plain);
    }

    private YamlSequence ReadSequence(int depth)
    {
        SequenceStart start = Next<SequenceStart>();
        List<YamlNode> items = [];
        while (Peek() is not SequenceEnd)
        {
            items.Add(ReadNode(depth + 1));
        }

        _ = Next<SequenceEnd>();
        return new YamlSequence(sourceName, Line(start), Column(start), items);
    }

    private YamlMapping ReadMapping(int depth)
    {
        MappingStart start = Next<MappingStart>();
        List<YamlEntry> entries = [];
        Dictionary<string, YamlScalar> seen = new(StringComparer.Ordinal);
        while (Peek() is not MappingEnd)
        {
            YamlNode key = ReadNode(depth + 1);
            if (key is not YamlScalar name || name.IsNull)
            {
                throw key.Error($"A key must be text, and this is {key.Kind}.", "Name the key.");
            }

            RefuseInvisible(name);
            if (!seen.TryAdd(name.Value, name))
            {
                throw name.Error(
                    $"The key '{ShownText.Key(name.Value)}' stands twice; first on line {seen[name.Value].Line}.",
                    "Remove one of them.");
            }

            entries.Add(new YamlEntry(name, ReadNode(depth + 1)));
        }

        _ = Next<MappingEnd>();
        return new YamlMapping(sourceName, Line(start), Column(start), entries);
    }

    /// <summary>
    /// A no-break space before a key makes another key of it, which nobody can see: mostly pasted from a web page.
    /// </summary>
    private void RefuseInvisible(YamlScalar key)
    {
        int index = key.Value.TakeWhile(character => !ShownText.IsInvisible(character)).Count();
        if (index < key.Value.Length)
        {
            throw new ConfigurationException(
                sourceName,
                key.Line,
                key.IsPlain ? key.Column + index : key.Column,
                $"The key '{ShownText.Key(key.Value)}' holds the invisible character U+{(int)key.Value[index]:X4}.",
                "Put plain blanks in its place, or remove it.");
        }
    }

    private void RefuseAnchorAndTag(NodeEvent node)
    {
        if (!node.Anchor.IsEmpty)
        {
            throw Error(node, "An anchor (&) is not allowed here.", "Write the value out wherever it is needed.");
        }

        if (!node.Tag.IsEmpty)
        {
            throw Error(node, $"A tag ({ShownText.Key(node.Tag.ToString())}) is not allowed here.", "Remove the tag.");
        }
    }

    /// <summary>The event that comes next, left in place.</summary>
    private ParsingEvent Peek()
    {
        if (parser.Current is null && !parser.MoveNext())
        {
            throw new ConfigurationException(sourceName, 1, 1, "The text ends too early.", "Complete it.");
        }

        return parser.Current!;
    }

    private T Next<T>()
        where T : ParsingEvent
    {
        T current = Peek() as T ?? throw Error(Peek(), "This does not belong here.", "Mend the text at this place.");
        parser.MoveNext();
        return current;
    }

    private ConfigurationException Error(ParsingEvent at, string problem, string remedy) =>
        new(sourceName, Line(at), Column(at), problem, remedy);

    private static int Line(ParsingEvent at) => StrictYaml.Position(at.Start.Line);

    private static int Column(ParsingEvent at) => StrictYaml.Position(at.Start.Column);
}
