using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Pki;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Etcd;

/// <summary>
/// What the agent does for as long as an etcd machine is up: answer at the rendezvous, watch DNS and the peers, have a
/// learner promoted, remove members that are gone.
/// </summary>
internal sealed class EtcdAgent(
    NodeRoot root, NodeState state, NodeCertificates certificates, Narrator narrator, Action<PeerNameStatus> show,
    EtcdRhythm rhythm, TimeProvider time)
{
    public const string Role = "etcd";

    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    /// <summary>Between two look-ups of a name that has stood still for <see cref="_still"/>.</summary>
    private static readonly TimeSpan _pauseWhenStill = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan _still = TimeSpan.FromMinutes(1);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // "prepare" says so
        await new ClockWait(root, time, new SteadyClock(time))
            .RunAsync(state.Metadata.Node.Secrets, (_, _) => { }, cancellationToken);
        foreach (string name in state.Roles.Where(role => role.Role == Role)
            .SelectMany(role => role.Services)
            .SelectMany(service => service.Certificates))
        {
            certificates.Ensure(CertificateCatalogue.Find(name, state));
        }

        PeerWatch watch = EtcdNode.Watch(root, state, time);
        await await Task.WhenAny(
            WatchAsync(watch, cancellationToken),
            EtcdNode.Rendezvous(root, state, () => watch.View.Good, time).RunAsync(cancellationToken),
            EtcdNode.Survey(root, state, () => watch.View, show, rhythm.Survey, time).RunAsync(cancellationToken),
            EtcdNode.Membership(root, state, narrator, rhythm, time).RunAsync(cancellationToken));
    }

    private async Task WatchAsync(PeerWatch watch, CancellationToken cancellationToken)
    {
        while (true)
        {
            PeerView view = await watch.AskAsync(cancellationToken);
            if (view.Good.Count > 0)
            {
                narrator.SayOnce("etcd's peers", $"peers of {view.Name}: {view.Good}");
            }

            bool isStill = view.Failure is null && time.GetUtcNow() - view.GoodSince > _still;
            await Task.Delay(isStill ? _pauseWhenStill : _pause, time, cancellationToken);
        }
    }
}
