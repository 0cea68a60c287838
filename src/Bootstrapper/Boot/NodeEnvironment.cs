using Images.Bootstrapper.Files;
using Images.Bootstrapper.Identity;
using Images.NodeConfig;

namespace Images.Bootstrapper.Boot;

/// <summary>The identity as KEY=value lines for units' <c>EnvironmentFile=</c>.</summary>
internal static class NodeEnvironment
{
    public static string Text(NodeIdentity identity) => $"""
        NODE_HOSTNAME={identity.Hostname}
        NODE_ADDRESS={identity.Address}
        NODE_ROLES={string.Join(',', identity.Roles)}
        NODE_INSTANCE_ID="{Escaped(identity.InstanceId)}"
        CLUSTER_NAME={identity.Cluster}
        CLUSTER_DOMAIN={identity.Domain}

        """;

    public static void Write(NodeRoot root, NodeIdentity identity) =>
        AtomicFile.Write(root[NodePaths.NodeEnvironment], Text(identity), AtomicFile.Public);

    private static string Escaped(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
}
