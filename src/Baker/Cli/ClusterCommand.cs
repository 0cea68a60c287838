using System.CommandLine;
using Images.Baker.Clusters;
using Images.Launcher.Hosts;
using Images.Launcher.Roots;

namespace Images.Baker.Cli;

/// <summary><c>baker cluster</c>: a whole cluster of an image on this machine.</summary>
internal static class ClusterCommand
{
    public static Command Create()
    {
        Command command = new("cluster", "Runs a cluster of an image on this machine, its nodes as containers.");
        foreach (Command one in (Command[])
        [
            Up(), Down(), Delete(),
            .. ClusterViewCommands.Create(), .. ClusterNodeCommands.Create(),
            Supervise(), UnpackRoot(), Clear(),
        ])
        {
            command.Add(one);
        }

        return command;
    }

    private static Command Up()
    {
        Option<string?> name = ClusterOptions.Name();
        Option<string?> nodes = new("--nodes") { Description = "How many of which: etcd=3,master=2,worker=2,lb=2." };
        Option<string?> endpoint = new("--endpoint")
        {
            Description = "Where machines find the API: dns (default), vip (masters share 10.240.0.20) or lb "
                + "(lbs share 10.240.0.40).",
        };
        Option<string?> lbPool = new("--lb-pool")
        {
            Description = "Addresses that lbs give to Services of type LoadBalancer, as 10.240.0.64/28.",
        };
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
        Option<string[]> load = new("--load")
        {
            Description = "An archive of container images that workers get; may be given several times. "
                + $"'{ClusterArchives.Hello}' is a page of ours.",
        };
        Option<string> plan = ClusterOptions.Plan();
        Option<bool> noUplink = new("--no-uplink")
        {
            Description = "Let nodes reach nothing outside, also where this machine has slirp4netns or pasta.",
        };
        Command command = new("up", "Starts a cluster, or one that was stopped, and returns when it is ready.")
        {
            name, nodes, single, endpoint, lbPool, image, seeds, load, plan, noUplink, foreground,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            string? counts = result.GetValue(nodes);
            if (counts is not null && result.GetValue(single))
            {
                throw new BakeException(
                    "BAKE0948", "--single", "and --nodes contradict each other.", "Give one of them.");
            }

            ClusterPlace place = ClusterOptions.ChooseOrMake(result.GetValue(name));
            ClusterOrder order = new()
            {
                Name = place.Name,
                Nodes = counts is not null ? NodeCounts.Parse(counts)
                    : result.GetValue(single) ? NodeCounts.Single
                    : null,
                Endpoint = result.GetValue(endpoint),
                LbPool = result.GetValue(lbPool),
                Image = result.GetValue(image),
                Seeds = result.GetValue(seeds),
                NoUplink = result.GetValue(noUplink) ? true : null,
                Foreground = result.GetValue(foreground),
            };
            ClusterPlan made = await MakeAsync(
                place, order, result.GetValue(load) ?? [], result.GetValue(plan)!, cancellationToken)
                .ConfigureAwait(false);
            ClusterStart start = new(place, Console.Out, ClusterOptions.Clock);
            await start.RunAsync(made, order.Foreground, cancellationToken).ConfigureAwait(false);
            if (order.Foreground)
            {
                await start.StayAsync(cancellationToken).ConfigureAwait(false);
            }

            return 0;
        });
        return command;
    }

    /// <summary>Nothing is made where an archive is not what it should be.</summary>
    private static async Task<ClusterPlan> MakeAsync(
        ClusterPlace place, ClusterOrder order, string[] archives, string plan, CancellationToken cancellationToken)
    {
        List<Stream> opened = [];
        try
        {
            foreach (string archive in archives)
            {
                opened.Add(await ClusterArchives.OpenAsync(archive, plan, ClusterOptions.Clock, cancellationToken)
                    .ConfigureAwait(false));
            }

            ClusterPlan made = ClusterPlanner.Make(
                place, order, Environment.GetEnvironmentVariable, ClusterOptions.Clock);
            foreach ((string archive, Stream content) in archives.Zip(opened))
            {
                ClusterArchives.Keep(place, archive, content);
            }

            return made;
        }
        finally
        {
            opened.ForEach(stream => stream.Dispose());
        }
    }

    private static Command Down()
    {
        Option<string?> name = ClusterOptions.Name();
        Command command = new("down", "Stops a cluster; its data stays, and 'up' goes on with it.") { name };
        command.SetAction(async (result, cancellationToken) =>
        {
            ClusterPlace place = ClusterOptions.Choose(result.GetValue(name));
            await ClusterEnd.StopAsync(place, ClusterOptions.Clock, cancellationToken).ConfigureAwait(false);
            return 0;
        });
        return command;
    }

    private static Command Delete()
    {
        Option<string?> name = ClusterOptions.Name();
        Command command = new("delete", "Stops a cluster and removes everything of it.") { name };
        command.SetAction(async (result, cancellationToken) =>
        {
            ClusterPlace place = ClusterOptions.Choose(result.GetValue(name));
            await ClusterEnd.DeleteAsync(place, ClusterOptions.Clock, cancellationToken).ConfigureAwait(false);
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
            ClusterPlace place = ClusterPlace.At(result.GetValue(folder)!);
            await ClusterSupervisor.RunAsync(place, result.GetValue(foreground), ClusterOptions.Clock)
                .ConfigureAwait(false);
            return 0;
        });
        return command;
    }

    private static Command Clear()
    {
        Argument<string> folder = new("folder") { Description = "What to remove." };
        Command command = new("clear", "Removes a folder whose files belong to nodes; the build's Clean uses it.")
        {
            folder,
        };
        command.Hidden = true;
        command.SetAction(result =>
        {
            string[] remove = ["/bin/rm", "-rf", "--one-file-system", Path.GetFullPath(result.GetValue(folder)!)];
            InRange.Run(HostCheck.RequireIds(), remove, TimeSpan.FromMinutes(5));
            return 0;
        });
        return command;
    }

    private static Command UnpackRoot()
    {
        Argument<string[]> arguments = new("arguments");
        Command command = new(SupervisorCommand.UnpackVerb, "Unpacks a root within a user namespace.") { arguments };
        command.Hidden = true;
        command.SetAction(result =>
        {
            RootUnpacker.RunAsChild(result.GetValue(arguments)!);
            return 0;
        });
        return command;
    }
}
