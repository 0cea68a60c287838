using System.Net;
using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Etcd;
using Images.Bootstrapper.Health;
using Images.Bootstrapper.HostKeys;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Pki;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Systemd;
using Images.NodeConfig.Ssh;

namespace Images.Bootstrapper.Agent;

/// <summary>How the duties beside those for Kubernetes are put together; <see cref="DutyList"/> says whose.</summary>
internal sealed class NodeDuties(
    NodeRoot root, NodeState state, PeerDirectory directory, StatusBoard status, NodeConsole console,
    Narrator narrator, TimeProvider time)
{
    private readonly CertificateLife _life = CertificateLife.Usual.For(state.Metadata.Node);

    /// <summary>Its parts look at the same peers. One that cannot be made is a fault of those who need it.</summary>
    private readonly Lazy<EtcdAgent> _etcd = new(
        () => new EtcdAgent(
            root, state, directory,
            NodeCertificates.Of(root, state, CertificateLife.Usual.For(state.Metadata.Node), time), narrator,
            peers => status.Change(document => document with { Peers = [peers] }), new EtcdRhythm(), time,
            health => status.Change(document => document with { Etcd = health })),
        LazyThreadSafetyMode.PublicationOnly);

    private NodeCertificates Certificates => NodeCertificates.Of(root, state, _life, time);

    public Task FollowServicesAsync(CancellationToken cancellationToken) =>
        new ServiceFollower(root, state, status, console, time).RunAsync(cancellationToken);

    public async Task FollowSurroundingsAsync(CancellationToken cancellationToken)
    {
        TimeSpan patience = state.IsSlow ? TimeSpan.FromSeconds(15) : TimeSpan.FromSeconds(3);
        using SurroundingsLook look = new(root, state, directory, patience, time);
        await new SurroundingsDuty(look.AskAsync, status, narrator, time).RunAsync(cancellationToken);
    }

    public Task RenewCertificatesAsync(CancellationToken cancellationToken) =>
        new CertificateRenewal(
            state, Certificates, _life, narrator,
            new ClockJumpRestarts(state, CommandRunner.RunAsync, narrator).RestartAsync)
            .RunAsync(time, cancellationToken);

    /// <summary>Of those that the machine's services wait for, and of its own roles.</summary>
    public Task AnswerNamesAsync(CancellationToken cancellationToken) =>
        new PeerHosts(
            root,
            [
                .. state.Roles.SelectMany(role => role.Services).SelectMany(service => service.RolesOfPeers())
                    .Concat(state.Identity.Roles).Distinct(StringComparer.Ordinal)
                    .Select(directory.Of),
            ],
            state.Identity.Address).RunAsync(cancellationToken);

    public Task WritePeerFilesAsync(CancellationToken cancellationToken) =>
        new PeerFiles(root, state, directory, CommandRunner.RunAsync, narrator).RunAsync(cancellationToken);

    public Task GiveMemoryBackAsync(CancellationToken cancellationToken) =>
        SpareMemory.RunAsync(SpareMemory.GiveBack, time, cancellationToken);

    public Task SayHostKeysAsync(CancellationToken cancellationToken) =>
        new HostKeyServer(
            new IPEndPoint(IPAddress.Parse(state.Identity.Address), HostKeyWord.Port),
            new HostKeyCertificates(root, state).Load, new HostKeyFiles(root, state).Read, new ConnectionLimits())
            .RunAsync(cancellationToken);

    public Task AnswerEtcdPeersAsync(CancellationToken cancellationToken) => _etcd.Value.AnswerAsync(cancellationToken);

    public Task SurveyEtcdPeersAsync(CancellationToken cancellationToken) => _etcd.Value.SurveyAsync(cancellationToken);

    public Task KeepEtcdMembershipAsync(CancellationToken cancellationToken) =>
        _etcd.Value.KeepMembershipAsync(cancellationToken);

    public Task KeepEtcdSnapshotsAsync(CancellationToken cancellationToken) =>
        _etcd.Value.KeepSnapshotsAsync(cancellationToken);

    public Task CareForEtcdAsync(CancellationToken cancellationToken) => _etcd.Value.CareAsync(cancellationToken);
}
