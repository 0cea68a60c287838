using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Kubernetes.Approval;

/// <summary>Has certificate requests judged whenever one changes, and anew while one stays undecided.</summary>
/// <param name="connect">The API as this agent's own user.</param>
/// <param name="narrator">Told what is wrong with the API.</param>
internal sealed class CsrRounds(Func<KubernetesClient> connect, Narrator narrator, TimeProvider time)
{
    private static readonly TimeSpan _again = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _whenIdle = TimeSpan.FromMinutes(5);

    /// <param name="judgeAll">Whether a request stays undecided.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(
        Func<IReadOnlyList<KubernetesObject>, CancellationToken, Task<bool>> judgeAll,
        CancellationToken cancellationToken)
    {
        ChangeSignal signal = new(time);
        ResourceWatch requests = new(connect, CsrRequest.Resource, signal.Set, narrator, time);
        await await Task.WhenAny(
            requests.RunAsync(cancellationToken), JudgeAsync(requests, signal, judgeAll, cancellationToken));
    }

    private static async Task JudgeAsync(
        ResourceWatch requests, ChangeSignal signal,
        Func<IReadOnlyList<KubernetesObject>, CancellationToken, Task<bool>> judgeAll,
        CancellationToken cancellationToken)
    {
        while (true)
        {
            bool anyLeft = false;
            try
            {
                anyLeft = await judgeAll(requests.Objects ?? [], cancellationToken);
            }
            catch (Exception e) when (e is KubernetesApiException or IOException)
            {
                anyLeft = true; // the watch says what is wrong with the API
            }

            await signal.WaitAsync(anyLeft ? _again : _whenIdle, cancellationToken);
        }
    }
}
