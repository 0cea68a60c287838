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
        await WriteFilesAsync(metadata.WriteFiles, cancellationToken);

        Try("ca_certs", () => TrustCertificates(metadata.CaCertificates));
        Try("timezone", () => SetTimezone(metadata.Timezone));
        if (metadata.Ntp is { } ntp)
        {
            bool isNew = false;
            Try("ntp", () => isNew = WriteTimeServers(ntp));
            await RestartTimeClientAsync(ntp, isNew, cancellationToken);
        }
    }

    /// <summary>For a machine that is not to become what its metadata says, and whose owner has to get in.</summary>
    public void AllowLogin(NodeMetadata metadata) =>
        Try("ssh_authorized_keys", () => WriteSshKeys(metadata.SshAuthorizedKeys));

    private void Try(string what, Action apply)
    {
        try
        {
            apply();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            string line = $"cannot apply {what}: {FaultText.Of(e)}";
            console.WriteLine(line);
            trace.Decided(line);
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

    private async Task WriteFilesAsync(IReadOnlyList<WriteFile> all, CancellationToken cancellationToken)
    {
        AppendedFiles files = new(root);
        List<string> changed = [];
        foreach (WriteFile file in all)
        {
            Try($"write_files {file.Path}", () => Write(file, files, changed));
        }

        foreach (IReadOnlyList<string> command in root.IsMachine ? EarlyFiles.CommandsFor(changed) : [])
        {
            CommandResult result = await CommandRunner.RunAsync(command[0], [.. command.Skip(1)], cancellationToken);
            string line = $"write_files: '{string.Join(' ', command)}' "
                + (result.Succeeded ? "has read what was written" : $"failed: {result.Reason}");
            console.WriteLine(line);
            trace.Decided(line);
        }
    }

    /// <param name="changed">Gets the path where its content is another one than before.</param>
    private void Write(WriteFile file, AppendedFiles files, List<string> changed)
    {
        byte[] content = files.ContentOf(file);
        if (!File.Exists(root[file.Path]) || !File.ReadAllBytes(root[file.Path]).AsSpan().SequenceEqual(content))
        {
            changed.Add(file.Path);
        }

        FileOwner? owner = root.IsMachine ? FileOwner.Parse(file.Owner, root) : null;
        AtomicFile.Write(root[file.Path], content, (UnixFileMode)Convert.ToInt32(file.Mode, 8), owner);
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

    /// <returns>Whether the file was another one before: the sequence may run several times in a boot.</returns>
    private bool WriteTimeServers(NtpSettings ntp)
    {
        string path = root["/etc/systemd/timesyncd.conf.d/50-metadata.conf"];
        string text = $"[Time]\nNTP={string.Join(' ', ntp.Servers.Concat(ntp.Pools))}\n";
        if (File.Exists(path) && File.ReadAllText(path) == text)
        {
            return false;
        }

        AtomicFile.Write(path, text, AtomicFile.Public);
        return true;
    }

    private async Task RestartTimeClientAsync(NtpSettings ntp, bool isNew, CancellationToken cancellationToken)
    {
        if (root.IsMachine && (isNew || !ntp.Enabled))
        {
            await CommandRunner.RunAsync(
                "systemctl", [ntp.Enabled ? "restart" : "stop", "--no-block", "systemd-timesyncd.service"],
                cancellationToken);
        }
    }
}
