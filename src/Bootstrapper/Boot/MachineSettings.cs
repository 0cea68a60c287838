using Images.Bootstrapper.Files;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Systemd;
using Images.NodeConfig;
using Images.NodeConfig.Metadata;

namespace Images.Bootstrapper.Boot;

/// <summary>
/// Applies the honoured subset of cloud-config to /etc and the kernel. All of it is derived again at each boot, since
/// /etc is. What cannot be applied is said and does not stop the boot: a machine with a wrong time zone still serves.
/// </summary>
internal sealed class MachineSettings(NodeRoot root, NodeConsole console, WhyTrace trace, Action<string> setHostname)
{
    public const string SshKeys = NodePaths.RunFolder + "/ssh";

    private const string Administrator = "admin";
    private const string TrustedBundle = "/etc/ssl/certs/ca-certificates.crt";

    public async Task ApplyAsync(NodeMetadata metadata, string hostname, CancellationToken cancellationToken)
    {
        Try("hostname", () => SetHostname(hostname));
        Try("ssh_authorized_keys", () => WriteSshKeys(metadata.SshAuthorizedKeys));
        foreach (WriteFile file in metadata.WriteFiles)
        {
            Try($"write_files {file.Path}", () => Write(file));
        }

        Try("ca_certs", () => TrustCertificates(metadata.CaCertificates));
        Try("timezone", () => SetTimezone(metadata.Timezone));
        if (metadata.Ntp is { } ntp)
        {
            Try("ntp", () => WriteTimeServers(ntp));
            await RestartTimeClientAsync(ntp, cancellationToken);
        }
    }

    private void Try(string what, Action apply)
    {
        try
        {
            apply();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            console.WriteLine($"cannot apply {what}: {e.Message}");
            trace.Decided($"cannot apply {what}: {e.Message}");
        }
    }

    private void SetHostname(string hostname)
    {
        AtomicFile.Write(root["/etc/hostname"], hostname + "\n", AtomicFile.Public);
        setHostname(hostname);
    }

    private void WriteSshKeys(IReadOnlyList<string> keys) =>
        AtomicFile.Write(
            root[$"{SshKeys}/{Administrator}"], string.Concat(keys.Select(key => key + "\n")), AtomicFile.Public);

    private void Write(WriteFile file)
    {
        string path = root[file.Path];
        byte[] content = file.Append && File.Exists(path)
            ? [.. File.ReadAllBytes(path), .. file.Content]
            : file.Content;
        FileOwner? owner = root.IsMachine ? FileOwner.Parse(file.Owner, root) : null;
        AtomicFile.Write(path, content, (UnixFileMode)Convert.ToInt32(file.Mode, 8), owner);
    }

    private void TrustCertificates(TrustedCertificates? certificates)
    {
        if (certificates is null)
        {
            return;
        }

        string image = !certificates.RemoveDefaults && File.Exists(root[TrustedBundle])
            ? File.ReadAllText(root[TrustedBundle]).TrimEnd() + "\n"
            : "";
        IEnumerable<string> added = certificates.Trusted.Select(pem => pem.Trim() + "\n")
            .Where(pem => !image.Contains(pem, StringComparison.Ordinal));
        AtomicFile.Write(root[TrustedBundle], image + string.Concat(added), AtomicFile.Public);
    }

    private void SetTimezone(string? timezone)
    {
        if (timezone is null)
        {
            return;
        }

        string zone = $"/usr/share/zoneinfo/{timezone}";
        if (!File.Exists(root[zone]))
        {
            throw new InvalidDataException($"this image does not have the time zone {timezone}");
        }

        File.Delete(root["/etc/localtime"]);
        File.CreateSymbolicLink(root["/etc/localtime"], zone);
    }

    private void WriteTimeServers(NtpSettings ntp)
    {
        string servers = string.Join(' ', ntp.Servers.Concat(ntp.Pools));
        AtomicFile.Write(
            root["/etc/systemd/timesyncd.conf.d/50-metadata.conf"], $"[Time]\nNTP={servers}\n", AtomicFile.Public);
    }

    private async Task RestartTimeClientAsync(NtpSettings ntp, CancellationToken cancellationToken)
    {
        if (root.IsMachine)
        {
            await CommandRunner.RunAsync(
                "systemctl", [ntp.Enabled ? "restart" : "stop", "--no-block", "systemd-timesyncd.service"],
                cancellationToken);
        }
    }
}
