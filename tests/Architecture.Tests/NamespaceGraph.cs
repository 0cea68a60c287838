namespace Images.Architecture.Tests;

/// <summary>Which namespace uses which: an edge where a file of the one names a type of the other.</summary>
internal sealed class NamespaceGraph
{
    private readonly SortedDictionary<string, SortedSet<string>> _edges = new(StringComparer.Ordinal);

    public NamespaceGraph(IReadOnlyCollection<SourceFile> files)
    {
        ILookup<string, string> namespacesOf = files
            .SelectMany(file => file.Types.Select(type => (Name: type, file.Namespace)))
            .Distinct()
            .ToLookup(type => type.Name, type => type.Namespace, StringComparer.Ordinal);
        foreach (SourceFile file in files.Where(file => file.Namespace.Length > 0))
        {
            HashSet<string> named = [.. file.Words.SelectMany(word => namespacesOf[word])];
            HashSet<string> documented = [.. file.Documented.SelectMany(word => namespacesOf[word])];

            // what is imported and not named is used by its extension methods
            bool IsUsed(string import) => named.Contains(import) || !documented.Contains(import);
            IEnumerable<string> imported = file.Usings.Where(IsUsed);
            IEnumerable<string> enclosing = Enclosing(file.Namespace).Where(named.Contains);
            EdgesOf(file.Namespace).UnionWith(imported.Concat(enclosing));
        }
    }

    public IReadOnlyCollection<string> Namespaces => _edges.Keys;

    /// <summary>Each group of namespaces that all reach each other, sorted, joined by commas.</summary>
    public IEnumerable<string> Cycles()
    {
        Dictionary<string, HashSet<string>> reached =
            _edges.Keys.ToDictionary(start => start, ReachedFrom, StringComparer.Ordinal);
        bool Meet(string one, string other) => reached[one].Contains(other) && reached[other].Contains(one);
        return _edges.Keys
            .Select(start => string.Join(", ", _edges.Keys.Where(other => Meet(start, other))))
            .Where(group => group.Contains(',', StringComparison.Ordinal))
            .Distinct(StringComparer.Ordinal);
    }

    /// <summary>The edges between members of a cycle, for who wants to cut it.</summary>
    public string Describe(string cycle)
    {
        string[] members = cycle.Split(", ");
        string Line(string member) => $"  {member} -> {string.Join(", ", EdgesOf(member).Intersect(members))}";
        return string.Join("\n", members.Select(Line));
    }

    private static IEnumerable<string> Enclosing(string name)
    {
        for (int dot = name.LastIndexOf('.'); dot > 0; dot = name.LastIndexOf('.'))
        {
            name = name[..dot];
            yield return name;
        }
    }

    private HashSet<string> ReachedFrom(string start)
    {
        HashSet<string> seen = [start];
        Stack<string> next = new([start]);
        while (next.TryPop(out string? current))
        {
            foreach (string used in EdgesOf(current).Where(seen.Add).ToList())
            {
                next.Push(used);
            }
        }

        return seen;
    }

    private SortedSet<string> EdgesOf(string name)
    {
        if (!_edges.TryGetValue(name, out SortedSet<string>? edges))
        {
            _edges.Add(name, edges = new SortedSet<string>(StringComparer.Ordinal));
        }

        return edges;
    }
}
