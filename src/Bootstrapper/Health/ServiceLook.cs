using Images.Bootstrapper.Etcd;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Prepare;
using Images.Bootstrapper.Systemd;

namespace Images.Bootstrapper.Health;

/// <summary>How this machine's services are looked at, by the agent and by whoever asks for the status.</summary>
internal static class ServiceLook
{
    public const string Agent = "bootstrapper-agent.service";

    /// <param name="patience">With one service.</param>
    public static ServiceHealth Health(NodeRoot root, NodeState state, TimeSpan patience, TimeProvider time)
    {
        EtcdVote vote = EtcdNode.Vote(root, state, time);
        return new ServiceHealth(
            new ServerAnswers(root, state, time, time), CommandRunner.RunAsync, time, patience,
            (unit, cancelled) => unit == EtcdPaths.Unit ? vote.FaultAsync(cancelled) : Task.FromResult<string?>(null));
    }
}
