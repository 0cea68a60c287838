using System.Text;
using YamlDotNet.Core;

namespace Images.NodeConfig.Yaml;

/// <summary>
/// Reads YAML, one document of at most 1 MiB unless asked for more, at most 64 levels deep, without anchors, aliases,
/// tags or repeated keys. Text from outside may be hostile, so events are pulled one by one and the depth is checked
/// before anything recurses: the parser below us keeps its own stack on the heap and looks ahead 1024 characters at
/// most.
/// </summary>
public static class StrictYaml
{
    public const int MaximumDepth = 64;
    public const int MaximumBytes = 1 << 20;
    /// <param name="sourceName">How errors call it: a path or a datasource.</param>
    /// <exception cref="ConfigurationException">The text is not such a document.</exception>
    public static YamlNode Parse(string text, string sourceName) =>
        Read(text, sourceName, MaximumBytes, builder => builder.ReadDocument());

    /// <summary>Every document that is not empty.</summary>
    /// <param name="maximumBytes">A whole number of mebibytes.</param>
    /// <exception cref="ConfigurationException">The text breaks a rule.</exception>
    public static IReadOnlyList<YamlNode> ParseDocuments(string text, string sourceName, int maximumBytes) =>
        Read(text, sourceName, maximumBytes, builder => builder.ReadDocuments());

    /// <summary>As <see cref="Parse"/>, for a document that must be a mapping.</summary>
    public static MappingReader ParseMapping(string text, string sourceName) => new(Parse(text, sourceName));

    internal static int Position(long markPosition) => (int)Math.Clamp(markPosition, 1, int.MaxValue);

    private static T Read<T>(string text, string sourceName, int maximumBytes, Func<YamlTreeBuilder, T> read)
    {
        ArgumentNullException.ThrowIfNull(text);
        RefuseSizeAndCharacters(text, sourceName, maximumBytes);
        Scanner scanner = new(new StringReader(text), skipComments: true);
        try
        {
            return read(new YamlTreeBuilder(new Parser(scanner), sourceName));
        }
        catch (YamlException exception)
        {
            string problem = OneLine(exception.Message);
            throw problem.Contains(" tab ", StringComparison.Ordinal)
                ? NoYaml(
                    problem, sourceName, text, text.IndexOf('\t', LineStart(text, LastBefore('\t', text, scanner))))
                : NoYaml(problem, sourceName, exception.Start);
        }
        catch (InvalidOperationException)
        {
            // The parser says so of some unclosed brackets.
            throw NoYaml(
                "a bracket or quote before this place is not closed, or text follows the end of the document",
                sourceName,
                scanner.CurrentPosition);
        }
        catch (ArgumentException)
        {
            // The parser makes a URI of a tag before anybody could refuse tags.
            throw NoYaml("a tag (!) cannot be what stands here", sourceName, text, LastBefore('!', text, scanner));
        }
    }

    /// <summary>
    /// Errors of tabs and tags come without a place, or with that of the text before: the scanner stands behind it.
    /// </summary>
    private static int LastBefore(char character, string text, Scanner scanner) =>
        text.Length == 0
            ? 0
            : Math.Max(0, text.LastIndexOf(character, (int)Math.Min(scanner.CurrentPosition.Index, text.Length - 1)));

    private static int LineStart(string text, int index) => index == 0 ? 0 : text.LastIndexOf('\n', index - 1) + 1;

    private static ConfigurationException NoYaml(string problem, string sourceName, string text, int index)
    {
        int place = Math.Max(0, index);
        return NoYaml(
            problem,
            sourceName,
            new Mark(place, text.AsSpan(0, place).Count('\n') + 1, place - LineStart(text, place) + 1));
    }

    private static ConfigurationException NoYaml(string problem, string sourceName, Mark place) => new(
        sourceName,
        Position(place.Line),
        Position(place.Column),
        $"This is not YAML: {problem}.",
        "Mend the text at this place.");

    private static void RefuseSizeAndCharacters(string text, string sourceName, int maximumBytes)
    {
        if (text.Length > maximumBytes || Encoding.UTF8.GetByteCount(text) > maximumBytes)
        {
            throw new ConfigurationException(
                sourceName, 1, 1, $"The text is larger than {maximumBytes >> 20} MiB.", "Make it smaller.");
        }

        int line = 1;
        int lineStart = 0;
        for (int index = 0; index < text.Length; index++)
        {
            char character = text[index];
            if (character == '\n')
            {
                line++;
                lineStart = index + 1;
            }
            else if (character is '\uFFFD' or '\u007F' || (character < ' ' && character is not ('\t' or '\r')))
            {
                throw new ConfigurationException(
                    sourceName,
                    line,
                    index - lineStart + 1,
                    $"The character U+{(int)character:X4} does not belong into a YAML text.",
                    "Write plain UTF-8 text.");
            }
        }
    }

    private static string OneLine(string message) => message.ReplaceLineEndings(" ").TrimEnd('.', ' ');
}
