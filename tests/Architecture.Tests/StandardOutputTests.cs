using Images.TestSupport;

namespace Images.Architecture.Tests;

/// <summary>
/// What servers, files and machines say must not steer a terminal. The baker's Console.Out and Console.Error let no
/// control character pass, the bootstrapper's commands write through the same; who goes around that is named here.
/// </summary>
public sealed class StandardOutputTests
{
    /// <summary>Who goes around it, and why he may.</summary>
    private static readonly Dictionary<string, string> _allowed = new(StringComparer.Ordinal)
    {
        ["Baker/Cli/TerminalOutput.cs"] = "for tables and progress on a terminal, which clean each text",
        ["Baker/Cli/ClusterNodeCommands.cs"] = "for a console, which ConsoleText cleans for a terminal",
        ["Baker/Cli/InspectCommand.cs"] = "JSON, which escapes control characters",
        ["Bootstrapper/Program.cs"] = "where the plain writer is made; JSON goes past it",
        ["Bootstrapper/Reporting/NodeConsole.cs"] = "the node's console, which cleans each line",
        ["Bootstrapper/Cli/HostedCommand.cs"] = "for the journal, which keeps what it gets",
        ["Bootstrapper/Cli/ImportContainersCommand.cs"] = "for the journal, too",
    };

    [Fact]
    public void Nothing_but_what_cleans_it_itself_writes_past_the_console()
    {
        string folder = Path.Combine(Checkout.Folder, "src");
        string[] past = [.. Sources.Files
            .Where(path => IsPast(path, File.ReadAllText(path)))
            .Select(path => Path.GetRelativePath(folder, path))];
        past.Except(_allowed.Keys, StringComparer.Ordinal).ShouldBeEmpty("write to Console.Out");
        _allowed.Keys.Except(past, StringComparer.Ordinal).ShouldBeEmpty("take them off the list");
        string program = File.ReadAllText(Path.Combine(folder, "Baker", "Program.cs"));
        program.ShouldContain("Console.SetOut(new PlainTextWriter(Console.Out));");
        program.ShouldContain("Console.SetError(new PlainTextWriter(Console.Error));");
    }

    private static bool IsPast(string path, string text) =>
        text.Contains("OpenStandardOutput(", StringComparison.Ordinal)
        || text.Contains("OpenStandardError(", StringComparison.Ordinal)
        || (path.Contains("/Bootstrapper/", StringComparison.Ordinal)
            && (text.Contains("Console.Out", StringComparison.Ordinal)
                || text.Contains("Console.WriteLine", StringComparison.Ordinal)));
}
