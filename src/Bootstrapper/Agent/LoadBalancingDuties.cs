using System.Net;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Kubernetes;
using Images.Bootstrapper.LoadBalancing;
using Images.Bootstrapper.LoadBalancing.ServiceAddresses;
using Images.Bootstrapper.Pki;
using Images.Bootstrapper.Prepare;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Systemd;
using Images.NodeConfig;
using Images.NodeConfig.Kubernetes;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Agent;

/// <summary>
/// How the duties of load balancing and of virtual addresses are put together; <see cref="DutyList"/> says whose they
/// are.
/// </summary>
internal sealed class LoadBalancingDuties(
    NodeRoot root, NodeState state, PeerDirectory peers, StatusBoard status, Narrator narrator, TimeProvider time)
{
    private const string VipHealth = NodePaths.RunFolder + "/vip-health";

    private readonly KubernetesNode _node = new(root, state, time);
    private readonly (IPAddress Address, string Role, string Name)? _vip = VipHolders.MayHold(state);

    /// <summary>Of Services, as the duty for them says; read by the duty that fills haproxy.</summary>
    private volatile IReadOnlyList<BackendPool> _servicePools = [];
    private readonly ReloadSignal _reloads = new(time);

    /// <summary>Whether Services of type LoadBalancer get addresses.</summary>
    public bool HasPool => !state.Metadata.Node.Lb.Pool.IsEmpty;

    /// <summary>Whether haproxy runs here with places for machines.</summary>
    public bool HasPlaces => Haproxies.Any();

    public bool HasVip => _vip is not null;

    public async Task FillAsync(CancellationToken cancellationToken) =>
        await await Task.WhenAny(Haproxies.Select(service => FillAsync(service, cancellationToken)));

    /// <summary>
    /// Masters ask API servers and must be told that they are ready; lbs ask haproxy, theirs and others'.
    /// </summary>
    public Task WatchHealthAsync(CancellationToken cancellationToken)
    {
        (IPAddress address, string role, _) = Vip;
        bool isMaster = role == RoleNames.Master;
        ReadyProbe probe = new(
            KubernetesNode.ApiHost(state), KubernetesSettings.ApiPort,
            isMaster ? _node.TlsAsMaster : _node.TlsAsNobody, needsSuccess: isMaster, time);
        return new VipHealthDuty(
            root[VipHealth], address.ToString(), state.Identity.Address, probe.AskAsync,
            limit => peers.MachinesOfAsync(role, limit), narrator, time).RunAsync(cancellationToken);
    }

    public Task WatchHoldersAsync(CancellationToken cancellationToken) => new VipOwnersDuty(
        VipHolders.Of(state, peers) ?? throw WithoutVip(), state.Identity.Address,
        line => status.Change(document => document with { VirtualAddress = line }), narrator, time)
        .RunAsync(cancellationToken);

    /// <summary>Services of type LoadBalancer at the addresses that masters gave them.</summary>
    public Task ForwardServicesAsync(CancellationToken cancellationToken) => new ServiceAddressesDuty(
        _node.ConnectAsLb, state.Metadata.Node.Lb.Pool,
        new ServiceMachine(root, state.Interface, CommandRunner.RunAsync, time),
        limit => peers.MachinesOfAsync(RoleNames.Worker, limit), RuntimeOf(Haproxies.First(IsLb)),
        pools =>
        {
            _servicePools = pools;
            _reloads.Set();
        },
        narrator, time).RunAsync(cancellationToken);

    private (IPAddress Address, string Role, string Name) Vip => _vip ?? throw WithoutVip();

    private static InvalidOperationException WithoutVip() => new("this machine has no virtual address");

    private IEnumerable<RoleService> Haproxies =>
        ServiceFiles.Services(state).Select(item => item.Service).Where(service => service.HasPlaces);

    private Task FillAsync(RoleService service, CancellationToken cancellationToken)
    {
        bool isLb = IsLb(service);
        IReadOnlyList<BackendPool> pools = BackendPool.Of(service, state.Metadata.Node.Lb);
        return new LbDuty(
            service.Unit, RuntimeOf(service), () => isLb ? [.. pools, .. _servicePools] : pools, peers.MachinesOfAsync,
            () => ReadCertificate(service), isLb ? _reloads : new ReloadSignal(time), narrator, time)
            .RunAsync(cancellationToken);
    }

    /// <summary>One minted for it, or one that it waits for; null for none, or where it is not there (yet).</summary>
    private (string Path, string Pem)? ReadCertificate(RoleService service)
    {
        string[] minted = [.. service.Certificates.Take(1).Select(name => CertificateCatalogue.Find(name, state).Path)];
        return minted is [string path]
            ? ReadPem(path + ".crt", path + ".key")
            : service.Needs.FirstOrDefault(need => need.EndsWith(".pem", StringComparison.Ordinal)) is { } needed
                ? ReadPem(needed)
                : null;
    }

    private HaproxyRuntime RuntimeOf(RoleService service) =>
        new(root[$"/run/{service.Unit.Split('.')[0]}/control.sock"]);

    /// <summary>The haproxy that serves others than this machine.</summary>
    private static bool IsLb(RoleService service) =>
        service.Values.Contains(ServiceValues.LbPorts, StringComparer.Ordinal);

    /// <summary>Null where they are not there (yet).</summary>
    private (string Path, string Pem)? ReadPem(string certificate, params IReadOnlyList<string> more)
    {
        try
        {
            return (certificate, string.Concat(more.Prepend(certificate).Select(path => File.ReadAllText(root[path]))));
        }
        catch (IOException)
        {
            return null;
        }
    }
}
