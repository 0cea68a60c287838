using System.Globalization;
using System.Text.Json.Nodes;
using Images.NodeConfig.Yaml;

namespace Images.NodeConfig.Kubernetes;

/// <summary>
/// What a plain scalar of a manifest means to kubectl, which reads YAML 1.1 (sigs.k8s.io/yaml): <c>0644</c> is octal.
/// Words that are booleans there and text elsewhere are refused.
/// </summary>
internal static class ManifestScalar
{
    /// <exception cref="ConfigurationException">It means one thing here and another there.</exception>
    public static JsonValue? ToJson(YamlScalar scalar)
    {
        string text = scalar.Value;
        if (!scalar.IsPlain)
        {
            return JsonValue.Create(text);
        }

        return text switch
        {
            "" or "~" or "null" or "Null" or "NULL" => null,
            "true" or "True" or "TRUE" => JsonValue.Create(true),
            "false" or "False" or "FALSE" => JsonValue.Create(false),
            _ when IsOldBoolean(text) => throw scalar.Error(
                $"'{text}' is a boolean to kubectl and text to YAML 1.2.", "Write true or false, or quote the text."),
            _ when Whole(text) is long whole => JsonValue.Create(whole),
            _ when IsDecimal(text)
                && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double real) =>
                double.IsFinite(real) ? JsonValue.Create(real) : throw scalar.Error(
                    $"'{text}' is a number beyond those that JSON's readers hold.",
                    "Write a smaller one, or quote the text."),
            _ => JsonValue.Create(text),
        };
    }

    private static bool IsOldBoolean(string text) =>
        text.ToLowerInvariant() is "y" or "n" or "yes" or "no" or "on" or "off";

    private static long? Whole(string text)
    {
        bool isNegative = text.StartsWith('-');
        string digits = text[(isNegative || text.StartsWith('+') ? 1 : 0)..];
        return Magnitude(digits) is long magnitude ? isNegative ? -magnitude : magnitude : null;
    }

    /// <summary>Null where it is no whole number, or too large for one.</summary>
    private static long? Magnitude(string digits) => digits switch
    {
        ['0', 'x' or 'X', ..] => Parse(digits[2..], NumberStyles.AllowHexSpecifier),
        ['0', 'b' or 'B', ..] => Parse(digits[2..], NumberStyles.AllowBinarySpecifier),
        ['0', 'o' or 'O', ..] => Octal(digits[2..]),
        ['0', _, ..] => Octal(digits[1..]),
        _ => Parse(digits, NumberStyles.None),
    };

    private static long? Parse(string digits, NumberStyles style) =>
        long.TryParse(digits, style, CultureInfo.InvariantCulture, out long number) && number >= 0 ? number : null;

    private static long? Octal(string digits)
    {
        const int LongestThatFits = 20;
        return digits.Length is > 0 and <= LongestThatFits && digits.All(digit => digit is >= '0' and <= '7')
            ? digits.Aggregate(0L, (number, digit) => (number * 8) + (digit - '0'))
            : null;
    }

    /// <summary>Not "Infinity" and the like, which .NET would take.</summary>
    private static bool IsDecimal(string text) =>
        text.All(character => char.IsAsciiDigit(character) || character is '.' or '-' or '+' or 'e' or 'E')
            && text.Any(char.IsAsciiDigit);
}
