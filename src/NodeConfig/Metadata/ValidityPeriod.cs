using System.Globalization;

namespace Images.NodeConfig.Metadata;

/// <summary>How long a certificate holds, written as 90m, 8h or 30d.</summary>
public static class ValidityPeriod
{
    /// <summary>Ten years and a little: no authority lives longer.</summary>
    private static readonly TimeSpan _longest = TimeSpan.FromDays(3660);

    /// <summary>Null where the text is no such period, or none of at least a minute.</summary>
    public static TimeSpan? TryParse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        double unitSeconds = text.Length > 1 ? text[^1] switch { 'm' => 60, 'h' => 3600, 'd' => 86_400, _ => 0 } : 0;
        bool isPeriod = unitSeconds > 0
            && uint.TryParse(
                text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out uint number)
            && number > 0 && number * unitSeconds <= _longest.TotalSeconds;
        return isPeriod
            ? TimeSpan.FromSeconds(
                uint.Parse(text.AsSpan(0, text.Length - 1), CultureInfo.InvariantCulture) * unitSeconds)
            : null;
    }
}
