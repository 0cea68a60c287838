using System.Globalization;

namespace Images.Bootstrapper.Reporting;

/// <summary>Time that no clock adjustment moves.</summary>
internal static class MachineClock
{
    /// <summary>Seconds since the kernel started.</summary>
    public static double UptimeSeconds(NodeRoot root) =>
        File.Exists(root["/proc/uptime"])
            ? double.Parse(File.ReadAllText(root["/proc/uptime"]).Split(' ')[0], CultureInfo.InvariantCulture)
            : Environment.TickCount64 / 1000.0;
}
