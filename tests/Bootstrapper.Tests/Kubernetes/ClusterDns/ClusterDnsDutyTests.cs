using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Kubernetes.ClusterDns;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Tests.Kubernetes.Api;
using Images.TestSupport;
using static Images.Bootstrapper.Tests.Kubernetes.ClusterDns.ClusterDnsSample;

namespace Images.Bootstrapper.Tests.Kubernetes.ClusterDns;

public sealed class ClusterDnsDutyTests : IDisposable
{
    private const string Services = "/api/v1/services";
    private const string Slices = "/apis/discovery.k8s.io/v1/endpointslices";
    private const string BetaSlices = "/apis/discovery.k8s.io/v1beta1/endpointslices";
    private const string KubernetesLine = "10.32.0.1 kubernetes.default.svc.cluster.local";

    private readonly FakeWatchApi _api = new();
    private readonly TemporaryFolder _folder = new();
    private readonly CancellationTokenSource _stop = new(TimeSpan.FromMinutes(2));
    private readonly List<string> _said = [];
    private readonly List<string> _read = [];
    private bool _runs = true;

    private string Hosts => _folder["cluster-dns/hosts"];

    private string Zone => _folder["cluster-dns/zone"];

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
        _api.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Records_follow_the_API_and_the_name_server_reads_each_change()
    {
        KubernetesObject database = Service("db", "None"), endpoints = Slice("db", Endpoint("10.200.1.2"));
        _api.Put(Services, Service("kubernetes", "10.32.0.1"));
        Task running = Start();
        await UntilFileAsync(KubernetesLine);
        _api.Put(Slices, endpoints);
        _api.Put(Services, database);
        await UntilFileAsync(KubernetesLine, "10.200.1.2 db.default.svc.cluster.local");
        endpoints.Json["endpoints"]!.AsArray().Add(Endpoint("10.200.2.2"));
        _api.Put(Slices, endpoints);
        await UntilFileAsync(KubernetesLine, "10.200.1.2 db.default.svc.cluster.local", "10.200.2.2 db.default.svc.cluster.local");
        _api.Delete(Services, database);
        await UntilFileAsync(KubernetesLine);

        await UntilAsync(() => _read.Count > 0 && _read[^1] == File.ReadAllText(Hosts));
        _said.ShouldBe(["cluster DNS: 1 names of cluster.local"]);
        File.GetUnixFileMode(Hosts).HasFlag(UnixFileMode.OtherRead).ShouldBeTrue("another user reads it");
        running.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task What_only_the_zone_says_is_written_too_and_dnsmasq_forgets_what_it_was_told_before()
    {
        _api.Put(Services, Service("kubernetes", "10.32.0.1"));
        _ = Start();
        await UntilFileAsync(KubernetesLine);
        await UntilAsync(() => _read.Count == 1);
        KubernetesObject external = Service("out", "");
        external.Json["spec"]!["type"] = "ExternalName";
        external.Json["spec"]!["externalName"] = "www.example.com";
        _api.Put(Services, external);
        await UntilAsync(() => _read.Count == 2);
        File.ReadAllText(Zone).ShouldContain("\nout.default.svc.cluster.local. 5 IN CNAME www.example.com.\n");
        await UntilFileAsync(KubernetesLine);
        File.GetUnixFileMode(Zone).HasFlag(UnixFileMode.OtherRead).ShouldBeTrue("another user reads it");
    }

    [Fact]
    public async Task An_older_server_is_asked_for_the_beta()
    {
        _api.Versions = ["v1beta1"];
        _api.Put(Services, Service("db", "None"));
        _api.Put(BetaSlices, Slice("db", Endpoint("10.200.1.2")));
        _ = Start();
        await UntilFileAsync("10.200.1.2 db.default.svc.cluster.local");
        _api.Requests.ShouldNotContain(line => line.StartsWith($"GET {Slices}?", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nothing_is_taken_away_before_both_kinds_were_listed()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Hosts)!);
        File.WriteAllText(Hosts, "of an earlier boot\n");
        _api.Answer = (_, path) => path == Slices ? (403, $$"""{"kind":"Status","message":"{{path}} is forbidden"}""") : null;
        _api.Put(Services, Service("kubernetes", "10.32.0.1"));
        _ = Start();
        await UntilAsync(() => _said.Count > 0 && _api.Requests.Any(line => line.StartsWith($"GET {Services}?", StringComparison.Ordinal)));
        await Task.Delay(TimeSpan.FromSeconds(2), _stop.Token);
        File.ReadAllText(Hosts).ShouldBe("of an earlier boot\n");
        _said.ShouldBe([$"the Kubernetes API: {Slices} is forbidden"]);

        _api.Answer = (_, _) => null;
        await UntilFileAsync(KubernetesLine);
        await UntilAsync(() => _said.Contains("cluster DNS: 1 names of cluster.local"));
    }

    [Fact]
    public async Task Records_that_stand_are_not_written_again_but_the_name_server_reads_them_once()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Hosts)!);
        File.WriteAllText(Hosts, ClusterDnsRecords.Of([Service("kubernetes", "10.32.0.1")], [], "cluster.local").ToText());
        File.WriteAllText(Zone, ClusterDnsZone.Of([Service("kubernetes", "10.32.0.1")], [], Settings).ToText());
        DateTime written = File.GetLastWriteTimeUtc(Hosts);
        _api.Put(Services, Service("kubernetes", "10.32.0.1"));
        _ = Start();
        await UntilAsync(() => _read.Count > 0);
        _api.Put(Services, Service("out", ""));
        _api.Put(Services, Service("bad name", "10.32.0.3"));
        await UntilAsync(() => _said.Contains("cluster DNS: the Service 'default'/'bad name' cannot have a name in DNS"));
        File.GetLastWriteTimeUtc(Hosts).ShouldBe(written);
        _read.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_name_server_that_did_not_run_is_told_again()
    {
        _runs = false;
        _api.Put(Services, Service("kubernetes", "10.32.0.1"));
        _ = Start();
        await UntilFileAsync(KubernetesLine);
        await UntilAsync(() => _read.Count > 0);
        _runs = true;
        _api.Put(Services, Service("out", ""));
        await UntilAsync(() => _read.Count > 1);
        _said.ShouldBe(["cluster DNS: 1 names of cluster.local"]);
    }

    [Fact]
    public async Task A_disk_that_takes_nothing_is_said_once_and_tried_again()
    {
        File.WriteAllText(_folder["cluster-dns"], "in the way");
        _api.Put(Services, Service("kubernetes", "10.32.0.1"));
        _ = Start();
        await UntilAsync(() => _said.Count > 0);
        _api.Put(Services, Service("web", "10.32.0.7"));
        await Task.Delay(TimeSpan.FromSeconds(2), _stop.Token);
        _said.ShouldHaveSingleItem().ShouldStartWith("cluster DNS: its records cannot be written: ");
        File.Delete(_folder["cluster-dns"]);
        _api.Put(Services, Service("out", ""));
        await UntilFileAsync(KubernetesLine, "10.32.0.7 web.default.svc.cluster.local");
    }

    private Task Start() => new ClusterDnsDuty(Settings, Hosts, Zone, _api.Connect, ReadAgainAsync, new Narrator(Say), TimeProvider.System).RunAsync(_stop.Token);

    private Task<bool> ReadAgainAsync(CancellationToken cancellationToken)
    {
        lock (_said)
        {
            _read.Add(File.ReadAllText(Hosts));
        }

        return Task.FromResult(_runs);
    }

    private void Say(string line)
    {
        lock (_said)
        {
            _said.Add(line);
        }
    }

    private Task UntilFileAsync(params string[] lines) =>
        UntilAsync(() => File.Exists(Hosts) && File.ReadAllLines(Hosts).Where(line => line[0] != '#').SequenceEqual(lines, StringComparer.Ordinal));

    private async Task UntilAsync(Func<bool> condition)
    {
        DateTimeOffset end = DateTimeOffset.UtcNow.AddSeconds(60);
        while (true)
        {
            lock (_said)
            {
                if (condition())
                {
                    return;
                }

                (DateTimeOffset.UtcNow < end).ShouldBeTrue($"{string.Join('\n', _said)}\n{(File.Exists(Hosts) ? File.ReadAllText(Hosts) : "no file")}");
            }

            await Task.Delay(50, _stop.Token);
        }
    }
}
