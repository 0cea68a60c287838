namespace Images.Bootstrapper.Boot;

/// <summary>
/// Files of <c>write_files</c> that something has read by the time metadata are known, and the command that lets it
/// read them again. In the order in which a boot would do it: a setting may be one of a module.
/// </summary>
internal static class EarlyFiles
{
    private static readonly Reader[] _readers =
    [
        new("/etc/systemd/system/", ["systemctl", "daemon-reload"]),
        new("/etc/udev/rules.d/", ["udevadm", "control", "--reload"]),
        new("/etc/modules-load.d/", ["systemctl", "restart", "systemd-modules-load.service"]),
        new("/etc/sysctl.", ["systemctl", "restart", "systemd-sysctl.service"]), // sysctl.conf and sysctl.d
        new("/etc/systemd/network/", ["networkctl", "reload"]),
        new("/etc/systemd/resolved.conf", ["systemctl", "restart", "systemd-resolved.service"]),
        new("/etc/systemd/timesyncd.conf", ["systemctl", "restart", "systemd-timesyncd.service"]),
    ];

    /// <param name="written">Paths whose content changed.</param>
    public static IEnumerable<IReadOnlyList<string>> CommandsFor(IReadOnlyCollection<string> written) => _readers
        .Where(reader => written.Any(path => path.StartsWith(reader.Prefix, StringComparison.Ordinal)))
        .Select(reader => reader.Command);

    private sealed record Reader(string Prefix, IReadOnlyList<string> Command);
}
