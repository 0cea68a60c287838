using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Images.NodeConfig.Upgrades;

/// <summary>
/// A boot entry of ours by its file name: <c>node-7.conf</c> starts without counting, <c>node-7+3.conf</c> may be tried
/// three times, <c>node-7+1-2.conf</c> was tried twice and may be once more (Boot Loader Specification, boot counting).
/// </summary>
public sealed record BootEntry
{
    public const int MaximumNumber = 999_999;

    private const string Prefix = "node-";
    private const string Suffix = ".conf";
    private const int MaximumTries = 999;

    /// <summary>Which installation it was: 1 is the bake's, each later one has the next.</summary>
    public required int Number { get; init; }

    /// <summary>How often it may still be tried; null where nobody counts.</summary>
    public int? TriesLeft { get; init; }

    public int TriesDone { get; init; }

    public bool IsCounted => TriesLeft is not null;

    /// <summary>Given up: the loader takes it only where there is nothing else.</summary>
    public bool IsBad => TriesLeft == 0;

    public string FileName => TriesLeft is not { } left ? string.Create(Invariant, $"{Prefix}{Number}{Suffix}")
        : TriesDone == 0 ? string.Create(Invariant, $"{Prefix}{Number}+{left}{Suffix}")
        : string.Create(Invariant, $"{Prefix}{Number}+{left}-{TriesDone}{Suffix}");

    private static CultureInfo Invariant => CultureInfo.InvariantCulture;

    /// <summary>False for whatever is not named as ours are, up to leading zeros.</summary>
    public static bool TryParse(string fileName, [NotNullWhen(true)] out BootEntry? entry)
    {
        entry = null;
        if (!fileName.StartsWith(Prefix, StringComparison.Ordinal)
            || !fileName.EndsWith(Suffix, StringComparison.Ordinal)
            || fileName.Length < Prefix.Length + Suffix.Length)
        {
            return false;
        }

        string[] parts = fileName[Prefix.Length..^Suffix.Length].Split('+');
        string[] tries = parts.Length == 2 ? parts[1].Split('-') : [];
        if (parts.Length > 2 || tries.Length > 2 || Parse(parts[0], MaximumNumber) is not (> 0 and int number))
        {
            return false;
        }

        int? left = tries.Length > 0 ? Parse(tries[0], MaximumTries) : null;
        int? done = tries.Length > 1 ? Parse(tries[1], MaximumTries) : null;
        if ((tries.Length > 0 && left is null) || (tries.Length > 1 && done is null or 0))
        {
            return false;
        }

        entry = new BootEntry { Number = number, TriesLeft = left, TriesDone = done ?? 0 };
        return true;
    }

    public override string ToString() => FileName;

    private static int? Parse(string digits, int maximum) =>
        digits.Length is > 0 and <= 6
            && digits.All(char.IsAsciiDigit)
            && (digits.Length == 1 || digits[0] != '0')
            && int.Parse(digits, Invariant) is int number
            && number <= maximum
                ? number
                : null;
}
