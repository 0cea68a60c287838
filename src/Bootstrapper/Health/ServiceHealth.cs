using System.Globalization;
using Images.Bootstrapper.Prepare;
using Images.Bootstrapper.Systemd;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Health;

/// <summary>
/// Whether roles' services are ready: their URL answers 2xx, or without one their unit is active. All are asked at a
/// time, systemd once for all of them, and no URL of a unit that does not run: on a machine that starts everything at
/// once, looking must not be what it is busy with. Where all are ready, or systemd's signals are heard, systemd is
/// asked less often than the URLs: it takes a program, which costs more than they do.
/// </summary>
/// <param name="servers">Asks those that want a certificate.</param>
/// <param name="run">Runs a program: its name and arguments.</param>
/// <param name="time">Of the age of systemd's answer.</param>
/// <param name="patience">With one service.</param>
/// <param name="objection">Why a unit, by its name, is not ready though its URL says so; null for none.</param>
internal sealed class ServiceHealth(
    ServerAnswers servers,
    Func<string, IReadOnlyList<string>, CancellationToken, Task<CommandResult>> run,
    TimeProvider time,
    TimeSpan patience,
    Func<string, CancellationToken, Task<string?>>? objection = null) : IDisposable
{
    /// <summary>For so long a unit that has no URL counts as active where nothing tells of its end.</summary>
    public static readonly TimeSpan StatesAge = TimeSpan.FromSeconds(35);

    /// <summary>The same where systemd's signals do.</summary>
    public static readonly TimeSpan StatesAgeWithSignals = TimeSpan.FromMinutes(10);

    private readonly HttpClient _client =
        new() { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = 1 << 16 };
    private IReadOnlyList<UnitState>? _states;
    private long _statesAt;
    private int _changes;

    /// <summary>Whether somebody calls <see cref="Forget"/> whenever a unit's state changes.</summary>
    public bool HearsSignals { get; set; }

    public void Dispose() => _client.Dispose();

    /// <summary>systemd is asked anew at the next look.</summary>
    public void Forget()
    {
        Interlocked.Increment(ref _changes);
        _states = null;
    }

    /// <summary>One report for each service, in their order.</summary>
    public async Task<IReadOnlyList<HealthReport>> AskAsync(
        IReadOnlyList<RoleService> services, CancellationToken cancellationToken)
    {
        if (_states is { } states)
        {
            TimeSpan age = time.GetElapsedTime(_statesAt);
            IReadOnlyList<HealthReport> known = await AskAsync(services, states, cancellationToken);
            bool areReady = known.All(report => report.IsReady);
            if (age < (HearsSignals && areReady ? StatesAgeWithSignals : StatesAge) && (HearsSignals || areReady))
            {
                return known;
            }
        }

        (_statesAt, int changes) = (time.GetTimestamp(), Volatile.Read(ref _changes));
        states = await AskSystemdAsync([.. services.Select(service => service.Unit)], cancellationToken);
        IReadOnlyList<HealthReport> reports = await AskAsync(services, states, cancellationToken);
        bool isStill = changes == Volatile.Read(ref _changes); // else one of them may be no more what it was
        bool isKept = HearsSignals
            ? states.All(state => state.Active is not null)
            : reports.All(report => report.IsReady);
        _states = isStill && isKept ? states : null;
        return reports;
    }

    private async Task<IReadOnlyList<UnitState>> AskSystemdAsync(
        IReadOnlyList<string> units, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        try
        {
            return await UnitStates.AskAsync(run, units, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return [.. units.Select(unit => new UnitState { Unit = unit })];
        }
    }

    private async Task<IReadOnlyList<HealthReport>> AskAsync(
        IReadOnlyList<RoleService> services, IReadOnlyList<UnitState> states, CancellationToken cancellationToken) =>
        await Task.WhenAll(services.Zip(states, (service, state) => AskAsync(service, state, cancellationToken)));

    private async Task<HealthReport> AskAsync(
        RoleService service, UnitState state, CancellationToken cancellationToken)
    {
        string answer = "";
        if (service.Ready is { } place && (state.IsActive || state.Active is null))
        {
            (bool isReady, answer) = await AskUrlAsync(service.Unit, place, cancellationToken);
            if (isReady)
            {
                return new HealthReport { IsReady = true, Detail = answer, State = state };
            }
        }

        string ended = state.IsToBeRestarted ? $" after it ended ({state.Cause})" : "";
        string unit = $"unit {state.Active ?? "unknown"}{ended}";
        return new HealthReport
        {
            IsReady = service.Ready is null && state.IsActive,
            Detail = answer.Length == 0 ? unit : $"{unit}; {answer}",
            State = state,
        };
    }

    private async Task<(bool IsReady, string Answer)> AskUrlAsync(
        string unit, ServiceReady place, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        try
        {
            (bool isReady, string answer) = place.Authority is { } authority
                ? await FetchByTlsAsync(place, authority, limit.Token)
                : await FetchAsync(place.Url, limit.Token);
            string? fault = isReady && objection is not null ? await objection(unit, limit.Token) : null;
            return (isReady && fault is null, fault ?? answer);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (false, string.Create(
                CultureInfo.InvariantCulture, $"{place.Url} gives no answer within {patience.TotalSeconds:0.#} s"));
        }
    }

    private async Task<(bool Ready, string Answer)> FetchAsync(string url, CancellationToken cancellationToken)
    {
        try
        {
            using HttpResponseMessage response = await _client.GetAsync(new Uri(url), cancellationToken);
            return (response.IsSuccessStatusCode, $"{url} answers {(int)response.StatusCode}");
        }
        catch (HttpRequestException)
        {
            return (false, $"{url} is refused");
        }
    }

    private async Task<(bool Ready, string Answer)> FetchByTlsAsync(
        ServiceReady ready, string authority, CancellationToken cancellationToken)
    {
        ServiceAnswer answer = new() { Url = ready.Url, Authority = authority, Certificate = ready.Certificate };
        string? fault = await servers.FaultAsync(new Uri(ready.Url), answer, cancellationToken);
        return (fault is null, fault is null ? $"{ready.Url} answers" : $"{ready.Url}: {fault}");
    }
}
