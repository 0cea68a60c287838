using Images.Bootstrapper.Systemd;

namespace Images.Bootstrapper.Etcd;

/// <summary>The image's etcd, asked for its version without touching any data.</summary>
internal sealed class EtcdProgram(string path)
{
    private const string Prefix = "etcd Version: ";

    /// <summary>For example 3.5.16.</summary>
    /// <exception cref="BootFailure">It is not there, or it does not say.</exception>
    public async Task<Version> VersionAsync(CancellationToken cancellationToken)
    {
        CommandResult result = await CommandRunner.RunAsync(path, ["--version"], cancellationToken);
        string? line = result.Output.Split('\n')
            .FirstOrDefault(candidate => candidate.StartsWith(Prefix, StringComparison.Ordinal));
        return result.Succeeded
            && Version.TryParse(line?[Prefix.Length..].Trim().Split('-', '+')[0], out Version? version)
            ? version
            : throw new BootFailure(
                "NODE0403", path, $"etcd does not say which version it is ({result.Reason})", "bake the image again");
    }
}
