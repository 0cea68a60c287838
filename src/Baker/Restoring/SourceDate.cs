using System.Globalization;
using Images.Baker.Locking;

namespace Images.Baker.Restoring;

/// <summary>The one time a bake knows.</summary>
internal static class SourceDate
{
    /// <summary>Seconds since 1970: SOURCE_DATE_EPOCH where it is set, else the newest InRelease of the lock.</summary>
    /// <param name="imageLock">The lock the image is baked from.</param>
    /// <param name="sourceDateEpoch">The variable's value, or null where it is not set.</param>
    /// <exception cref="BakeException">The variable is set and is no such number.</exception>
    public static long Choose(ImageLock imageLock, string? sourceDateEpoch)
    {
        if (sourceDateEpoch is null)
        {
            return imageLock.NewestRelease.ToUnixTimeSeconds();
        }

        // SquashFS and FAT hold 32 bits of time
        return long.TryParse(sourceDateEpoch, NumberStyles.None, CultureInfo.InvariantCulture, out long seconds)
            && seconds <= uint.MaxValue
            ? seconds
            : throw new BakeException(
                "BAKE0340", "SOURCE_DATE_EPOCH", $"'{sourceDateEpoch}' is not a number of seconds since 1970.",
                "Unset it, or set it to a whole number such as 1700000000.");
    }
}
