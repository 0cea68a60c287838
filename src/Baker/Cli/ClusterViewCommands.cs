using System.CommandLine;
using Images.Baker.Clusters;

namespace Images.Baker.Cli;

/// <summary>What <c>baker cluster</c> shows and sets of whole clusters.</summary>
internal static class ClusterViewCommands
{
    /// <summary>All of them.</summary>
    public static IEnumerable<Command> Create() => [List(), Status(), Dns(), Load(), Kubeconfig()];

    private static Command List()
    {
        Option<bool> json = ClusterOptions.Json();
        Command command = new("list", "Lists this user's clusters, those that are down too.") { json };
        command.SetAction(async (result, cancellationToken) =>
        {
            IReadOnlyList<ClusterPlace> places = ClusterPlace.All(Environment.GetEnvironmentVariable);
            List<ClusterSummary> summaries = [];
            foreach (ClusterPlace place in places)
            {
                summaries.Add(await ClusterSummary.OfAsync(place, cancellationToken).ConfigureAwait(false));
            }

            ClusterTable.WriteList(Console.Out, summaries, result.GetValue(json));
            return 0;
        });
        return command;
    }

    private static Command Status()
    {
        Option<string?> name = ClusterOptions.Name();
        Option<bool> json = ClusterOptions.Json();
        Command command = new("status", "Shows a cluster's nodes and what they wait for.") { name, json };
        command.SetAction(async (result, cancellationToken) =>
        {
            ClusterPlace place = ClusterOptions.Choose(result.GetValue(name));
            ClusterView view = await ClusterView.OfAsync(place, cancellationToken).ConfigureAwait(false);
            ClusterTable.WriteStatus(Console.Out, view, result.GetValue(json));
            return 0;
        });
        return command;
    }

    private static Command Dns()
    {
        Option<string?> name = ClusterOptions.Name();
        Command command = new("dns", "Shows what the cluster's DNS answers.") { name, SetNames(), UnsetNames() };
        command.SetAction(result =>
        {
            ClusterPlan plan = ClusterOptions.Choose(result.GetValue(name)).ReadPlan();
            foreach ((string known, string[] addresses) in plan.Names())
            {
                string own = plan.Records.ContainsKey(known) ? "  (set)" : "";
                Console.WriteLine($"{known,-40} {string.Join(' ', addresses)}{own}");
            }
        });
        return command;
    }

    private static Command SetNames()
    {
        Option<string?> name = ClusterOptions.Name();
        Argument<string> dnsName = new("dns-name") { Description = "For example etcd.demo.k8s." };
        Argument<string[]> addresses = new("addresses")
        {
            Description = "What it means from now on; none: the name does not exist.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        Command command = new("set", "Gives a name other addresses; the cluster keeps that until 'unset'.")
        {
            dnsName, addresses, name,
        };
        command.SetAction((result, cancellationToken) => ChangeAsync(
            result.GetValue(name),
            ControlCommands.SetName,
            [result.GetValue(dnsName)!, .. result.GetValue(addresses) ?? []],
            cancellationToken));
        return command;
    }

    private static Command UnsetNames()
    {
        Option<string?> name = ClusterOptions.Name();
        Argument<string> dnsName = new("dns-name") { Description = "A name that was set." };
        Command command = new("unset", "Lets a name mean again what the nodes' roles say.") { dnsName, name };
        command.SetAction((result, cancellationToken) => ChangeAsync(
            result.GetValue(name), ControlCommands.UnsetName, [result.GetValue(dnsName)!], cancellationToken));
        return command;
    }

    private static async Task<int> ChangeAsync(
        string? cluster, string command, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        ControlRequest request = new() { Command = command, Arguments = arguments };
        ControlAnswer answer = await ControlClient.AskAsync(ClusterOptions.Choose(cluster), request, cancellationToken)
            .ConfigureAwait(false);
        Console.WriteLine(answer.Text);
        return 0;
    }

    private static Command Load()
    {
        Option<string?> name = ClusterOptions.Name();
        Option<string> plan = ClusterOptions.Plan();
        Argument<string> archive = new("archive")
        {
            Description = $"An OCI archive, or what 'docker save' wrote; '{ClusterArchives.Hello}' makes our page.",
        };
        Command command = new("load", "Gives container images to all workers, those that are added later too.")
        {
            archive, plan, name,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            ClusterPlace place = ClusterOptions.Choose(result.GetValue(name));
            _ = place.ReadPlan();
            using Stream content = await ClusterArchives.OpenAsync(
                result.GetValue(archive)!, result.GetValue(plan)!, ClusterOptions.Clock, cancellationToken)
                .ConfigureAwait(false);
            string kept = ClusterArchives.Keep(place, result.GetValue(archive)!, content);
            ControlRequest request = new() { Command = ControlCommands.Load, Arguments = [kept] };
            ControlAnswer? answer = await ControlClient.TryAskAsync(place, request, cancellationToken)
                .ConfigureAwait(false);
            Console.WriteLine(answer?.Text ?? $"{kept}: the workers get it when the cluster is up.");
            return 0;
        });
        return command;
    }

    private static Command Kubeconfig()
    {
        Option<string?> name = ClusterOptions.Name();
        Option<string?> output = new("--out")
        {
            Description = "The file to write; else kubeconfig in the cluster's folder.",
        };
        Command command = new("kubeconfig", "Writes an administrator's kubeconfig anew and prints its path.")
        {
            name, output,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            ClusterPlace place = ClusterOptions.Choose(result.GetValue(name));
            ControlRequest status = new() { Command = ControlCommands.Status };
            ControlAnswer answer = await ControlClient.AskAsync(place, status, cancellationToken).ConfigureAwait(false);
            string file = result.GetValue(output) is { } named ? Path.GetFullPath(named) : place.Kubeconfig;
            ClusterKubeconfig.Write(place.ReadPlan(), answer.Cluster!, file, ClusterOptions.Clock);
            Console.WriteLine(file);
            return 0;
        });
        return command;
    }
}
