using System.CommandLine;
using Images.Baker.Signing;

namespace Images.Baker.Cli;

/// <summary><c>baker keys</c>: makes the keys that a bake signs with, one option a kind.</summary>
internal static class KeysCommand
{
    public static Command Create()
    {
        Option<bool> upgrade = new("--upgrade")
        {
            Description = "The key that signs upgrades.",
            Required = true,
        };
        Option<string> output = new("--out")
        {
            Description = "The file of the private key, outside of the repository; the public one is FILE.pub.",
            Required = true,
        };
        Command command = new("keys", "Makes the keys that a bake signs with.") { upgrade, output };
        command.SetAction(result => MakeUpgradeKey(result.GetValue(output)!));
        return command;
    }

    private static int MakeUpgradeKey(string path)
    {
        string publicPath = UpgradeSigningKey.Make(path);
        Console.WriteLine($"{path}  signs upgrades: keep it to yourself, and a copy of it where it cannot be lost");
        Console.WriteLine("  image.yaml names it as 'signing: { upgrades: FILE }'");
        Console.WriteLine($"{publicPath}  goes into the image: 'trust: {{ upgrades: [FILE] }}'");
        return 0;
    }
}
