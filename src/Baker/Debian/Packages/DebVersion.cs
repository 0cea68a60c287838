using System.Globalization;

namespace Images.Baker.Debian.Packages;

/// <summary>
/// A Debian version, [epoch:]upstream[-revision], ordered as Debian Policy 5.6.12 says. Equality follows the order:
/// "1.0" equals "0:1.00-0". <see cref="ToString"/> gives the text as it was written.
/// </summary>
public sealed class DebVersion : IComparable<DebVersion>, IEquatable<DebVersion>
{
    private readonly string _text;

    private DebVersion(string text, int epoch, string upstream, string revision)
    {
        _text = text;
        Epoch = epoch;
        Upstream = upstream;
        Revision = revision;
    }

    /// <summary>0 where the version names none.</summary>
    public int Epoch { get; }

    public string Upstream { get; }

    /// <summary>Empty where the version names none (a native package); compares as "0".</summary>
    public string Revision { get; }

    public static bool operator ==(DebVersion? left, DebVersion? right) =>
        left is null ? right is null : left.Equals(right);

    public static bool operator !=(DebVersion? left, DebVersion? right) => !(left == right);

    public static bool operator <(DebVersion left, DebVersion right) => left.CompareTo(right) < 0;

    public static bool operator >(DebVersion left, DebVersion right) => left.CompareTo(right) > 0;

    public static bool operator <=(DebVersion left, DebVersion right) => left.CompareTo(right) <= 0;

    public static bool operator >=(DebVersion left, DebVersion right) => left.CompareTo(right) >= 0;

    /// <exception cref="FormatException">The text breaks Debian Policy 5.6.12.</exception>
    public static DebVersion Parse(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        int epoch = 0;
        if (colon >= 0
            && !int.TryParse(text.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out epoch))
        {
            throw new FormatException($"the version '{text}' has an epoch that is not a number.");
        }

        string rest = text[(colon + 1)..];
        int dash = rest.LastIndexOf('-');
        string upstream = dash < 0 ? rest : rest[..dash];
        string revision = dash < 0 ? "" : rest[(dash + 1)..];
        if (upstream.Length == 0
            || !char.IsAsciiDigit(upstream[0])
            || !upstream.All(c => IsVersionCharacter(c) || c is '-' || (c is ':' && colon >= 0)))
        {
            throw new FormatException(
                $"the version '{text}' has no upstream part of letters, digits and . + - ~ that begins with a digit.");
        }

        if ((dash >= 0 && revision.Length == 0) || !revision.All(IsVersionCharacter))
        {
            throw new FormatException(
                $"the version '{text}' has a revision that is not made of letters, digits and . + ~");
        }

        return new DebVersion(text, epoch, upstream, revision);
    }

    public int CompareTo(DebVersion? other)
    {
        if (other is null)
        {
            return 1;
        }

        int order = Epoch.CompareTo(other.Epoch);
        order = order != 0 ? order : CompareParts(Upstream, other.Upstream);
        return order != 0 ? order : CompareParts(Revision, other.Revision);
    }

    public bool Equals(DebVersion? other) => CompareTo(other) == 0;

    public override bool Equals(object? obj) => obj is DebVersion other && Equals(other);

    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.Add(Epoch);
        AddWithoutLeadingZeros(ref hash, Upstream);
        AddWithoutLeadingZeros(ref hash, Revision);
        return hash.ToHashCode();
    }

    public override string ToString() => _text;

    private static bool IsVersionCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '+' or '~';

    // alternately a run of non-digits, by Rank, and a run of digits, by value; a missing run counts as empty or 0
    private static int CompareParts(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        while (!left.IsEmpty || !right.IsEmpty)
        {
            while (StartsWithNonDigit(left) || StartsWithNonDigit(right))
            {
                int order = Rank(left).CompareTo(Rank(right));
                if (order != 0)
                {
                    return order;
                }

                left = left[1..];
                right = right[1..];
            }

            ReadOnlySpan<char> leftNumber = TakeNumber(ref left), rightNumber = TakeNumber(ref right);
            int numbers = leftNumber.Length != rightNumber.Length
                ? leftNumber.Length.CompareTo(rightNumber.Length)
                : leftNumber.SequenceCompareTo(rightNumber);
            if (numbers != 0)
            {
                return numbers;
            }
        }

        return 0;
    }

    private static bool StartsWithNonDigit(ReadOnlySpan<char> text) => !text.IsEmpty && !char.IsAsciiDigit(text[0]);

    // '~' before the end, the end before letters, letters before the rest
    private static int Rank(ReadOnlySpan<char> text) => text.IsEmpty || char.IsAsciiDigit(text[0]) ? 0 : text[0] switch
    {
        '~' => -1,
        char c when char.IsAsciiLetter(c) => c,
        char c => c + 256,
    };

    private static ReadOnlySpan<char> TakeNumber(ref ReadOnlySpan<char> text)
    {
        int end = text.IndexOfAnyExceptInRange('0', '9');
        ReadOnlySpan<char> number = end < 0 ? text : text[..end];
        text = text[number.Length..];
        return number.TrimStart('0');
    }

    private static void AddWithoutLeadingZeros(ref HashCode hash, string part)
    {
        bool inNumber = false;
        foreach (char c in part)
        {
            if (c != '0' || inNumber)
            {
                hash.Add(c);
            }

            inNumber = char.IsAsciiDigit(c) && (inNumber || c != '0');
        }
    }
}
