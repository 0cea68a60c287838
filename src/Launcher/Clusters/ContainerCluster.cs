using System.Collections.Concurrent;
using Images.Launcher.Hosts;
using Images.Launcher.Roots;

namespace Images.Launcher.Clusters;

/// <summary>
/// A cluster's namespaces, network and control groups, and the nodes in them; everything ends with this program.
/// </summary>
internal sealed class ContainerCluster : IDisposable
{
    private readonly ConcurrentDictionary<string, ClusterNode> _nodes = new(StringComparer.Ordinal);

    private ContainerCluster(
        ContainerClusterOptions options,
        ClusterPaths paths,
        ControlGroups groups,
        ClusterNamespaces namespaces,
        BridgeNetwork network)
    {
        Ids = options.Ids;
        Roots = options.Roots;
        Root = options.Root;
        Paths = paths;
        Groups = groups;
        Namespaces = namespaces;
        Network = network;
    }

    public IdRange Ids { get; }

    public RootStore Roots { get; }

    /// <summary>Its programs serve the cluster.</summary>
    public RootLease Root { get; }

    public ClusterPaths Paths { get; }

    public ControlGroups Groups { get; }

    public ClusterNamespaces Namespaces { get; }

    public BridgeNetwork Network { get; }

    /// <summary>As they are at this moment.</summary>
    public IReadOnlyCollection<ClusterNode> Nodes => [.. _nodes.Values];

    /// <summary>Makes everything but nodes.</summary>
    /// <exception cref="LauncherException">The machine does not allow it.</exception>
    public static ContainerCluster Start(ContainerClusterOptions options)
    {
        ClusterPaths paths = new(options.Folder);
        paths.Create(options.Ids);
        ControlGroups groups = ControlGroups.Find(options.Name)
            ?? throw new LauncherException(
                "BAKE0910",
                "/sys/fs/cgroup",
                "no control group may be written.",
                "Start the cluster from a login session.");
        paths.Remember(groups);
        groups.Create();
        ClusterNamespaces? namespaces = null;
        try
        {
            namespaces = ClusterNamespaces.Create(
                paths.Inside, options.Roots.Trees, options.Root.Name, options.Ids);
            BridgeNetwork network = new(namespaces, paths.Network, options.Domain);
            network.Serve();
            return new ContainerCluster(options, paths, groups, namespaces, network);
        }
        catch
        {
            namespaces?.Dispose();
            paths.Forget();
            throw;
        }
    }

    /// <summary>Adds a node, not yet started; what it wrote in an earlier life of the cluster it finds again.</summary>
    public ClusterNode Add(NodeOptions options)
    {
        ClusterNode node = new(this, options);
        _nodes[options.Name] = node;
        return node;
    }

    /// <summary>Ends every node as by a power cut, and all else.</summary>
    public void Dispose()
    {
        Namespaces.Dispose();
        foreach (ClusterNode node in _nodes.Values.Where(node => node.IsRunning))
        {
            node.WaitForEnd(TimeSpan.FromSeconds(30));
        }

        Paths.Forget();
    }
}
