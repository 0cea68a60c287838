using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Systemd;

namespace Images.Bootstrapper.Containers;

/// <summary>The images that Kubernetes sees in containerd, through containerd's own <c>ctr</c>.</summary>
/// <param name="address">Path of containerd's socket, or null for its default.</param>
/// <param name="snapshotter">Where images are unpacked, or null for containerd's default.</param>
internal sealed class ContainerdStore(string? address = null, string? snapshotter = null)
{
    private const string Namespace = "k8s.io";

    public async Task<IReadOnlyList<StoredContainer>> ListAsync(CancellationToken cancellationToken)
    {
        string output = await RunAsync(["images", "list"], cancellationToken);
        try
        {
            return StoredContainer.ParseList(output);
        }
        catch (FormatException e)
        {
            throw new BootFailure(
                "NODE0501", "ctr images list", FaultText.Of(e),
                "this image's containerd is another one than its bootstrapper knows");
        }
    }

    /// <summary>Reads an OCI archive under the names that stand in it, and unpacks it.</summary>
    public Task ImportAsync(string archive, CancellationToken cancellationToken) =>
        RunAsync(
            [
                "images", "import", .. snapshotter is null ? Array.Empty<string>() : ["--snapshotter", snapshotter],
                archive,
            ],
            cancellationToken);

    /// <summary>Sets labels of an image; an empty value takes a label away.</summary>
    public Task LabelAsync(
        string name, IReadOnlyDictionary<string, string> labels, CancellationToken cancellationToken) =>
        RunAsync(
            [
                "images", "label", name,
                .. labels.OrderBy(label => label.Key, StringComparer.Ordinal)
                    .Select(label => $"{label.Key}={label.Value}"),
            ],
            cancellationToken);

    private async Task<string> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        string[] where = address is null ? [] : ["--address", address];
        CommandResult result = await CommandRunner.RunAsync(
            "ctr", [.. where, "--namespace", Namespace, .. arguments], cancellationToken);
        return result.Succeeded
            ? result.Output
            : throw new BootFailure(
                "NODE0502", $"ctr {string.Join(' ', arguments)}", result.Reason,
                "see 'systemctl status containerd.service'");
    }
}
