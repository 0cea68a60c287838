namespace Images.Formats.Tree;

/// <summary>
/// A path inside the image, relative to its root: components joined by '/', no leading slash, no empty, "." or ".."
/// component. The root itself is the empty path. Ordered component by component, ordinally (as SquashFS sorts names).
/// </summary>
public readonly record struct TreePath : IComparable<TreePath>
{
    private readonly string? _value;

    // the empty path is always null, so that it equals Root by value
    private TreePath(string value) => _value = value.Length == 0 ? null : value;

    public static TreePath Root => default;

    public string Value => _value ?? "";

    public bool IsRoot => Value.Length == 0;

    /// <summary>The last component; empty for the root.</summary>
    public string Name => Value[(Value.LastIndexOf('/') + 1)..];

    public TreePath Parent => IsRoot
        ? throw new InvalidOperationException("The root has no parent.")
        : new TreePath(Value[..Math.Max(0, Value.LastIndexOf('/'))]);

    /// <summary>
    /// Accepts the spellings of tar and of people: "./a/b/", "/a/b", "a/b". Refuses what would escape.
    /// </summary>
    /// <exception cref="FormatException">A ".." component, an empty inner component, or a NUL character.</exception>
    public static TreePath Parse(string text)
    {
        string[] parts = text.TrimEnd('/').Split('/');
        int first = parts.Length > 0 && parts[0] is "" or "." ? 1 : 0;
        foreach (string part in parts.AsSpan(first))
        {
            if (part is "" or "." or ".." || part.Contains('\0', StringComparison.Ordinal))
            {
                throw new FormatException(
                    $"the path '{text}' has the component '{part}', which would leave or repeat a folder.");
            }
        }

        return new TreePath(string.Join('/', parts.AsSpan(first)));
    }

    public TreePath Append(string name) => Parse(IsRoot ? name : $"{Value}/{name}");

    public bool IsBelow(TreePath folder) => folder.IsRoot
        ? !IsRoot
        : Value.Length > folder.Value.Length
            && Value[folder.Value.Length] == '/'
            && Value.StartsWith(folder.Value, StringComparison.Ordinal);

    public int CompareTo(TreePath other)
    {
        // '/' sorts below every other character, so that a folder's content follows it directly
        ReadOnlySpan<char> left = Value, right = other.Value;
        int common = left.CommonPrefixLength(right);
        if (common == left.Length || common == right.Length)
        {
            return left.Length.CompareTo(right.Length);
        }

        return left[common] == '/' ? -1 : right[common] == '/' ? 1 : left[common].CompareTo(right[common]);
    }

    public static bool operator <(TreePath left, TreePath right) => left.CompareTo(right) < 0;

    public static bool operator >(TreePath left, TreePath right) => left.CompareTo(right) > 0;

    public static bool operator <=(TreePath left, TreePath right) => left.CompareTo(right) <= 0;

    public static bool operator >=(TreePath left, TreePath right) => left.CompareTo(right) >= 0;

    public override string ToString() => "/" + Value;
}
