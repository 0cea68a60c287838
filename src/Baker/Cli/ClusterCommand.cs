using System.CommandLine;
using Images.Baker.Clusters;
using Images.Launcher.Roots;

namespace Images.Baker.Cli;

/// <summary><c>baker cluster</c>: a whole cluster of an image on this machine.</summary>
internal static class ClusterCommand
{
    private const string DefaultName = "demo";

    public static Command Create() =>
        new("cluster", "Runs a cluster of an image on this machine, its nodes as containers.")
    {
        Up(), Down(), Delete(), Supervise(), UnpackRoot(),
    };

    private static TimeProvider Clock
    {
        get
        {
#pragma warning disable RS0030 // a running cluster is no output of a bake
            return TimeProvider.System;
#pragma warning restore RS0030
        }
    }

    private static Command Up()
    {
        Option<string?> name = Name();
        Option<string?> nodes = new("--nodes") { Description = "How many of which: etcd=3,master=2,worker=2." };
        Option<bool> single = new("--single")
        {
            Description = "One machine that is everything; so it is unless --nodes says otherwise.",
        };
        Option<string?> image = new("--image")
        {
            Description = "The disk image; else the cluster's, else the newest in artifacts.",
        };
        Option<string?> seeds = new("--seeds")
        {
            Description = "A folder that 'baker seed' made, instead of seeds made for this cluster.",
        };
        Option<bool> foreground = new("--foreground") { Description = "Stay, and end the cluster with this terminal." };
        Command command = new("up", "Starts a cluster, or one that was stopped, and returns when it is ready.")
        {
            name, nodes, single, image, seeds, foreground,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            string? counts = result.GetValue(nodes);
            if (counts is not null && result.GetValue(single))
            {
                throw new BakeException(
                    "BAKE0948", "--single", "and --nodes contradict each other.", "Give one of them.");
            }

            ClusterOrder order = new()
            {
                Name = result.GetValue(name) ?? DefaultName,
                Nodes = counts is not null ? NodeCounts.Parse(counts)
                    : result.GetValue(single) ? NodeCounts.Single
                    : null,
                Image = result.GetValue(image),
                Seeds = result.GetValue(seeds),
                Foreground = result.GetValue(foreground),
            };
            ClusterPlace place = ClusterPlace.Of(order.Name, Environment.GetEnvironmentVariable);
            ClusterPlan plan = ClusterPlanner.Make(place, order, Environment.GetEnvironmentVariable, Clock);
            ClusterStart start = new(place, Console.Out, Clock);
            await start.RunAsync(plan, order.Foreground, cancellationToken).ConfigureAwait(false);
            if (order.Foreground)
            {
                await start.StayAsync(cancellationToken).ConfigureAwait(false);
            }

            return 0;
        });
        return command;
    }

    private static Command Down()
    {
        Option<string?> name = Name();
        Command command = new("down", "Stops a cluster; its data stays, and 'up' goes on with it.") { name };
        command.SetAction(async (result, cancellationToken) =>
        {
            await ClusterEnd.StopAsync(ChosenPlace(result.GetValue(name)), Clock, cancellationToken)
                .ConfigureAwait(false);
            return 0;
        });
        return command;
    }

    private static Command Delete()
    {
        Option<string?> name = Name();
        Command command = new("delete", "Stops a cluster and removes everything of it.") { name };
        command.SetAction(async (result, cancellationToken) =>
        {
            await ClusterEnd.DeleteAsync(ChosenPlace(result.GetValue(name)), Clock, cancellationToken)
                .ConfigureAwait(false);
            return 0;
        });
        return command;
    }

    private static Command Supervise()
    {
        Argument<string> folder = new("folder") { Description = "The cluster's folder." };
        Option<bool> foreground = new("--foreground") { Description = "End with the input." };
        Command command = new(SupervisorCommand.Verb, "Holds a cluster; started by 'up'.") { folder, foreground };
        command.Hidden = true;
        command.SetAction(async (result, _) =>
        {
            await ClusterSupervisor.RunAsync(
                ClusterPlace.At(result.GetValue(folder)!), result.GetValue(foreground), Clock)
                .ConfigureAwait(false);
            return 0;
        });
        return command;
    }

    private static Command UnpackRoot()
    {
        Argument<string[]> arguments = new("arguments");
        Command command = new(SupervisorCommand.UnpackVerb, "Unpacks a root within a user namespace; started by 'up'.")
        {
            arguments,
        };
        command.Hidden = true;
        command.SetAction(result =>
        {
            RootUnpacker.RunAsChild(result.GetValue(arguments)!);
            return 0;
        });
        return command;
    }

    private static Option<string?> Name() => new("--name")
    {
        Description = $"The cluster's name; may be left out where there is one only ('up': {DefaultName}).",
    };

    /// <exception cref="BakeException">There is none of that name, or not exactly one.</exception>
    private static ClusterPlace ChosenPlace(string? name)
    {
        if (name is not null)
        {
            ClusterPlace named = ClusterPlace.Of(name, Environment.GetEnvironmentVariable);
            return Directory.Exists(named.Folder)
                ? named
                : throw new BakeException("BAKE0942", named.Folder, "holds no cluster.", "See 'baker cluster list'.");
        }

        IReadOnlyList<ClusterPlace> all = ClusterPlace.All(Environment.GetEnvironmentVariable);
        return all.Count == 1 ? all[0] : throw new BakeException(
            "BAKE0942",
            "--name",
            all.Count == 0
                ? "there is no cluster."
                : $"there are several clusters: {string.Join(", ", all.Select(place => place.Name))}.",
            all.Count == 0 ? "Make one with 'baker cluster up'." : "Name one.");
    }
}
