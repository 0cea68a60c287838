using Images.Baker.Seeds;
using Images.Launcher;
using Images.Launcher.Hosts;
using Images.NodeConfig.Metadata;

namespace Images.Baker.Clusters;

/// <summary>Makes the plan of a cluster out of what is asked and what is there, and the seeds it needs.</summary>
internal static class ClusterPlanner
{
    private const int ApiPort = 6443;

    /// <summary>Writes the plan, and seeds where there are none.</summary>
    /// <exception cref="BakeException">What is asked cannot be.</exception>
    /// <exception cref="LauncherException">The machine lacks something.</exception>
    public static ClusterPlan Make(
        ClusterPlace place, ClusterOrder order, Func<string, string?> environment, TimeProvider clock)
    {
        ClusterPlan? known = place.Exists ? place.ReadPlan() : null;
        if (known is not null && order.Nodes is not null && !NamesOf(order.Nodes).SequenceEqual(NamesOf(known.Nodes)))
        {
            throw new BakeException(
                "BAKE0949",
                place.Name,
                $"has the nodes {string.Join(", ", NamesOf(known.Nodes))} already.",
                $"Leave --nodes out to resume it, or remove it first with 'baker cluster delete --name {place.Name}'.");
        }

        string? image = order.Image is { } named ? Path.GetFullPath(named) : known?.Image;
        ClusterPlan plan = new()
        {
            Name = order.Name,
            Domain = known?.Domain ?? NodeSettings.DefaultDomain,
            Image = image ?? NewestImage(environment),
            Seeds = order.Seeds is { } seeds ? Path.GetFullPath(seeds) : known?.Seeds ?? place.Seeds,
            Nodes = order.Nodes ?? known?.Nodes ?? NodeCounts.Single,
            ApiPort = known?.ApiPort ?? ApiPort,
            Endpoint = order.Endpoint ?? known?.Endpoint,
            LbPool = order.LbPool ?? known?.LbPool,
            NoUplink = order.NoUplink ?? known?.NoUplink ?? false,
            SetRecords = known?.SetRecords,
        };
        if (!File.Exists(plan.Image))
        {
            throw new BakeException(
                "BAKE0950", plan.Image, "is not there.", "Name an image with --image, or bake one with ./build.sh.");
        }

        if (place.FindSupervisor() is null)
        {
            // before anything is written: who is refused is left no cluster
            HostCheck.Require(plan.Nodes.Count, plan.Nodes.Any(node => node.Roles.Contains(NodeCounts.Worker)));
        }

        PrivateFile.CreateFolder(place.Folder);
        WriteSeeds(place, plan, clock);
        place.WritePlan(plan);
        return plan;
    }

    /// <summary>Makes the seeds that the plan's nodes need and lack; none where they were brought along.</summary>
    public static void WriteSeeds(ClusterPlace place, ClusterPlan plan, TimeProvider clock)
    {
        if (plan.Seeds != place.Seeds)
        {
            return;
        }

        IEnumerable<PlannedNode> kinds = plan.Nodes.Where(node => node.Roles.Count > 0).DistinctBy(node => node.Seed);
        foreach (IReadOnlyList<string> roles in kinds.Select(node => node.Roles))
        {
            if (!File.Exists(Path.Combine(plan.Seeds, string.Join('-', roles), SeedWriter.UserData)))
            {
                SeedWriter.Write(
                    new SeedOrder
                    {
                        Cluster = plan.Name,
                        Domain = plan.Domain,
                        Role = string.Join(',', roles),
                        Single = plan.Nodes is [{ IsSingle: true }],
                        Size = roles.Contains(NodeCounts.Etcd)
                            ? plan.Nodes.Count(node => node.Roles.Contains(NodeCounts.Etcd))
                            : null,
                        Endpoint = KnowsEndpoint(roles) ? plan.Endpoint : null,
                        MastersVip = KnowsEndpoint(roles) && plan.Endpoint == "vip"
                            ? Address(NodeCounts.MastersVip)
                            : null,
                        LbVip = KnowsEndpoint(roles) && plan.Nodes.Any(node => node.Roles.Contains(NodeCounts.Lb))
                            ? Address(NodeCounts.LbVip)
                            : null,
                        LbPool = KnowsEndpoint(roles) ? plan.LbPool : null,
                        OutputFolder = plan.Seeds,
                        SshKeys = [SshLogin.PublicKey(place)],
                    },
                    clock);
            }
        }
    }

    private static bool KnowsEndpoint(IReadOnlyList<string> roles) =>
        roles.Contains(NodeCounts.Master) || roles.Contains(NodeCounts.Worker) || roles.Contains(NodeCounts.Lb);

    private static string Address(int number) => $"{Launcher.Clusters.BridgeNetwork.Prefix}{number}";

    private static string NewestImage(Func<string, string?> environment)
    {
        string folder = environment("IMAGES_ARTIFACTS") is { Length: > 0 } named ? named : "artifacts";
        return Directory.Exists(folder)
            && new DirectoryInfo(folder).EnumerateFiles("*.raw").MaxBy(file => file.LastWriteTimeUtc) is { } newest
            ? newest.FullName
            : throw new BakeException(
                "BAKE0950",
                Path.GetFullPath(folder),
                "holds no image.",
                "Name one with --image, or bake one with ./build.sh.");
    }

    private static IEnumerable<string> NamesOf(IEnumerable<PlannedNode> nodes) => nodes.Select(node => node.Name);
}
