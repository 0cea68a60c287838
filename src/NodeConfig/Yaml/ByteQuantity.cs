using System.Globalization;

namespace Images.NodeConfig.Yaml;

/// <summary>
/// An amount of bytes as Kubernetes writes it: a whole number with Ki, Mi, Gi or Ti, or without a suffix.
/// </summary>
public static class ByteQuantity
{
    private static readonly (string Suffix, int Shift)[] _suffixes =
        [("Ki", 10), ("Mi", 20), ("Gi", 30), ("Ti", 40), ("", 0)];

    /// <summary>Bytes, or null when the text is no amount or does not fit.</summary>
    public static long? TryParse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        (string suffix, int shift) = _suffixes.First(
            candidate => text.EndsWith(candidate.Suffix, StringComparison.Ordinal));
        return long.TryParse(
            text.AsSpan(0, text.Length - suffix.Length),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out long number)
            && number <= long.MaxValue >> shift
            ? number << shift
            : null;
    }
}
