using System.CommandLine;
using Images.Baker.Backups;
using Images.Baker.Ssh;

namespace Images.Baker.Cli;

/// <summary><c>baker backup</c> and <c>baker restore</c>: etcd's data off the machines, and back.</summary>
internal static class BackupCommand
{
    public static Command CreateBackup()
    {
        Shared shared = new();
        Option<string> output = new("--out")
        {
            Description = "The file to write, encrypted to the cluster's key.",
            Required = true,
        };
        Command command = new(
            "backup", "Has a member of etcd take and prove a snapshot, and fetches it over ssh, encrypted.")
        {
            shared.Secrets, shared.Host, shared.Key, shared.Known, output,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            string file = result.GetValue(output)!;
            string proof = await ClusterBackup.SaveAsync(shared.Read(result), file, cancellationToken)
                .ConfigureAwait(false);
            Console.WriteLine($"{file}: {proof}");
            return 0;
        });
        return command;
    }

    public static Command CreateRestore()
    {
        Shared shared = new();
        Argument<string> file = new("FILE") { Description = "What 'baker backup' wrote." };
        Option<string[]> masters = new("--master")
        {
            Description = "A master, whose API server is started anew; may be given several times.",
        };
        Option<bool> confirmed = new("--yes")
        {
            Description = "Empty all members but the first, and put the backup in place of what the first one has.",
        };
        Command command = new(
            "restore", "Gives a cluster what a backup holds. The first --host begins with it, the others join it.")
        {
            file, shared.Secrets, shared.Host, shared.Key, shared.Known, masters, confirmed,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            BackupOrder order = shared.Read(result);
            if (!result.GetValue(confirmed))
            {
                throw new BakeException(
                    "BAKE0849", string.Join(", ", order.Hosts),
                    "would lose what their etcd holds now: the first one's is moved aside, the others' is deleted.",
                    "Add --yes to do it.");
            }

#pragma warning disable RS0030 // it waits for machines that run now
            ClusterRestore restore = new(
                order, result.GetValue(masters) ?? [], Console.WriteLine, TimeProvider.System);
#pragma warning restore RS0030
            await restore.RunAsync(result.GetValue(file)!, cancellationToken).ConfigureAwait(false);
            return 0;
        });
        return command;
    }

    /// <summary>What both have to be told.</summary>
    private sealed class Shared
    {
        public Option<string> Secrets { get; } = new("--secrets")
        {
            Description =
                "The folder that 'baker seed' was given as --out; for a backup its secrets/*.pub and *.crt are enough.",
            Required = true,
        };

        public Option<string[]> Host { get; } = new("--host")
        {
            Description = "A member of etcd, NAME or NAME:PORT; may be given several times.",
            Required = true,
        };

        public Option<string> Key { get; } = new("--ssh-key")
        {
            Description = "The private key for the user admin.",
            Required = true,
        };

        public Option<string?> Known { get; } = new("--known-hosts")
        {
            Description = "The nodes' host keys, in OpenSSH's form, instead of what the nodes say over TLS.",
        };

        public BackupOrder Read(ParseResult result) => new()
        {
            SeedFolder = result.GetValue(Secrets)!,
            Hosts = result.GetValue(Host)!,
            SshKey = result.GetValue(Key)!,
            Keys = NodeKeys.Of(result.GetValue(Secrets)!, result.GetValue(Known), Console.Error.WriteLine),
        };
    }
}
