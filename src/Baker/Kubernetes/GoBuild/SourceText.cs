using System.Text;
using Images.Formats;

namespace Images.Baker.Kubernetes.GoBuild;

/// <summary>
/// Files of a source tree as text in which every byte is one character, so that reading and writing change nothing.
/// </summary>
internal static class SourceText
{
    public static string Read(string path) => Encoding.Latin1.GetString(File.ReadAllBytes(path));

    public static void Write(string path, string text) => File.WriteAllBytes(path, Encoding.Latin1.GetBytes(text));

    /// <summary>Replaces a passage that must stand exactly once.</summary>
    /// <exception cref="MalformedDataException">It does not.</exception>
    public static void Replace(string path, string name, string passage, string replacement)
    {
        int at = Find(path, name, passage);
        Write(path, Read(path).Remove(at, passage.Length).Insert(at, replacement));
    }

    /// <summary>Where a passage stands, which must stand exactly once.</summary>
    /// <exception cref="MalformedDataException">It does not.</exception>
    public static int Find(string path, string name, string passage)
    {
        string text = File.Exists(path) ? Read(path) : "";
        int at = text.IndexOf(passage, StringComparison.Ordinal);
        return at >= 0 && text.IndexOf(passage, at + 1, StringComparison.Ordinal) < 0
            ? at
            : throw new MalformedDataException(
                name, -1,
                "the passage that is to be mended does not stand there exactly once; "
                    + $"it begins with '{passage.TrimStart().Split('\n')[0]}'");
    }
}
