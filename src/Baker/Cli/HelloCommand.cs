using System.CommandLine;
using Images.Baker.Baking;
using Images.Baker.Caching;
using Images.Baker.Containers;
using Images.Baker.Outputs;
using Images.Baker.Progress;
using Images.Baker.Restoring;

namespace Images.Baker.Cli;

/// <summary><c>baker hello</c>: a container image to try a cluster with.</summary>
internal static class HelloCommand
{
    public static Command Create()
    {
        Option<string> plan = new("--plan")
        {
            Description = "The plan whose lock pins busybox.",
            DefaultValueFactory = _ => "image.yaml",
        };
        Option<string?> lockFile = new("--lock") { Description = "The lock; image.lock.json beside the plan." };
        Option<string?> mirror = new("--mirror")
        {
            Description = "A Debian mirror; else the host's apt sources, else ftp.debian.org.",
        };
        Option<string?> cache = new("--cache")
        {
            Description = "Where downloads are kept; else IMAGES_CACHE, else the user's cache folder.",
        };
        Option<string> output = new("--out")
        {
            Description = "The archive to write.",
            DefaultValueFactory = _ => "hello.tar",
        };
        Command command = new("hello", $"Makes the container image {HelloPage.Name}, a page to try a cluster with.")
        {
            plan, lockFile, mirror, cache, output,
        };
        command.SetAction((result, cancellationToken) =>
        {
            string planPath = result.GetValue(plan)!;
            RestoreOptions options = new()
            {
                Mirror = result.GetValue(mirror),
                CacheFolder = CacheFolder.Choose(result.GetValue(cache), Environment.GetEnvironmentVariable),
#pragma warning disable RS0030 // marks what is used in the cache; nothing that is made knows the time
                Clock = TimeProvider.System,
#pragma warning restore RS0030
            };
            string lockPath = result.GetValue(lockFile)
                ?? Path.Combine(Path.GetDirectoryName(planPath) ?? "", "image.lock.json");
            return RunAsync(planPath, lockPath, options, result.GetValue(output)!, cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(
        string plan, string lockFile, RestoreOptions options, string output, CancellationToken cancellationToken)
    {
        using PlainProgress progress = new(Console.Out, options.Clock);
        byte[] archive = await new HelloBaker(options, progress)
            .MakeAsync(plan, lockFile, cancellationToken).ConfigureAwait(false);
        using OutputFile file = OutputFile.Write(output, archive);
        OutputSet.Publish(file.HandOver());
        Console.WriteLine($"{output}  {HelloPage.Name}  {ByteText.Size(archive.Length)}");
        return 0;
    }
}
