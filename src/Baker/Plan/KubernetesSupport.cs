using Images.NodeConfig.Roles;

namespace Images.Baker.Plan;

/// <summary>Which releases the roles are written for, and until when upstream mends them.</summary>
internal static class KubernetesSupport
{
    public const string Range = "1.20 to 1.36";

    /// <summary>By minor version; the dates of kubernetes.io's data/releases (eol.yaml and schedule.yaml).</summary>
    private static readonly Dictionary<int, DateOnly> _endOfLife = new()
    {
        [20] = new(2022, 2, 28),
        [21] = new(2022, 6, 28),
        [22] = new(2022, 12, 8),
        [23] = new(2023, 2, 28),
        [24] = new(2023, 7, 28),
        [25] = new(2023, 10, 28),
        [26] = new(2024, 2, 28),
        [27] = new(2024, 7, 16),
        [28] = new(2024, 10, 22),
        [29] = new(2025, 2, 28),
        [30] = new(2025, 7, 15),
        [31] = new(2025, 11, 11),
        [32] = new(2026, 2, 28),
        [33] = new(2026, 6, 28),
        [34] = new(2026, 10, 27),
        [35] = new(2027, 2, 28),
        [36] = new(2027, 6, 28),
    };

    public static bool Includes(ComponentVersion version) =>
        version.Major == 1 && _endOfLife.ContainsKey(version.Minor);

    /// <summary>The day after which no fix is to be expected.</summary>
    public static DateOnly EndOfLife(ComponentVersion version) => _endOfLife[version.Minor];
}
