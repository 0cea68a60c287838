using System.Text.RegularExpressions;

namespace Images.Architecture.Tests;

/// <summary>
/// What one file of src says of namespaces. Read from the text, so that constants count too, which the compiler copies;
/// that no <c>using</c> stands there needlessly is an error of the build (IDE0005).
/// </summary>
internal sealed partial class SourceFile
{
    private SourceFile(string path, string text)
    {
        Path = path;
        Namespace = NamespaceLine().Match(text) is { Success: true } line ? line.Groups[1].Value : "";
        Usings = [.. UsingLine().Matches(text).Select(match => match.Groups[1].Value)];
        string code = Literals().Replace(Comments().Replace(text, ""), Holes);
        code = UsingLine().Replace(NamespaceLine().Replace(code, ""), "");
        Types = [.. Declarations().Matches(code).Select(match => match.Groups[1].Value)];
        Words = [.. Names().Matches(code).Select(match => match.Value)];
        Documented =
        [
            .. References().Matches(text)
                .SelectMany(match => Names().Matches(match.Groups[1].Value))
                .Select(match => match.Value),
        ];
    }

    public string Path { get; }

    /// <summary>Empty where the file declares none.</summary>
    public string Namespace { get; }

    /// <summary>Namespaces of ours that are imported.</summary>
    public HashSet<string> Usings { get; }

    /// <summary>Types declared at the file's first level.</summary>
    public HashSet<string> Types { get; }

    /// <summary>Names in the code that may be types: capitalised, and not members of something.</summary>
    public HashSet<string> Words { get; }

    /// <summary>The same in references of documentation comments.</summary>
    public HashSet<string> Documented { get; }

    public static SourceFile Read(string path) => new(path, File.ReadAllText(path));

    public static SourceFile Of(string path, string text) => new(path, text);

    /// <summary>Of a string only what is code in it: the holes of an interpolated one.</summary>
    private static string Holes(Match literal) => literal.Value.StartsWith('$')
        ? string.Join(' ', Hole().Matches(literal.Value).Select(match => match.Groups[1].Value))
        : "\"\"";

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"^using (?:static |\w+ = )?(Images\.[\w.]+);", RegexOptions.Multiline)]
    private static partial Regex UsingLine();

    [GeneratedRegex(@"//.*$", RegexOptions.Multiline)]
    private static partial Regex Comments();

    [GeneratedRegex(@"\$?""(?:\\.|[^""\\\n])*""")]
    private static partial Regex Literals();

    [GeneratedRegex(@"\{([^{}]*)\}")]
    private static partial Regex Hole();

    [GeneratedRegex(
        @"^(?:[a-z]+ )*(?:class|record struct|record|struct|interface|enum|delegate [\w.<>?\[\]]+) (\w+)",
        RegexOptions.Multiline)]
    private static partial Regex Declarations();

    [GeneratedRegex(@"(?<![\w.])[A-Z]\w*")]
    private static partial Regex Names();

    [GeneratedRegex(@"cref=""([^""]+)""")]
    private static partial Regex References();
}
