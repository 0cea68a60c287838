using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Pki;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Etcd;

/// <summary>
/// What the agent does for as long as an etcd machine is up, in parts that do not end each other: answer at the
/// rendezvous with what DNS says, survey the peers, keep the membership (have a learner promoted, remove members
/// that are gone), keep snapshots, and look after the database.
/// </summary>
internal sealed class EtcdAgent(
    NodeRoot root, NodeState state, PeerDirectory peers, NodeCertificates certificates, Narrator narrator,
    Action<PeerNameStatus> show, EtcdRhythm rhythm, TimeProvider time,
    Action<EtcdHealth>? showHealth = null)
{
    public const string Role = RoleNames.Etcd;

    private readonly PeerWatch _watch = peers.Of(Role);
    private readonly Lock _preparing = new();

    public async Task AnswerAsync(CancellationToken cancellationToken)
    {
        await PrepareAsync(cancellationToken);
        await await Task.WhenAny(
            WatchAsync(cancellationToken),
            EtcdNode.Rendezvous(root, state, () => _watch.View.Good, time).RunAsync(cancellationToken));
    }

    public async Task SurveyAsync(CancellationToken cancellationToken)
    {
        await PrepareAsync(cancellationToken);
        await EtcdNode.Survey(root, state, () => _watch.View, show, rhythm.Survey, time).RunAsync(cancellationToken);
    }

    public async Task KeepMembershipAsync(CancellationToken cancellationToken)
    {
        await PrepareAsync(cancellationToken);
        await EtcdNode.Membership(root, state, peers, narrator, rhythm, time).RunAsync(cancellationToken);
    }

    public async Task KeepSnapshotsAsync(CancellationToken cancellationToken)
    {
        await PrepareAsync(cancellationToken);
        await EtcdNode.Snapshots(root, state, narrator, time).RunAsync(cancellationToken);
    }

    public async Task CareAsync(CancellationToken cancellationToken)
    {
        await PrepareAsync(cancellationToken);
        await EtcdNode.Care(root, state, narrator, showHealth ?? (_ => { }), time).RunAsync(cancellationToken);
    }

    /// <summary>Each part needs it, and whichever comes first does it.</summary>
    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        // "prepare" says so
        await new ClockWait(root, time, new SteadyClock(time))
            .RunAsync(state.Metadata.Node.Secrets, (_, _) => { }, cancellationToken);
        lock (_preparing)
        {
            foreach (string name in state.Roles.Where(role => role.Role == Role)
                .SelectMany(role => role.Services)
                .SelectMany(service => service.Certificates))
            {
                certificates.Ensure(CertificateCatalogue.Find(name, state));
            }
        }
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        await foreach (PeerView view in _watch.FollowAsync(cancellationToken))
        {
            narrator.SayOnce("etcd's peers", $"peers of {view.Name}: {view.Good}");
        }
    }
}
