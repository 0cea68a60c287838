using Images.Bootstrapper.Etcd;
using Images.Bootstrapper.Identity;
using Images.NodeConfig.Kubernetes;
using Images.NodeConfig.Metadata;
using Images.NodeConfig.Templates;

namespace Images.Bootstrapper.LoadBalancing;

/// <summary>A backend of haproxy, and whose machines stand behind it. Its templates have the same backends.</summary>
/// <param name="Backend">Its name.</param>
/// <param name="Role">Of the machines.</param>
/// <param name="Port">Theirs.</param>
/// <param name="IsSpare">Whether it has the same machines as another, for when that has none that is good.</param>
internal sealed record BackendPool(string Backend, string Role, int Port, bool IsSpare = false)
{
    /// <summary>Those of a unit that runs haproxy.</summary>
    public static IReadOnlyList<BackendPool> Of(string unit, NodeState state) => unit switch
    {
        TemplateNames.ApiForwarderUnit => Masters,
        TemplateNames.EtcdForwarderUnit =>
        [
            new("members", RoleSecrets.EtcdRole, EtcdPaths.ClientPort),
            new("members-any", RoleSecrets.EtcdRole, EtcdPaths.ClientPort, IsSpare: true),
        ],
        TemplateNames.LbUnit =>
        [
            .. Masters,
            .. state.Metadata.Node.Lb.Ports.Select(
                port => new BackendPool($"port-{port.Listen}", RoleSecrets.WorkerRole, port.Target)),
        ],
        _ => [],
    };

    private static IReadOnlyList<BackendPool> Masters { get; } =
    [
        new("masters", RoleSecrets.MasterRole, KubernetesSettings.ApiPort),
        new("masters-any", RoleSecrets.MasterRole, KubernetesSettings.ApiPort, IsSpare: true),
    ];
}
