using Images.Bootstrapper.Identity;
using Images.NodeConfig;

namespace Images.Bootstrapper.Cli;

/// <summary>
/// <c>bootstrapper accept metadata</c> and <c>accept machine</c>: what the machine's owner says when a boot left a
/// source of metadata, or refused the machine.
/// </summary>
internal static class AcceptCommand
{
    public static int Run(NodeRoot root, TextWriter output, string path)
    {
        Acceptance.Mark(root, path);
        output.WriteLine(path == NodePaths.AcceptMetadata
            ? "The next boot may take metadata of another source, unless the known one is there."
            : "The next boot takes this machine for the one that the disk belongs to.");
        output.WriteLine("Reboot. It counts once.");
        return ExitCodes.Done;
    }
}
