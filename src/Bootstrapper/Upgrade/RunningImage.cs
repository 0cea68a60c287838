// What runs: the image by its name, and its root by its hash.
#pragma warning disable MA0048
using System.Runtime.InteropServices;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Systemd;

namespace Images.Bootstrapper.Upgrade;

/// <summary>The image that runs, as an upgrade is compared with it.</summary>
/// <param name="Architecture">Debian's name.</param>
internal sealed record RunningImage(string Name, string Version, string Architecture)
{
    public static RunningImage Read(NodeRoot root)
    {
        ImageDescription image = ImageDescription.Read(root);
        return new RunningImage(image.Name, image.Version, RuntimeInformation.ProcessArchitecture switch
        {
            System.Runtime.InteropServices.Architecture.X64 => "amd64",
            System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
            var other => other.ToString(),
        });
    }
}

/// <summary>The root hash of the image that runs, of which the kernel checks each block.</summary>
internal static class RunningRoot
{
    /// <exception cref="BootFailure">The kernel names none.</exception>
    public static async Task<string> HashAsync(NodeRoot root, CancellationToken cancellationToken)
    {
        if (ContainerBoot.Read(root) is { } container)
        {
            return container.RootHash;
        }

        CommandResult table = await CommandRunner.RunAsync("dmsetup", ["table", "root"], cancellationToken);
        return (table.Succeeded ? HashIn(table.Output) : null) ?? throw new BootFailure(
            "NODE0801", "this machine", $"the kernel names no root hash of its root ({table.Reason})",
            "replace the machine by one that starts from a disk that baker has made");
    }

    /// <param name="table">
    /// <c>0 N verity 1 DATA HASH 4096 4096 BLOCKS START sha256 ROOT SALT …</c>
    /// </param>
    public static string? HashIn(string table) =>
        table.Split(' ', StringSplitOptions.RemoveEmptyEntries) is
            [_, _, "verity", "1", _, _, _, _, _, _, "sha256", { Length: 64 } hash, ..]
                ? hash
                : null;
}
