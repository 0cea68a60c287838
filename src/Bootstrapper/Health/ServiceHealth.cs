using Images.Bootstrapper.Prepare;
using Images.Bootstrapper.Systemd;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Health;

/// <summary>
/// Whether roles' services are ready: their URL answers 2xx, or without one their unit is active. systemd is asked once
/// for all of them, and no URL of a unit that does not run: on a machine that starts everything at once, looking must
/// not be what it is busy with. Where all are ready, systemd is asked less often than the URLs: it takes a program,
/// which costs more than they do.
/// </summary>
/// <param name="servers">Asks those that want a certificate.</param>
/// <param name="run">Runs a program: its name and arguments.</param>
/// <param name="time">Of the age of systemd's answer.</param>
/// <param name="objection">Why a unit, by its name, is not ready though its URL says so; null for none.</param>
internal sealed class ServiceHealth(
    ServerAnswers servers,
    Func<string, IReadOnlyList<string>, CancellationToken, Task<CommandResult>> run,
    TimeProvider time,
    Func<string, CancellationToken, Task<string?>>? objection = null) : IDisposable
{
    /// <summary>For so long a unit that has no URL counts as active.</summary>
    public static readonly TimeSpan StatesAge = TimeSpan.FromSeconds(35);

    private const string Active = "active";
    private const string Unknown = "unknown";

    private readonly HttpClient _client =
        new() { Timeout = TimeSpan.FromSeconds(3), MaxResponseContentBufferSize = 1 << 16 };
    private IReadOnlyList<string>? _statesOfAllReady;
    private long _statesAt;

    public void Dispose() => _client.Dispose();

    /// <summary>One report for each service, in their order.</summary>
    public async Task<IReadOnlyList<HealthReport>> AskAsync(
        IReadOnlyList<RoleService> services, CancellationToken cancellationToken)
    {
        if (_statesOfAllReady is { } states && time.GetElapsedTime(_statesAt) < StatesAge
            && await AskAsync(services, states, cancellationToken) is var still && still.All(report => report.IsReady))
        {
            return still;
        }

        states = await UnitStatesAsync([.. services.Select(service => service.Unit)], cancellationToken);
        _statesAt = time.GetTimestamp();
        IReadOnlyList<HealthReport> reports = await AskAsync(services, states, cancellationToken);
        _statesOfAllReady = reports.All(report => report.IsReady) ? states : null;
        return reports;
    }

    private async Task<IReadOnlyList<HealthReport>> AskAsync(
        IReadOnlyList<RoleService> services, IReadOnlyList<string> states, CancellationToken cancellationToken)
    {
        List<HealthReport> reports = [];
        for (int index = 0; index < services.Count; index++)
        {
            reports.Add(await AskAsync(services[index], states[index], cancellationToken));
        }

        return reports;
    }

    private async Task<HealthReport> AskAsync(RoleService service, string state, CancellationToken cancellationToken)
    {
        string answer = "";
        if (service.Ready is { } place && state is (Active or Unknown))
        {
            (bool ready, answer) = place.Authority is { } authority
                ? await FetchByTlsAsync(place, authority, cancellationToken)
                : await FetchAsync(place.Url, cancellationToken);
            string? fault = ready && objection is not null ? await objection(service.Unit, cancellationToken) : null;
            answer = fault ?? answer;
            if (ready && fault is null)
            {
                return new HealthReport { IsReady = true, Detail = answer };
            }
        }

        return new HealthReport
        {
            IsReady = service.Ready is null && state == Active,
            HasFailed = state == "failed",
            Detail = answer.Length == 0 ? $"unit {state}" : $"unit {state}; {answer}",
        };
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
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (false, $"{url} does not answer");
        }
    }

    private async Task<(bool Ready, string Answer)> FetchByTlsAsync(
        ServiceReady ready, string authority, CancellationToken cancellationToken)
    {
        ServiceAnswer answer = new() { Url = ready.Url, Authority = authority, Certificate = ready.Certificate };
        string? fault = await servers.FaultAsync(new Uri(ready.Url), answer, cancellationToken);
        return (fault is null, fault is null ? $"{ready.Url} answers" : $"{ready.Url}: {fault}");
    }

    private async Task<IReadOnlyList<string>> UnitStatesAsync(
        IReadOnlyList<string> units, CancellationToken cancellationToken)
    {
        CommandResult result = await run(
            "systemctl", ["show", "--property=ActiveState", "--value", .. units], cancellationToken);
        string[] states = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return result.Succeeded && states.Length == units.Count ? states : [.. units.Select(_ => Unknown)];
    }
}
