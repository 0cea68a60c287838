using System.Net;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Kubernetes;
using Images.Bootstrapper.Kubernetes.Approval;
using Images.Bootstrapper.LoadBalancing;
using Images.Bootstrapper.Pki;
using Images.Bootstrapper.Prepare;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Systemd;
using Images.NodeConfig;
using Images.NodeConfig.Kubernetes;
using Images.NodeConfig.Metadata;
using Images.NodeConfig.Roles;
using Images.NodeConfig.Templates;

namespace Images.Bootstrapper.Agent;

/// <summary>
/// How the duties of load balancing and of virtual addresses are put together; <see cref="DutyList"/> says whose they
/// are.
/// </summary>
internal sealed class LoadBalancingDuties(
    NodeRoot root, NodeState state, StatusBoard status, Narrator narrator, TimeProvider time)
{
    private const string VipHealth = NodePaths.RunFolder + "/vip-health";

    private readonly KubernetesNode _node = new(root, state, time);
    private readonly (IPAddress Address, string Role, string Name)? _vip = LoadBalancingValues.VipOf(state);

    public bool HasApiForwarder => Has(TemplateNames.ApiForwarderUnit);

    public bool HasEtcdForwarder => Has(TemplateNames.EtcdForwarderUnit);

    public bool HasVip => _vip is not null;

    public Task FillLbAsync(CancellationToken cancellationToken) => FillAsync(
        TemplateNames.LbUnit, "haproxy", () => ReadPem(LbIdentity.Certificate), cancellationToken);

    public Task FillApiForwarderAsync(CancellationToken cancellationToken) => FillAsync(
        TemplateNames.ApiForwarderUnit, "api-forwarder", () => null, cancellationToken);

    public Task FillEtcdForwarderAsync(CancellationToken cancellationToken)
    {
        CertificatePlan plan = CertificateCatalogue.Find(CertificateCatalogue.EtcdForwarder, state);
        return FillAsync(
            TemplateNames.EtcdForwarderUnit, "etcd-forwarder", () => ReadPem(plan.Path + ".crt", plan.Path + ".key"),
            cancellationToken);
    }

    /// <summary>
    /// Masters ask API servers and must be told that they are ready; lbs ask haproxy, theirs and others'.
    /// </summary>
    public Task WatchHealthAsync(CancellationToken cancellationToken)
    {
        (IPAddress address, string role, _) = Vip;
        bool isMaster = role == RoleSecrets.MasterRole;
        ReadyProbe probe = new(
            KubernetesNode.ApiName(state.Identity), KubernetesSettings.ApiPort,
            isMaster ? _node.TlsAsMaster : _node.TlsAsNobody, needsSuccess: isMaster, time);
        return new VipHealthDuty(
            root[VipHealth], address.ToString(), state.Identity.Address, probe.AskAsync, _node.PeersOf(role), narrator,
            time).RunAsync(cancellationToken);
    }

    public Task KeepPeersAsync(CancellationToken cancellationToken)
    {
        (RoleDefinition role, RoleService service) = ServiceFiles.Find(state, TemplateNames.VipUnit);
        ServiceFiles files = new(root);
        return new VipPeersDuty(
            TemplateNames.VipUnit, _node.PeersOf(Vip.Role), Write, CommandRunner.RunAsync, narrator, time)
            .RunAsync(cancellationToken);

        bool Write(PeerSet peers)
        {
            TemplateValues values = NodeValues.For(
                state, service, new Dictionary<string, PeerSet>(StringComparer.Ordinal) { [Vip.Role] = peers });
            return files.Write(role, service.Files, values);
        }
    }

    public Task WatchHoldersAsync(CancellationToken cancellationToken)
    {
        (IPAddress address, string role, string name) = Vip;
        return new VipOwnersDuty(
            address.ToString(), state.Identity.Address, _node.PeersOf(role),
            () => InterfaceAddress.OfMachine().Any(item => item.Address.Equals(address)),
            line => status.Change(
                document => document with { VirtualAddress = $"{address} of the {name}: {line}" }),
            narrator, time).RunAsync(cancellationToken);
    }

    private (IPAddress Address, string Role, string Name) Vip =>
        _vip ?? throw new InvalidOperationException("this machine has no virtual address");

    private Task FillAsync(
        string unit, string folder, Func<(string Path, string Pem)?> certificate, CancellationToken cancellationToken)
    {
        Dictionary<string, Func<CancellationToken, Task<PeerSet>>> peers = new(StringComparer.Ordinal);
        IReadOnlyList<BackendPool> pools = BackendPool.Of(unit, state);
        foreach (string role in pools.Select(pool => pool.Role).Distinct(StringComparer.Ordinal))
        {
            peers[role] = _node.PeersOf(role);
        }

        return new LbDuty(
            unit, new HaproxyRuntime(root[$"/run/{folder}/control.sock"]), pools, (role, limit) => peers[role](limit),
            certificate, narrator, time).RunAsync(cancellationToken);
    }

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

    private bool Has(string unit) => ServiceFiles.Services(state).Any(item => item.Service.Unit == unit);
}
