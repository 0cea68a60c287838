using System.Globalization;
using Images.Bootstrapper.Reporting;
using Images.NodeConfig;
using Microsoft.Extensions.Logging;

namespace Images.Bootstrapper.Agent;

/// <summary>
/// Runs the duties of this node beside each other. One that fails is said, shown in the status and tried again after a
/// pause of its own; the others go on. A fault in one, even a bug, must not take from etcd its membership or from the
/// pods their network.
/// </summary>
internal sealed partial class Supervisor(
    Narrator narrator, StatusBoard status, SupervisorRhythm rhythm, TimeProvider time, ILogger logger)
{
    /// <summary>Ends by cancellation alone.</summary>
    public Task RunAsync(IEnumerable<Duty> duties, CancellationToken cancellationToken) => Task.WhenAll(
        duties.Where(duty => duty.IsForThisNode).Select(duty => KeepAsync(duty, cancellationToken)));

    private async Task KeepAsync(Duty duty, CancellationToken cancellationToken)
    {
        DutyFault? standing = null;
        TimeSpan pause = rhythm.ShortestPause;
        while (true)
        {
            Task<Exception> failing = RunAsync(duty, cancellationToken);
            if (await IsWellAsync(failing, cancellationToken))
            {
                pause = rhythm.ShortestPause;
                Recover(duty, standing);
                standing = null;
            }

            Exception failure = await failing;
            cancellationToken.ThrowIfCancellationRequested();
            standing = new DutyFault
            {
                Name = duty.Name,
                Reason = Describe(duty, failure),
                Since = standing?.Since ?? time.GetUtcNow(),
                Times = (standing?.Times ?? 0) + 1,
            };
            Failed(logger, duty.Name, failure.ToString());
            Tell(standing, pause);
            await Task.Delay(pause, time, cancellationToken);
            pause = pause * 2 < rhythm.LongestPause ? pause * 2 : rhythm.LongestPause;
        }
    }

    /// <summary>What ended it. Whatever of it is still under way is cancelled.</summary>
    private static async Task<Exception> RunAsync(Duty duty, CancellationToken cancellationToken)
    {
        using CancellationTokenSource run = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            // on another thread: what a duty does before its first pause must not keep the next one waiting
            await Task.Run(() => duty.RunAsync(run.Token), CancellationToken.None);
            return new InvalidOperationException("it ended by itself");
        }
#pragma warning disable CA1031 // whatever it is, it is that duty's and not the others'
        catch (Exception e)
#pragma warning restore CA1031
        {
            return e;
        }
        finally
        {
            await run.CancelAsync();
        }
    }

    /// <summary>Whether it goes on for long enough.</summary>
    private async Task<bool> IsWellAsync(Task failing, CancellationToken cancellationToken)
    {
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task whole = Task.Delay(rhythm.Well, time, over.Token);
        bool isWell = await Task.WhenAny(failing, whole) == whole;
        await over.CancelAsync();
        return isWell && !cancellationToken.IsCancellationRequested;
    }

    private void Recover(Duty duty, DutyFault? standing)
    {
        if (standing is not null)
        {
            narrator.Settle(Matter(duty.Name));
            TryTell($"agent: '{duty.Name}' works again", duty.Name, fault: null);
        }
    }

    private void Tell(DutyFault fault, TimeSpan pause) => TryTell(
        string.Create(
            CultureInfo.InvariantCulture,
            $"agent: '{fault.Name}' failed and is tried again in {pause.TotalSeconds:0.##} s: {fault.Reason}"),
        fault.Name, fault);

    /// <summary>A console or a runtime folder that takes nothing is no reason to leave the duties undone.</summary>
    private void TryTell(string line, string name, DutyFault? fault)
    {
        try
        {
            // the longest pause comes again and again, and is said the first time
            narrator.SayOnce(Matter(name), line);
            status.Change(document => document with
            {
                FailingDuties =
                [
                    .. document.FailingDuties.Where(other => other.Name != name),
                    .. fault is null ? Array.Empty<DutyFault>() : [fault],
                ],
            });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Untold(logger, line, FaultText.Of(e));
        }
    }

    private static string Matter(string name) => $"the duty '{name}'";

    private static string Describe(Duty duty, Exception failure) => BootFailure.Describe(
        failure is BootFailure or ConfigurationException
            ? failure
            : new BootFailure(
                "NODE0203", duty.Name, $"{failure.GetType().Name}: {FaultText.Of(failure).ReplaceLineEndings(" ")}",
                "'journalctl -u bootstrapper-agent' has more; report it if it stays"));

    [LoggerMessage(Level = LogLevel.Error, Message = "the duty '{Name}' failed: {Failure}")]
    private static partial void Failed(ILogger logger, string name, string failure);

    [LoggerMessage(Level = LogLevel.Error, Message = "this could not be told: {Line} ({Reason})")]
    private static partial void Untold(ILogger logger, string line, string reason);
}
