using Images.Bootstrapper.Prepare;
using Images.Bootstrapper.Systemd;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Health;

/// <summary>Whether a role's service is ready: its URL answers 2xx, or without one its unit is active.</summary>
internal sealed class ServiceHealth(ServerAnswers servers) : IDisposable
{
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(3), MaxResponseContentBufferSize = 1 << 16 };

    public void Dispose() => _client.Dispose();

    public async Task<HealthReport> AskAsync(RoleService service, CancellationToken cancellationToken)
    {
        string answer = "";
        if (service.Ready is { } place)
        {
            (bool ready, answer) = place.Authority is { } authority
                ? await FetchByTlsAsync(place, authority, cancellationToken)
                : await FetchAsync(place.Url, cancellationToken);
            if (ready)
            {
                return new HealthReport { IsReady = true, Detail = answer };
            }
        }

        string state = await UnitStateAsync(service.Unit, cancellationToken);
        return new HealthReport
        {
            IsReady = service.Ready is null && state == "active",
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

    private async Task<(bool Ready, string Answer)> FetchByTlsAsync(ServiceReady ready, string authority, CancellationToken cancellationToken)
    {
        ServiceAnswer answer = new() { Url = ready.Url, Authority = authority, Certificate = ready.Certificate };
        string? fault = await servers.FaultAsync(new Uri(ready.Url), answer, cancellationToken);
        return (fault is null, fault is null ? $"{ready.Url} answers" : $"{ready.Url}: {fault}");
    }

    private static async Task<string> UnitStateAsync(string unit, CancellationToken cancellationToken)
    {
        CommandResult result = await CommandRunner.RunAsync("systemctl", ["show", "--property=ActiveState", "--value", unit], cancellationToken);
        return result.Succeeded && result.Output.Length > 0 ? result.Output : "unknown";
    }
}
