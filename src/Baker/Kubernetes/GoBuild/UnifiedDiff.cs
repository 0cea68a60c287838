using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Images.Formats;
using Images.Formats.Tree;

namespace Images.Baker.Kubernetes.GoBuild;

/// <summary>
/// A patch in the unified format (diff(1), POSIX), as quilt applies it with -p1. Every line of context must stand
/// exactly where the patch says: no fuzz, no offset. Files may be changed and added; nothing else is understood.
/// </summary>
internal sealed partial class UnifiedDiff
{
    /// <summary>Bytes that file systems take; of the whole path some are the tree's own.</summary>
    private const int LongestName = 255;
    private const int LongestPath = 2048;

    private readonly string _name;
    private readonly string[] _lines;
    private int _next;

    private UnifiedDiff(string text, string name)
    {
        _name = name;
        _lines = text.Split('\n');
    }

    /// <param name="text">The patch; what stands before its files is for people.</param>
    /// <param name="folder">The tree that it is for.</param>
    /// <exception cref="MalformedDataException">The patch is broken, or does not fit the tree.</exception>
    public static void Apply(string text, string name, string folder) => new UnifiedDiff(text, name).Apply(folder);

    private void Apply(string folder)
    {
        int files = 0;
        for (; _next < _lines.Length; _next++)
        {
            if (_lines[_next].StartsWith("rename ", StringComparison.Ordinal)
                || _lines[_next].StartsWith("GIT binary patch", StringComparison.Ordinal))
            {
                throw Malformed("renames and binary changes are not supported");
            }

            if (_lines[_next].StartsWith("--- ", StringComparison.Ordinal)
                && Line(_next + 1).StartsWith("+++ ", StringComparison.Ordinal))
            {
                ApplyToFile(folder);
                files++;
                _next--;
            }
        }

        if (files == 0)
        {
            throw Malformed("it changes no file");
        }
    }

    private void ApplyToFile(string folder)
    {
        string before = NameOf(_lines[_next]), after = NameOf(_lines[_next + 1]);
        bool isNew = before == "/dev/null";
        string path = Path.Combine(folder, Target(after));
        if (isNew ? !IsFree(folder, Target(after)) : !File.Exists(path) || Target(before) != Target(after))
        {
            throw Malformed($"{after} is {(isNew ? "there already" : "missing, or renamed")}");
        }

        string[] original = isNew ? [] : SourceText.Read(path).Split('\n');
        List<string> result = [];
        int position = 0;
        _next += 2;
        while (HunkHeader().Match(Line(_next)) is { Success: true } header)
        {
            _next++;
            ApplyHunk(header, original, ref position, result, after);
        }

        result.AddRange(original[position..]);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        SourceText.Write(path, string.Join('\n', isNew ? [.. result, ""] : result));
    }

    private void ApplyHunk(Match header, string[] original, ref int position, List<string> result, string file)
    {
        int oldLeft = Count(header.Groups[2]), newLeft = Count(header.Groups[4]);
        int start = int.Parse(header.Groups[1].Value, CultureInfo.InvariantCulture) - (oldLeft == 0 ? 0 : 1);
        if (start < position || start > original.Length)
        {
            throw Malformed(
                $"a hunk of {file} begins at line {start + 1}, which is behind another hunk or the file's end");
        }

        result.AddRange(original[position..start]);
        position = start;
        for (; oldLeft > 0 || newLeft > 0; _next++)
        {
            string line = Line(_next);
            switch (line.Length > 0 ? line[0] : '\0')
            {
                case ' ' when oldLeft > 0 && newLeft > 0:
                    RequireLine(original, position, line[1..], file);
                    result.Add(original[position++]);
                    oldLeft--;
                    newLeft--;
                    break;
                case '-' when oldLeft > 0:
                    RequireLine(original, position++, line[1..], file);
                    oldLeft--;
                    break;
                case '+' when newLeft > 0:
                    result.Add(line[1..]);
                    newLeft--;
                    break;
                default:
                    throw Malformed($"a hunk of {file} does not have the lines that its header counts");
            }
        }

        if (Line(_next).StartsWith('\\'))
        {
            throw Malformed("a file without a newline at its end is not supported");
        }
    }

    private void RequireLine(string[] original, int position, string expected, string file)
    {
        string found = position < original.Length ? original[position] : "(the end)";
        if (found != expected)
        {
            throw Malformed($"{file} has at line {position + 1} '{found}', where the patch expects '{expected}'");
        }
    }

    private string Line(int number) => number < _lines.Length ? _lines[number] : "";

    private static string NameOf(string line) => line[4..].Split('\t')[0].TrimEnd();

    /// <summary>
    /// Whether a file can be made there: nothing stands there, and no file where its folders must be.
    /// </summary>
    private static bool IsFree(string folder, string target)
    {
        string[] parts = target.Split('/');
        return !Path.Exists(Path.Combine(folder, target))
            && !Enumerable.Range(1, parts.Length - 1).Any(
                count => File.Exists(Path.Combine([folder, .. parts[..count]])));
    }

    /// <summary>Without the first component, as -p1.</summary>
    private string Target(string name)
    {
        try
        {
            string path = TreePath.Parse(name[(name.IndexOf('/', StringComparison.Ordinal) + 1)..]).Value;
            return Encoding.UTF8.GetByteCount(path) <= LongestPath
                && path.Split('/').All(part => Encoding.UTF8.GetByteCount(part) <= LongestName)
                ? path
                : throw new FormatException("no tree of sources has so long a name.");
        }
        catch (FormatException exception)
        {
            throw new MalformedDataException(_name, -1, $"the patch names '{name}': {exception.Message}", exception);
        }
    }

    private static int Count(Group group) => group.Success ? int.Parse(group.Value, CultureInfo.InvariantCulture) : 1;

    private MalformedDataException Malformed(string rule) =>
        new(_name, -1, $"at line {Math.Min(_next, _lines.Length) + 1} of the patch: {rule}");

    [GeneratedRegex(@"^@@ -([0-9]{1,9})(?:,([0-9]{1,9}))? \+([0-9]{1,9})(?:,([0-9]{1,9}))? @@")]
    private static partial Regex HunkHeader();
}
