using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using Images.Baker.Kubeconfigs;
using Images.Baker.Progress;
using Images.Baker.Seeds;
using Images.Baker.Ssh;
using Images.Baker.Upgrading;
using Images.NodeConfig.Metadata;

namespace Images.Baker.Cli;

/// <summary><c>baker upgrade</c>: takes the machines of a cluster to an image, one after another.</summary>
internal static class UpgradeCommand
{
    public static Command Create()
    {
        Option<string> image = new("--image")
        {
            Description = "The .upgrade file that 'baker bake' wrote beside the disk.",
            Required = true,
        };
        Option<string?> seeds = new("--seeds")
        {
            Description = "The folder that 'baker seed' was given as --out.",
        };
        Option<string?> cluster = new("--cluster")
        {
            Description = "The name of a cluster of 'baker cluster', in place of --seeds.",
        };
        Option<string?> key = new("--ssh-key")
        {
            Description = "The private key for the user admin; a cluster of 'baker cluster' has its own.",
        };
        Option<string?> known = new("--known-hosts")
        {
            Description = "The nodes' host keys, in OpenSSH's form, instead of what the nodes say over TLS.",
        };
        (NodeRole Role, Option<string[]> Option)[] named =
        [
            (NodeRole.Etcd, OptionFor("--etcd", "A member of etcd, NAME or NAME:PORT of its ssh")),
            (NodeRole.Master, OptionFor("--master", "A master, likewise")),
            (NodeRole.Lb, OptionFor("--lb", "An lb, likewise")),
            (NodeRole.Worker, OptionFor("--worker", "A worker, likewise")),
        ];
        Option<string?> server = new("--server")
        {
            Description = "Address of the API, where masters cannot be asked at port 6443.",
        };
        Option<string> drain = new("--drain-timeout")
        {
            Description = "How long pods may take to end elsewhere, for each worker: 10m, 2h.",
            DefaultValueFactory = _ => "10m",
        };
        Option<bool> again = new("--again") { Description = "Try an image that a machine has given up." };
        Option<bool> dryRun = new("--dry-run")
        {
            Description = "Ask all machines, print the plan, and change nothing.",
        };
        Command command = new(
            "upgrade",
            "Takes a cluster's machines to an image over ssh, one at a time. Run it again to go on after a fault.")
        {
            image, seeds, cluster, key, known, server, drain, again, dryRun,
        };
        foreach ((_, Option<string[]> option) in named)
        {
            command.Add(option);
        }

        command.SetAction((result, cancellationToken) => RunAsync(
            new UpgradeOrder
            {
                Image = result.GetValue(image)!,
                Seeds = result.GetValue(seeds),
                Cluster = result.GetValue(cluster),
                SshKey = result.GetValue(key),
                KnownHosts = result.GetValue(known),
                Named =
                [
                    .. from role in named
                       from host in result.GetValue(role.Option) ?? []
                       select new MachinePlace(host, role.Role),
                ],
                Server = result.GetValue(server) is { } address
                    ? KubeconfigWriter.CheckServer(address, "--server")
                    : null,
                Again = result.GetValue(again),
                DryRun = result.GetValue(dryRun),
                Limits = new UpgradeLimits { Drain = PeriodOf(result.GetValue(drain)!) },
                Holder = Holder(),
                Notice = Console.Error.WriteLine,
            },
            cancellationToken));
        return command;
    }

    private static Option<string[]> OptionFor(string name, string what) => new(name)
    {
        Description = $"{what}; may be given several times. Without such an option DNS is asked.",
    };

    private static TimeSpan PeriodOf(string text) => ValidityPeriod.TryParse(text) ?? throw new BakeException(
        "BAKE0986", "--drain-timeout", $"'{text}' is no period.", "Write a whole number of minutes or hours: 10m, 2h.");

    private static async Task<int> RunAsync(UpgradeOrder order, CancellationToken cancellationToken)
    {
        TimeProvider time = ClusterOptions.Clock;
        long begun = time.GetTimestamp();
        UpgradeTarget target = UpgradeTarget.Read(order.Image);
        UpgradeSite site = await SiteAsync(order, target, cancellationToken).ConfigureAwait(false);
        ClusterUpgrade upgrade = new(target, site.Machines, order.Limits, Say, time);
        UpgradePlan plan = await upgrade.PlanAsync(site.Cluster, order.Again, cancellationToken).ConfigureAwait(false);
        UpgradePlanText.Write(plan, Console.Out);
        await RefuseAsync(plan.Faults).ConfigureAwait(false);
        if (order.DryRun)
        {
            return plan.Unwell.Count == 0 ? 0 : 1;
        }

        await RunAsync(order, site, upgrade, plan, time, cancellationToken).ConfigureAwait(false);
        Console.WriteLine(
            $"{site.Cluster} runs {target.Manifest.Version} on {plan.Steps.Count} machines, after "
                + $"{ByteText.Duration(time.GetElapsedTime(begun))}");
        return 0;

        void Say(string who, string what) => Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{time.GetElapsedTime(begun).TotalSeconds,7:0.0} s  {who,-10} {what}"));
    }

    private static async Task RunAsync(
        UpgradeOrder order, UpgradeSite site, ClusterUpgrade upgrade, UpgradePlan plan, TimeProvider time,
        CancellationToken cancellationToken)
    {
        IReadOnlyList<Uri> servers = order.Server is { } named
            ? [named]
            : await site.FindApi(plan.Masters, cancellationToken).ConfigureAwait(false);
        if (servers.Count == 0)
        {
            if (plan.HasNodes)
            {
                throw new BakeException(
                    "BAKE0971", site.Cluster, "has workers, and no master is known.",
                    "Name masters with --master, or the API with --server.");
            }

            await using SeedLock held = SeedLock.Take(site.Seeds);
            await upgrade.RunAsync(plan, held, nodes: null, cancellationToken).ConfigureAwait(false);
            return;
        }

        using ApiServer api = ApiServer.Of(ClusterFolder.Open(site.Seeds), servers, time);
        await using LeaseLock lease = await LeaseLock.TakeAsync(
            api, order.Holder, order.Notice, time, cancellationToken).ConfigureAwait(false);
        await upgrade.RunAsync(plan, lease, new ApiNodes(api, time), cancellationToken).ConfigureAwait(false);
    }

    private static Task<UpgradeSite> SiteAsync(
        UpgradeOrder order, UpgradeTarget target, CancellationToken cancellationToken) =>
        (order.Seeds, order.Cluster) switch
        {
            ({ }, null) => UpgradeSite.OfSeedsAsync(order, target, cancellationToken),
            (null, { } name) => UpgradeSite.OfLauncherAsync(
                ClusterOptions.Choose(name), order, target, cancellationToken),
            _ => throw new BakeException(
                "BAKE0986", "--seeds, --cluster", "exactly one of them is to be given.",
                "Name the folder of 'baker seed', or a cluster of 'baker cluster'."),
        };

    /// <summary>All of them are said, and the first one ends the command.</summary>
    private static async Task RefuseAsync(IReadOnlyList<BakeException> faults)
    {
        foreach (BakeException fault in faults.Skip(1))
        {
            await Console.Error.WriteLineAsync($"baker: {fault.Message}").ConfigureAwait(false);
        }

        if (faults is [BakeException first, ..])
        {
            throw first;
        }
    }

    private static string Holder()
    {
#pragma warning disable RS0030 // people are to know whom to ask
        string person = $"{Environment.UserName}@{Environment.MachineName}";
#pragma warning restore RS0030
        return $"{person}_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}";
    }
}
