using System.CommandLine;
using Images.Baker.Clusters;
using Images.Launcher.Programs;

namespace Images.Baker.Cli;

/// <summary>What <c>baker cluster</c> does with one node of a running cluster.</summary>
internal static class ClusterNodeCommands
{
    /// <summary>All of them.</summary>
    public static IEnumerable<Command> Create() =>
    [
        Logs(), ConsoleOf(), Exec(), Ssh(),
        Power("start", ControlCommands.Start, "Switches a node on."),
        Power("stop", ControlCommands.Stop, "Shuts a node down; its data stays."),
        Power("cut", ControlCommands.Cut, "Cuts a node's power: its processes and its link are gone, its data stays."),
        Power("wipe", ControlCommands.Wipe, "Removes what a node that is off has written: a blank disk."),
        Add(),
    ];

    private static Command Logs()
    {
        Option<string?> name = ClusterOptions.Name();
        Argument<string> node = ClusterOptions.Node();
        Option<bool> follow = new("--follow", "-f") { Description = "Go on with what is written, until Ctrl+C." };
        Option<string[]> units = new("--unit", "-u") { Description = "Of this unit only; may be given several times." };
        Command command = new("logs", "Prints a node's journal.") { node, name, follow, units };
        command.SetAction(result => RunInNode(result.GetValue(name), result.GetValue(node)!, "dumb",
        [
            "journalctl", "--no-pager", "--output=short-iso",
            .. result.GetValue(follow) ? ["--follow", "--lines=all"] : Array.Empty<string>(),
            .. (result.GetValue(units) ?? []).SelectMany(unit => new[] { "--unit", unit }),
        ]));
        return command;
    }

    private static Command ConsoleOf()
    {
        Option<string?> name = ClusterOptions.Name();
        Argument<string> node = ClusterOptions.Node();
        Command command = new(
            "console",
            "Prints what a node wrote on its console and goes on, until Ctrl+C; to a terminal the text alone.")
        {
            node, name,
        };
        command.SetAction((result, cancellationToken) => ConsoleView.ShowAsync(
            ClusterOptions.Choose(result.GetValue(name)),
            result.GetValue(node)!,
            Console.OpenStandardOutput(),
            isTerminal: !Console.IsOutputRedirected,
            cancellationToken));
        return command;
    }

    private static Command Exec()
    {
        Option<string?> name = ClusterOptions.Name();
        Argument<string> node = ClusterOptions.Node();
        Argument<string[]> words = new("command")
        {
            Description = "The command, after --.",
            Arity = ArgumentArity.OneOrMore,
        };
        Command command = new("exec", "Runs a command in a node as its root; ends as it ends.") { node, words, name };
        command.SetAction(result => RunInNode(
            result.GetValue(name),
            result.GetValue(node)!,
            Environment.GetEnvironmentVariable("TERM") ?? "dumb",
            result.GetValue(words)!));
        return command;
    }

    private static Command Ssh()
    {
        Option<string?> name = ClusterOptions.Name();
        Argument<string> node = ClusterOptions.Node();
        Argument<string[]> words = new("command")
        {
            Description = "A command instead of a shell, after --.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        Command command = new("ssh", "Logs in on a node as the user admin, with the cluster's own key.")
        {
            node, words, name,
        };
        command.SetAction(result =>
        {
            ClusterPlace place = ClusterOptions.Choose(result.GetValue(name));
            string[] line = result.GetValue(words) ?? [];
            return AttachedProgram.Run(Ended(SshLogin.PrepareAsync(place, result.GetValue(node)!, line)));
        });
        return command;
    }

    private static Command Power(string verb, string request, string description)
    {
        Option<string?> name = ClusterOptions.Name();
        Argument<string> node = ClusterOptions.Node();
        Command command = new(verb, description) { node, name };
        command.SetAction(async (result, cancellationToken) =>
        {
            ClusterPlace place = ClusterOptions.Choose(result.GetValue(name));
            ControlRequest asked = new() { Command = request, Node = result.GetValue(node) };
            ControlAnswer answer = await ControlClient.AskAsync(place, asked, cancellationToken).ConfigureAwait(false);
            Console.WriteLine(answer.Text);
            return 0;
        });
        return command;
    }

    private static Command Add()
    {
        Option<string?> name = ClusterOptions.Name();
        Argument<string> role = new("role") { Description = "etcd, master, worker or none." };
        Command command = new("add", "Adds a node and returns when it is ready.") { role, name };
        command.SetAction(async (result, cancellationToken) =>
        {
            ClusterPlace place = ClusterOptions.Choose(result.GetValue(name));
            ControlRequest asked = new() { Command = ControlCommands.Add, Arguments = [result.GetValue(role)!] };
            ControlAnswer answer = await ControlClient.AskAsync(place, asked, cancellationToken).ConfigureAwait(false);
            ClusterStart start = new(place, Console.Out, ClusterOptions.Clock);
            await start.WaitForNodeAsync(answer.Text!, cancellationToken).ConfigureAwait(false);
            return 0;
        });
        return command;
    }

    private static int RunInNode(string? cluster, string node, string terminal, IReadOnlyList<string> command)
    {
        ClusterPlace place = ClusterOptions.Choose(cluster);
        NodeView view = Ended(NodeView.FindRunningAsync(place, node, CancellationToken.None));
        return AttachedProgram.Run([.. view.Entrance, "/usr/bin/env", $"TERM={terminal}", .. command]);
    }

    /// <summary>
    /// These commands belong to whoever sits at the terminal, so they are not asynchronous actions, which an interrupt
    /// would end.
    /// </summary>
    private static T Ended<T>(Task<T> asked)
    {
#pragma warning disable VSTHRD002 // a console program has no thread that this could wait for
        return asked.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
    }
}
