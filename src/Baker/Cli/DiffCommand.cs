using System.CommandLine;
using Images.Baker.Comparing;

namespace Images.Baker.Cli;

/// <summary>
/// <c>baker diff OLD NEW</c>: what an upgrade from one image to another would change, and whether it may be.
/// </summary>
internal static class DiffCommand
{
    public static Command Create()
    {
        Argument<string> older = new("old") { Description = "A raw disk that baker made: what machines run." };
        Argument<string> newer = new("new") { Description = "Another: what they would run." };
        Option<bool> json = new("--json") { Description = "Print JSON." };
        Command command = new(
            "diff",
            "Compares two images: versions, packages, units, roles' files and flags, "
                + "and whether one may follow the other.")
        {
            older, newer, json,
        };
        command.SetAction(result => Run(result.GetValue(older)!, result.GetValue(newer)!, result.GetValue(json)));
        return command;
    }

    private static int Run(string older, string newer, bool asJson)
    {
        ImageDiff diff = ImageComparer.Compare(older, newer);
        if (asJson)
        {
            Console.Out.WriteLine(DiffJson.Text(diff));
        }
        else
        {
            DiffText.Write(diff, Console.Out);
        }

        return diff.IsAllowed ? 0 : 1;
    }
}
