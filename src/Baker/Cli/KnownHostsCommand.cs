using System.CommandLine;
using Images.Baker.Ssh;

namespace Images.Baker.Cli;

/// <summary><c>baker known-hosts</c>: the nodes' host keys, for the user's own ssh.</summary>
internal static class KnownHostsCommand
{
    public static Command Create()
    {
        Option<string> secrets = new("--secrets")
        {
            Description = "The folder that 'baker seed' was given as --out; its secrets/*.crt are enough.",
            Required = true,
        };
        (NodeRole Role, Option<string[]> Option)[] machines =
        [
            (NodeRole.Etcd, OptionFor("--etcd", "A member of etcd, NAME or NAME:PORT of its ssh")),
            (NodeRole.Master, OptionFor("--master", "A master, likewise")),
            (NodeRole.Worker, OptionFor("--worker", "A worker, likewise")),
            (NodeRole.Lb, OptionFor("--lb", "An lb, likewise")),
        ];
        Command command = new(
            "known-hosts",
            "Asks nodes over TLS for their host keys and writes secrets/known_hosts. Without one: those asked before.")
        {
            secrets,
        };
        foreach ((_, Option<string[]> option) in machines)
        {
            command.Add(option);
        }

        command.SetAction((result, cancellationToken) => RunAsync(
            result.GetValue(secrets)!,
            [
                .. from machine in machines
                   from host in result.GetValue(machine.Option) ?? []
                   select (host, machine.Role),
            ],
            cancellationToken));
        return command;
    }

    private static Option<string[]> OptionFor(string name, string what) => new(name)
    {
        Description = $"{what}; may be given several times.",
    };

    private static async Task<int> RunAsync(
        string secrets, IReadOnlyList<(string Host, NodeRole Role)> machines, CancellationToken cancellationToken)
    {
        (HostKeyBook book, KnownMachineFile file) = NodeKeys.BookOf(secrets, Console.Error.WriteLine);
        if (machines.Count == 0)
        {
            machines = [.. file.Read().Select(machine => (machine.Host, machine.Role))];
        }

        if (machines.Count == 0)
        {
            throw new BakeException(
                "BAKE0852", file.Place, "names no machine, and none was asked for.",
                "Name machines with --etcd, --master, --worker and --lb.");
        }

        (IReadOnlyList<KnownMachine> known, IReadOnlyList<BakeException> faults) =
            await book.AskAllAsync(machines, cancellationToken).ConfigureAwait(false);
        foreach (KnownMachine machine in known)
        {
            Console.WriteLine($"{machine.Host}  {machine.HostName}: {HostKeyBook.Fingerprints(machine)}");
        }

        foreach (BakeException fault in faults.Skip(1))
        {
            await Console.Error.WriteLineAsync($"baker: {fault.Message}").ConfigureAwait(false);
        }

        if (faults is [BakeException worst, ..])
        {
            throw worst;
        }

        Console.WriteLine($"Written: {file.KnownHosts}. Log in with");
        Console.WriteLine($"  ssh -o UserKnownHostsFile={file.KnownHosts} admin@{SshPlace.Parse(known[0].Host).Name}");
        return 0;
    }
}
