using System.CommandLine;
using Images.Baker.Inspect;
using Images.NodeConfig.Upgrades;
using Spectre.Console;

namespace Images.Baker.Cli;

/// <summary><c>baker inspect IMAGE</c>: prints what is on a disk.</summary>
internal static class InspectCommand
{
    public static Command Create()
    {
        Argument<string> image = new("image") { Description = "A raw disk or an upgrade that baker made." };
        Option<bool> json = new("--json") { Description = "Print JSON." };
        Command command = new("inspect", "Prints partitions, versions, packages, roles and sizes of an image.")
        {
            image, json,
        };
        command.SetAction(result => Run(result.GetValue(image)!, result.GetValue(json)));
        return command;
    }

    private static int Run(string image, bool asJson)
    {
        if (UpgradeInspector.IsOne(image))
        {
            ShowUpgrade(image, asJson);
            return 0;
        }

        ImageReport report = ImageInspector.Inspect(image);
        if (asJson)
        {
            using Stream output = Console.OpenStandardOutput();
            ReportJson.Write(report, output);
            output.WriteByte((byte)'\n');
        }
        else
        {
            ReportTable.Write(report, Console.IsOutputRedirected ? PlainConsole() : TerminalConsole());
        }

        return 0;
    }

    private static void ShowUpgrade(string path, bool asJson)
    {
        UpgradeManifest upgrade = UpgradeInspector.Inspect(path);
        if (asJson)
        {
            using Stream output = Console.OpenStandardOutput();
            output.Write(upgrade.ToJson());
        }
        else
        {
            UpgradeTable.Write(upgrade, UpgradeInspector.IsSigned(path), Console.Out);
        }
    }

    private static IAnsiConsole TerminalConsole() =>
        AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(TerminalOutput.Open()) });

    /// <summary>For files and pipes: no colours, and lines as long as they are.</summary>
    private static IAnsiConsole PlainConsole()
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(Console.Out),
        });
        console.Profile.Width = 300;
        return console;
    }
}
