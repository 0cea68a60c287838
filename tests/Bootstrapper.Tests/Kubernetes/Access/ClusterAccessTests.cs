using System.Text.Json.Nodes;
using Images.Bootstrapper.Kubernetes.Access;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Tests.Kubernetes.Api;
using Images.Bootstrapper.Tests.Kubernetes.Approval;

namespace Images.Bootstrapper.Tests.Kubernetes.Access;

/// <summary>How the rules and tokens are kept; what a real API server makes of them is judged by <see cref="ApiServerTests"/>.</summary>
public sealed class ClusterAccessTests : IDisposable
{
    private const string Core = """{"resources":[{"kind":"ConfigMap","name":"configmaps","namespaced":true}]}""";
    private readonly FakeWatchApi _api = new();
    private readonly CancellationTokenSource _stop = new(TimeSpan.FromMinutes(2));
    private readonly List<string> _said = [];
    private readonly VirtualTime _time = new();
    private volatile string _bounds = "";

    public void Dispose()
    {
        _stop.Cancel();
        _api.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task An_API_that_is_away_is_said_once_and_asked_again_until_all_stands()
    {
        int refusals = 0;
        _api.Answer = (method, path) => (method, path) switch
        {
            _ when refusals < 5 => Refused(ref refusals),
            ("GET", "/api/v1") => (200, Core),
            ("GET", "/api/v1/namespaces/kube-system/secrets/bootstrap-token-abcdef") => (404, "{}"),
            ("GET", _) => null,
            _ => (200, "{}"),
        };
        ClusterAccess access = Access();
        Task running = access.RunAsync(_stop.Token);
        access.Applied.IsCompleted.ShouldBeFalse();
        await access.Applied.WaitAsync(TimeSpan.FromMinutes(1));
        await UntilAsync(() => _api.Requests.Count(line => line.StartsWith("PATCH", StringComparison.Ordinal)) > 2);
        await _stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(running);

        _said.ShouldBe(["access rules and bootstrap tokens cannot be applied, trying again: HTTP status 503 for /api/v1", "the cluster's access rules and bootstrap tokens stand"]);
        _api.Requests.ShouldContain("PATCH /api/v1/namespaces/default/configmaps/rule?fieldManager=images&force=true");
        _api.Requests.ShouldContain("POST /api/v1/namespaces/kube-system/secrets?fieldManager=images");
        _time.Elapsed.ShouldBeGreaterThan(TimeSpan.FromHours(1), "what others change is set right again after a while");
    }

    [Fact]
    public async Task Tokens_that_the_metadata_no_longer_has_go_once_after_a_boot_and_not_at_later_looks()
    {
        _api.Put("/api/v1/namespaces/kube-system/secrets", new KubernetesObject(new JsonObject { ["metadata"] = new JsonObject { ["name"] = "bootstrap-token-zzzzzz" } }));
        _api.Answer = (method, path) => (method, path) switch
        {
            ("GET", "/api/v1") => (200, Core),
            ("GET", "/api/v1/namespaces/kube-system/secrets/bootstrap-token-abcdef") => (404, "{}"),
            ("GET", _) => null,
            _ => (200, "{}"),
        };
        Task running = Access().RunAsync(_stop.Token);
        await UntilAsync(() => _api.Requests.Count(line => line.StartsWith("PATCH", StringComparison.Ordinal)) > 3);
        await _stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(running);

        _api.Requests.Count(line => line.StartsWith("DELETE", StringComparison.Ordinal)).ShouldBe(1);
        _api.Requests.ShouldContain("DELETE /api/v1/namespaces/kube-system/secrets/bootstrap-token-zzzzzz?propagationPolicy=Background");
        _said.ShouldBe(["removed bootstrap-token-zzzzzz, which is no longer in the metadata", "the cluster's access rules and bootstrap tokens stand"]);
    }

    [Fact]
    public async Task Bounds_that_the_API_does_not_take_are_said_and_nothing_waits_for_them()
    {
        _bounds = "apiVersion: v1\nkind: Unknown\nmetadata: { name: bound }\n";
        _api.Answer = (method, path) => (method, path) switch
        {
            ("GET", "/api/v1") => (200, Core),
            ("GET", "/api/v1/namespaces/kube-system/secrets/bootstrap-token-abcdef") => (404, "{}"),
            ("GET", _) => null,
            _ => (200, "{}"),
        };
        ClusterAccess access = Access();
        Task running = access.RunAsync(_stop.Token);
        await access.Applied.WaitAsync(TimeSpan.FromMinutes(1));
        await UntilAsync(() => _said.Count > 1);
        _bounds = _bounds.Replace("Unknown", "ConfigMap", StringComparison.Ordinal);
        await UntilAsync(() => _api.Requests.Any(line => line.StartsWith("PATCH /api/v1/namespaces/default/configmaps/bound", StringComparison.Ordinal)));
        await _stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(running);
        _said.ShouldBe(["the cluster's access rules and bootstrap tokens stand", "what machines may store cannot be bounded, trying again: the server knows no Unknown of v1"]);
    }

    private static (int, string) Refused(ref int count)
    {
        count++;
        return (503, "");
    }

    private ClusterAccess Access() => new(
        _api.Connect,
        () => ManifestReader.Read("apiVersion: v1\nkind: ConfigMap\nmetadata: { name: rule }\n", "rules"),
        () => _bounds.Length == 0 ? [] : ManifestReader.Read(_bounds, "bounds"),
        () => [TokenSecret.For("abcdef", "0123456789abcdef", CsrSample.WorkerGroup, expires: null)],
        new Narrator(_said.Add),
        _time);

    private async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            _stop.IsCancellationRequested.ShouldBeFalse(string.Join('\n', _said.Concat(_api.Requests)));
            await Task.Delay(20);
        }
    }
}
