using System.CommandLine;

namespace Images.Baker.Cli;

/// <summary>The command line of <c>baker</c>: one subcommand a file in this folder.</summary>
internal static class BakerCommand
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        RootCommand root = new("Bakes one disk image that holds every role of a cluster.");
        root.Add(BakeCommand.Create());
        root.Add(InspectCommand.Create());
        root.Add(CompressorCommand.Create());
        root.Add(LockCommand.Create());
        root.Add(SeedCommand.Create());
        root.Add(VerifyCommand.Create());
        InvocationConfiguration configuration = new() { EnableDefaultExceptionHandler = false };
        return await root.Parse(arguments).InvokeAsync(configuration).ConfigureAwait(false);
    }
}
