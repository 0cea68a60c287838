using System.CommandLine;
using System.Security.Cryptography;
using Images.Formats.SquashFs;
using Images.Formats.Tree;

namespace Images.Baker.Cli;

/// <summary>
/// <c>baker compressor [FILE…]</c> prints what the manifest calls the compressor, and the digest of a SquashFS that
/// holds just the files: the way to tell whether two machines compress alike.
/// </summary>
internal static class CompressorCommand
{
    public static Command Create()
    {
        Argument<string[]> files = new("file") { Description = "Files to compress.", Arity = ArgumentArity.ZeroOrMore };
        Command command = new(
            "compressor", "Print the compressor's identity, and the digest of each file compressed by it.")
        {
            files,
        };
        command.SetAction(result => Print(result.GetValue(files) ?? []));
        return command;
    }

    private static void Print(IReadOnlyList<string> files)
    {
        Console.WriteLine(CompressorIdentity.Current);
        foreach (string file in files)
        {
            FileTreeBuilder tree = new(modifiedUnixSeconds: 0);
            tree.AddFile("file", new HostFileContent(file));
            using MemoryStream image = new();
            SquashFsWriter.Write(tree.Build(), new SquashFsOptions { TimeUnixSeconds = 0 }, image);
            image.Position = 0;
            Console.WriteLine($"{Convert.ToHexStringLower(SHA256.HashData(image))}  {file}");
        }
    }
}
