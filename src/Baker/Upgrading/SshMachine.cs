using Images.Baker.Ssh;

namespace Images.Baker.Upgrading;

/// <summary>A machine over ssh; each command has a connection of its own, for restarts lie in between.</summary>
/// <param name="host">For errors.</param>
/// <param name="connect">Logs in.</param>
/// <param name="target">What it is to run.</param>
/// <param name="again">Whether it tries an image that it has given up.</param>
internal sealed class SshMachine(
    string host, Func<CancellationToken, Task<NodeShell>> connect, UpgradeTarget target, bool again) : IUpgradeMachine
{
    private const string Look = "bootstrapper upgrade --look";
    private const string Usage = "usage: bootstrapper";
    private const string UpgradeInUsage = " upgrade - ";

    /// <summary>For a command that looks or changes little.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    /// <summary>For an image over a slow line.</summary>
    private static readonly TimeSpan _patienceWithImage = TimeSpan.FromHours(1);

    public string Host => host;

    public async Task<MachineLook> LookAsync(CancellationToken cancellationToken)
    {
        NodeAnswer answer = await WithinAsync(
            _patience, (node, limit) => node.AskAsync(Look, limit), cancellationToken).ConfigureAwait(false);
        return answer.ExitCode == 0
            ? MachineLook.Parse(answer.Output, host)
            : throw Refusal(host, target.File, answer);
    }

    public async Task<MachineHealth> HealthAsync(CancellationToken cancellationToken) => MachineHealth.Parse(
        await RunAsync("bootstrapper status --json", cancellationToken).ConfigureAwait(false), host);

    public Task StageAsync(CancellationToken cancellationToken) => WithinAsync(
        _patienceWithImage,
        async (node, limit) =>
        {
            await node.WriteAsync(
                $"bootstrapper upgrade --stage{(again ? " --again" : "")} -",
                input => target.CopyToAsync(input, limit),
                limit).ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    public async Task<string> HandOverAsync(CancellationToken cancellationToken) =>
        UpgradeRules.OneLine(await RunAsync("bootstrapper etcd hand-over", cancellationToken).ConfigureAwait(false));

    public Task ArmAsync(CancellationToken cancellationToken) =>
        RunAsync($"bootstrapper upgrade --arm {target.Manifest.RootHash} --no-reboot", cancellationToken);

    public Task RestartAsync(CancellationToken cancellationToken) => WithinAsync(
        _patience,
        async (node, limit) =>
        {
            await node.RebootAsync(limit).ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    /// <summary>An image without <c>--look</c> says how it is used.</summary>
    public static BakeException Refusal(string host, string file, NodeAnswer answer) =>
        !answer.Error.Contains(Usage, StringComparison.Ordinal)
            ? new BakeException(
                "BAKE0844", host, $"'{Look}' failed: {UpgradeRules.OneLine(answer.Error)}.",
                "The node's own error says what to do; 'bootstrapper status' there says how it is.", BakeFault.Source)
        : answer.Error.Contains(UpgradeInUsage, StringComparison.Ordinal)
            ? new BakeException(
                "BAKE0973", host, "runs an image that is upgraded by hand alone.",
                $"Do so once: ssh admin@{host} sudo bootstrapper upgrade - < {file}")
        : new BakeException(
            "BAKE0973", host, "runs an image from before there were upgrades: its disk has no second slot to go to.",
            "Replace the machine: stop it, give it a new disk with this image and the same seed, and wait until it is "
                + "ready before you take the next; docs/upgrade.md says how for each role.");

    private Task<string> RunAsync(string command, CancellationToken cancellationToken) =>
        WithinAsync(_patience, (node, limit) => node.RunAsync(command, limit), cancellationToken);

    private async Task<T> WithinAsync<T>(
        TimeSpan patience, Func<NodeShell, CancellationToken, Task<T>> act, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        try
        {
            using NodeShell node = await connect(limit.Token).ConfigureAwait(false);
            return await act(node, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new BakeException(
                "BAKE0972", host, $"has not answered within {patience.TotalMinutes:0} minutes.",
                "See its console, and run this again: it goes on where it was.", BakeFault.Source, e);
        }
    }
}
