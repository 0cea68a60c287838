using Images.Formats.Tree;

namespace Images.Baker.Layers;

/// <summary>
/// A pattern over paths of the image: <c>*</c> stands for any characters but '/', <c>**</c> for any characters,
/// <c>?</c> for one character but '/'; everything else for itself. It matches a path, or a folder above the path.
/// </summary>
internal sealed record PathGlob
{
    private PathGlob(string pattern) => Pattern = pattern;

    /// <summary>Without a leading or trailing slash.</summary>
    public string Pattern { get; }

    /// <exception cref="FormatException">The pattern is empty or has an empty, "." or ".." component.</exception>
    public static PathGlob Parse(string text)
    {
        TreePath path = TreePath.Parse(text);
        return path.IsRoot
            ? throw new FormatException($"the pattern '{text}' names the whole tree.")
            : new PathGlob(path.Value);
    }

    public bool Matches(TreePath path) => Matches(Pattern, path.Value);

    private static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> path)
    {
        while (!pattern.IsEmpty)
        {
            if (pattern[0] == '*')
            {
                return MatchesAfterStar(pattern, path);
            }

            if (path.IsEmpty || (pattern[0] == '?' ? path[0] == '/' : path[0] != pattern[0]))
            {
                return false;
            }

            pattern = pattern[1..];
            path = path[1..];
        }

        return path.IsEmpty || path[0] == '/';
    }

    private static bool MatchesAfterStar(ReadOnlySpan<char> pattern, ReadOnlySpan<char> path)
    {
        bool crosses = pattern.StartsWith("**");
        ReadOnlySpan<char> rest = pattern.TrimStart('*');
        for (int length = 0; length <= path.Length; length++)
        {
            if (Matches(rest, path[length..]))
            {
                return true;
            }

            if (length < path.Length && path[length] == '/' && !crosses)
            {
                return false;
            }
        }

        return false;
    }
}
