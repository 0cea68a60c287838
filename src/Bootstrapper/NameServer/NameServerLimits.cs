namespace Images.Bootstrapper.NameServer;

/// <summary>What the name server takes and gives.</summary>
internal static class NameServerLimits
{
    /// <summary>Not broken up on any path (dnsflagday.net/2020), whatever the one who asks would take.</summary>
    public const int LongestDatagram = 1232;

    /// <summary>One name of 255 bytes, and options.</summary>
    public const int LongestQuestion = 4096;

    public const int MostConnections = 64;

    /// <summary>A connection that asks nothing for so long is closed.</summary>
    public static TimeSpan Idle { get; } = TimeSpan.FromSeconds(5);
}
