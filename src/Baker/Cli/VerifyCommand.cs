using System.CommandLine;
using Images.Baker.Inspect;

namespace Images.Baker.Cli;

/// <summary><c>baker verify IMAGE</c>: reads everything again and names the first thing wrong.</summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        Argument<string> image =
            new("image") { Description = "A raw disk that baker made and that has not booted, or an upgrade." };
        Command command = new("verify", "Reads a whole image again and names the first thing wrong.") { image };
        command.SetAction(result => Run(result.GetValue(image)!));
        return command;
    }

    private static int Run(string image)
    {
        Action<string, Action<string, string>> verify = UpgradeInspector.IsOne(image)
            ? UpgradeInspector.Verify
            : ImageVerifier.Verify;
        verify(image, (check, what) => Console.WriteLine($"{check}: {what}"));
        Console.WriteLine($"{image} is whole.");
        return 0;
    }
}
