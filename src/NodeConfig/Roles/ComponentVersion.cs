using System.Globalization;

namespace Images.NodeConfig.Roles;

/// <summary>
/// A version of a component of the image, as 1.36.2; a bound of a range may leave the last number out.
/// </summary>
public readonly record struct ComponentVersion(int Major, int Minor, int Patch)
{
    /// <summary>Two or three numbers, or null.</summary>
    public static ComponentVersion? TryParse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int[] numbers =
        [
            .. text.Split('.').Select(
                part =>
                    int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : -1),
        ];
        return numbers.Length is 2 or 3 && Array.TrueForAll(numbers, number => number >= 0)
            ? new ComponentVersion(numbers[0], numbers[1], numbers.ElementAtOrDefault(2))
            : null;
    }

    /// <summary>Three numbers without leading zeros, as releases are called, or null.</summary>
    public static ComponentVersion? TryParseRelease(string text) =>
        TryParse(text) is { } version && version.ToString() == text ? version : null;

    public bool IsBelow(ComponentVersion other) =>
        (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch)) < 0;

    public override string ToString() => $"{Major}.{Minor}.{Patch}";
}
