using Images.Bootstrapper.Containers;

namespace Images.Bootstrapper.Cli;

/// <summary><c>bootstrapper import-containers</c>: the image's container images into containerd.</summary>
internal static class ImportContainersCommand
{
    public static async Task<int> RunAsync()
    {
        await new ContainerImport(NodeRoot.Machine, new ContainerdStore(), Console.WriteLine)
            .RunAsync(CancellationToken.None);
        return ExitCodes.Done;
    }
}
