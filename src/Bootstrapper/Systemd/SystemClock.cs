using System.Globalization;

namespace Images.Bootstrapper.Systemd;

/// <summary>The machine's clock, which is the kernel's.</summary>
internal static class SystemClock
{
    /// <summary>Whether it was set; a folder that stands for a machine has none.</summary>
    public static async Task<bool> SetAsync(NodeRoot root, DateTimeOffset time, CancellationToken cancellationToken) =>
        root.IsMachine
        && (await CommandRunner.RunAsync(
            "date", ["--utc", string.Create(CultureInfo.InvariantCulture, $"--set=@{time.ToUnixTimeSeconds()}")],
            cancellationToken)).Succeeded;
}
