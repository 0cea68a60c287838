namespace Images.Formats.Fat32;

/// <summary>
/// FAT's date and time: local time by its book, UTC here; from 1980 to 2107, in steps of two seconds.
/// </summary>
internal readonly record struct Fat32Time
{
    /// <summary>Bits 0–4 day, 5–8 month, 9–15 years since 1980.</summary>
    public required ushort Date { get; init; }

    /// <summary>Bits 0–4 two seconds, 5–10 minute, 11–15 hour.</summary>
    public required ushort Time { get; init; }

    /// <summary>Of the creation time only: 0 to 199.</summary>
    public byte Hundredths { get; init; }

    public static Fat32Time FromUnixSeconds(long seconds)
    {
        long earliest = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
        long latest = new DateTimeOffset(2107, 12, 31, 23, 59, 59, TimeSpan.Zero).ToUnixTimeSeconds();
        DateTimeOffset time = DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(seconds, earliest, latest));
        return new Fat32Time
        {
            Date = (ushort)(((time.Year - 1980) << 9) | (time.Month << 5) | time.Day),
            Time = (ushort)((time.Hour << 11) | (time.Minute << 5) | (time.Second / 2)),
            Hundredths = (byte)(time.Second % 2 * 100),
        };
    }

    /// <summary>Nothing where the fields are no date.</summary>
    public long? ToUnixSeconds()
    {
        int year = 1980 + (Date >> 9), month = (Date >> 5) & 15, day = Date & 31;
        int hour = Time >> 11, minute = (Time >> 5) & 63, second = (Time & 31) * 2;
        bool valid = month is >= 1 and <= 12
            && day >= 1
            && day <= DateTime.DaysInMonth(year, month)
            && hour < 24
            && minute < 60
            && second < 60;
        return valid ? new DateTimeOffset(year, month, day, hour, minute, second, TimeSpan.Zero)
            .ToUnixTimeSeconds() : null;
    }
}
