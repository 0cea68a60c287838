using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Etcd;
using Images.NodeConfig.Kubernetes;
using Images.NodeConfig.Metadata;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.LoadBalancing;

/// <summary>A backend of haproxy, and whose machines stand behind it. Its templates have the same backends.</summary>
/// <param name="Backend">Its name.</param>
/// <param name="Role">Of the machines.</param>
/// <param name="Port">Theirs.</param>
/// <param name="IsSpare">Whether it has the same machines as another, for when that has none that is good.</param>
internal sealed record BackendPool(string Backend, string Role, int Port, bool IsSpare = false)
{
    /// <summary>Those of a service that runs haproxy, by the places that it asks for.</summary>
    public static IReadOnlyList<BackendPool> Of(RoleService service, LbSettings lb) =>
        [.. service.Values.SelectMany(name => Of(name, lb))];

    private static IEnumerable<BackendPool> Of(string value, LbSettings lb) => value switch
    {
        ServiceValues.MasterSlots =>
        [
            new("masters", RoleNames.Master, KubernetesSettings.ApiPort),
            new("masters-any", RoleNames.Master, KubernetesSettings.ApiPort, IsSpare: true),
        ],
        ServiceValues.EtcdSlots =>
        [
            new("members", RoleNames.Etcd, EtcdPaths.ClientPort),
            new("members-any", RoleNames.Etcd, EtcdPaths.ClientPort, IsSpare: true),
        ],
        ServiceValues.LbPorts =>
            lb.Ports.Select(port => new BackendPool($"port-{port.Listen}", RoleNames.Worker, port.Target)),
        _ => [],
    };
}
