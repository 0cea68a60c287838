using System.CommandLine;

namespace Images.Baker.Cli;

/// <summary>The command line of <c>baker</c>: one subcommand a file in this folder.</summary>
internal static class BakerCommand
{
    private const int WrongUsage = 2;

    /// <summary>After an interrupt: the longest file of a package is compressed to its end.</summary>
    private static readonly TimeSpan _timeToCleanUp = TimeSpan.FromSeconds(10);

    public static async Task<int> RunAsync(string[] arguments)
    {
        RootCommand root = new("Bakes one disk image that holds every role of a cluster.");
        root.Add(BackupCommand.CreateBackup());
        root.Add(BakeCommand.Create());
        root.Add(ClusterCommand.Create());
        root.Add(InspectCommand.Create());
        root.Add(DiffCommand.Create());
        root.Add(CompressorCommand.Create());
        root.Add(HelloCommand.Create());
        root.Add(KeysCommand.Create());
        root.Add(KubeconfigCommand.Create());
        root.Add(KnownHostsCommand.Create());
        root.Add(LockCommand.Create());
        root.Add(BackupCommand.CreateRestore());
        root.Add(SeedCommand.Create());
        root.Add(TokenCommand.Create());
        root.Add(ToolchainCommand.Create());
        root.Add(UpgradeCommand.Create());
        root.Add(VerifyCommand.Create());
        InvocationConfiguration configuration = new()
        {
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = _timeToCleanUp,
        };
        ParseResult parsed = root.Parse(arguments);
        int exitCode = await parsed.InvokeAsync(configuration).ConfigureAwait(false);
        return parsed.Errors.Count > 0 ? WrongUsage : exitCode;
    }
}
