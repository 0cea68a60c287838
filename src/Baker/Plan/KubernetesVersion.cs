using System.Globalization;

namespace Images.Baker.Plan;

/// <summary>A release of Kubernetes, as 1.36.0; never a pre-release.</summary>
internal readonly record struct KubernetesVersion(int Major, int Minor, int Patch) : IComparable<KubernetesVersion>
{
    /// <summary>The first minor version whose flags the roles are written for.</summary>
    public const int OldestMinor = 20;

    /// <summary>The last one.</summary>
    public const int NewestMinor = 36;

    public const string SupportedRange = "1.20 to 1.36";

    public bool IsSupported => Major == 1 && Minor is >= OldestMinor and <= NewestMinor;

    /// <summary>Three numbers without leading zeros, or null.</summary>
    public static KubernetesVersion? TryParse(string text)
    {
        int[] numbers = [.. text.Split('.').Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : -1)];
        return numbers.Length == 3 && $"{numbers[0]}.{numbers[1]}.{numbers[2]}" == text ? new KubernetesVersion(numbers[0], numbers[1], numbers[2]) : null;
    }

    public int CompareTo(KubernetesVersion other) => (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));

    public static bool operator <(KubernetesVersion left, KubernetesVersion right) => left.CompareTo(right) < 0;

    public static bool operator >(KubernetesVersion left, KubernetesVersion right) => left.CompareTo(right) > 0;

    public static bool operator <=(KubernetesVersion left, KubernetesVersion right) => left.CompareTo(right) <= 0;

    public static bool operator >=(KubernetesVersion left, KubernetesVersion right) => left.CompareTo(right) >= 0;

    public override string ToString() => $"{Major}.{Minor}.{Patch}";
}
