using System.Text.Json;
using Images.Bootstrapper.Agent;
using Images.Bootstrapper.Cli;
using Images.Bootstrapper.Reporting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Images.Bootstrapper.Tests.Agent;

public sealed class SupervisorTests : IDisposable
{
    private static readonly SupervisorRhythm _quick = new()
    {
        ShortestPause = TimeSpan.FromMilliseconds(20),
        LongestPause = TimeSpan.FromMilliseconds(80),
        Well = TimeSpan.FromMilliseconds(200),
    };

    private readonly FakeMachine _machine = new();
    private readonly CancellationTokenSource _stop = new(TimeSpan.FromSeconds(60));
    private readonly List<string> _said = [];
    private readonly StatusBoard _status;

    public SupervisorTests() =>
        _status = new StatusBoard(_machine.Root, new StatusDocument { Phase = StatusDocument.RolesStarted, BootStarted = 0 });

    public void Dispose()
    {
        _stop.Dispose();
        _machine.Dispose();
    }

    [Fact]
    public async Task A_duty_that_throws_ends_no_other_and_is_tried_again()
    {
        int tries = 0, rounds = 0;
        Task running = RunAsync(
            new Duty("bad", true, _ => ++tries > 0 ? throw new InvalidOperationException("odd bytes") : Task.CompletedTask),
            new Duty("good", true, async cancellationToken =>
            {
                for (; ; rounds++)
                {
                    await Task.Delay(5, cancellationToken);
                }
            }));
        await UntilAsync(() => tries >= 4);
        int before = rounds;
        await UntilAsync(() => rounds > before + 3);
        running.IsCompleted.ShouldBeFalse();
        await StopAsync(running);
    }

    [Fact]
    public async Task Pauses_grow_and_each_failure_is_said_until_they_grow_no_longer()
    {
        int tries = 0;
        Task running = RunAsync(new Duty("bad", true, _ => ++tries > 0 ? throw new BootFailure("NODE0304", "node.x", "it is missing", "add it") : Task.CompletedTask));
        await UntilAsync(() => tries >= 6);
        await StopAsync(running);
        Said().ShouldBe([
            "agent: 'bad' failed and is tried again in 0.02 s: NODE0304  node.x: it is missing; add it",
            "agent: 'bad' failed and is tried again in 0.04 s: NODE0304  node.x: it is missing; add it",
            "agent: 'bad' failed and is tried again in 0.08 s: NODE0304  node.x: it is missing; add it",
        ]);
    }

    [Fact]
    public async Task Status_shows_what_fails_with_its_reason_and_since_when_until_it_has_run_well_for_a_while()
    {
        TaskCompletionSource mended = new();
        Task running = RunAsync(
            new Duty("bad", true, async cancellationToken =>
            {
                await Task.Yield();
                if (!mended.Task.IsCompleted)
                {
                    throw new InvalidOperationException("odd bytes");
                }

                await Task.Delay(Timeout.Infinite, cancellationToken);
            }),
            new Duty("good", true, cancellationToken => Task.Delay(Timeout.Infinite, cancellationToken)));
        await UntilAsync(() => Fault() is { Times: >= 2 });
        Fault()!.Name.ShouldBe("bad");
        Fault()!.Since.ShouldBeGreaterThan(DateTimeOffset.UtcNow.AddMinutes(-1));
        Status(json: false).ShouldContain($"duty      bad: fails since {Fault()!.Since:yyyy-MM-dd HH:mm:ss} UTC, last with NODE0203  bad: InvalidOperationException: odd bytes; ");
        JsonElement duty = JsonDocument.Parse(Status(json: true)).RootElement.GetProperty("failingDuties").EnumerateArray().ShouldHaveSingleItem();
        duty.GetProperty("reason").GetString()!.ShouldContain("odd bytes");

        mended.SetResult();
        await UntilAsync(() => Fault() is null);
        Said()[^1].ShouldBe("agent: 'bad' works again");
        Status(json: false).ShouldNotContain("duty ");
        await StopAsync(running);
    }

    [Fact]
    public async Task A_duty_that_ends_or_that_a_time_out_of_its_own_ends_has_failed()
    {
        Task running = RunAsync(
            new Duty("short", true, _ => Task.CompletedTask),
            new Duty("late", true, _ => Task.FromException(new TaskCanceledException("a time-out"))));
        await UntilAsync(() => Said().Length >= 2);
        Said().ShouldContain(line => line.StartsWith("agent: 'short' failed", StringComparison.Ordinal) && line.Contains("it ended by itself"));
        Said().ShouldContain(line => line.StartsWith("agent: 'late' failed", StringComparison.Ordinal) && line.Contains("a time-out"));
        running.IsCompleted.ShouldBeFalse();
        await StopAsync(running);
    }

    [Fact]
    public async Task What_a_failed_duty_had_under_way_is_cancelled_before_it_is_tried_again()
    {
        List<CancellationToken> tokens = [];
        Task running = RunAsync(new Duty("bad", true, cancellationToken =>
        {
            lock (tokens)
            {
                tokens.Add(cancellationToken);
            }

            throw new InvalidOperationException();
        }));
        await UntilAsync(() => tokens.Count >= 2);
        tokens[0].IsCancellationRequested.ShouldBeTrue();
        await StopAsync(running);
    }

    [Fact]
    public async Task A_duty_of_other_machines_is_not_run()
    {
        bool ran = false;
        Task running = RunAsync(new Duty("other", false, _ => Task.FromResult(ran = true)), new Duty("own", true, token => Task.Delay(Timeout.Infinite, token)));
        await Task.Delay(50, _stop.Token);
        ran.ShouldBeFalse();
        await StopAsync(running);
    }

    [Fact]
    public async Task A_machine_whose_status_cannot_be_written_goes_on_with_all_duties()
    {
        int tries = 0;
        Directory.CreateDirectory(_machine.Root[NodeConfig.NodePaths.Status]);
        Task running = RunAsync(new Duty("bad", true, _ => ++tries > 0 ? throw new InvalidOperationException() : Task.CompletedTask));
        await UntilAsync(() => tries >= 3);
        await StopAsync(running);
    }

    private Task RunAsync(params Duty[] duties) => new Supervisor(
        new Narrator(Say), _status, _quick, TimeProvider.System, NullLogger.Instance).RunAsync(duties, _stop.Token);

    private async Task StopAsync(Task running)
    {
        await _stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(running);
    }

    private DutyFault? Fault() => StatusFile.Read(_machine.Root)?.FailingDuties.SingleOrDefault();

    private string Status(bool json)
    {
        using StringWriter output = new();
        StatusCommand.Run(_machine.Root, output, json);
        return output.ToString();
    }

    private void Say(string line)
    {
        lock (_said)
        {
            _said.Add(line);
        }
    }

    private string[] Said()
    {
        lock (_said)
        {
            return [.. _said];
        }
    }

    private async Task UntilAsync(Func<bool> isSo)
    {
        while (!isSo())
        {
            await Task.Delay(5, _stop.Token);
        }
    }
}
