using Images.Bootstrapper.Files;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Systemd;

namespace Images.Bootstrapper.Kubernetes.ClusterDns;

/// <summary>
/// Keeps the records of this worker's name servers as the API's Services and EndpointSlices are, for as long as the
/// machine is up.
/// </summary>
/// <param name="settings">Which names are the cluster's.</param>
/// <param name="hosts">
/// The file of dnsmasq. Both are on the state partition, so that a worker that comes up without the API answers what it
/// knew.
/// </param>
/// <param name="zone">The file of the cluster's own name server, which looks at it for each question.</param>
/// <param name="connect">The API as this Node.</param>
/// <param name="readAgain">
/// Lets dnsmasq read its file; false where it does not run, and will read the file when it starts.
/// </param>
/// <param name="narrator">Told when there are records, and what cannot be done, once each.</param>
internal sealed class ClusterDnsDuty(
    ClusterDnsSettings settings, string hosts, string zone, Func<KubernetesClient> connect,
    Func<CancellationToken, Task<bool>> readAgain, Narrator narrator, TimeProvider time)
{
    public const string Unit = "cluster-dns.service";

    /// <summary>Where the role's files expect the records.</summary>
    public const string Records = "/var/lib/cluster-dns/hosts";

    public const string Zone = "/var/lib/cluster-dns/zone";

    /// <summary>
    /// What changes within it is written together: each time is a write to the disk and empties the
    /// name server's cache.
    /// </summary>
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    /// <summary>For a name server that did not run, and a disk that was full.</summary>
    private static readonly TimeSpan _again = TimeSpan.FromSeconds(30);

    private (string Hosts, string Zone)? _written;
    private bool _isRead;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        ChangeSignal signal = new(time);
        ResourceWatch services = new(connect, KubernetesResource.Services, signal.Set, narrator, time);
        ResourceWatch endpointSlices = new(
            connect, KubernetesResource.EndpointSlicesAsync, "", signal.Set, narrator, time);
        await await Task.WhenAny(
            services.RunAsync(cancellationToken), endpointSlices.RunAsync(cancellationToken),
            FollowAsync(services, endpointSlices, signal, cancellationToken));
    }

    /// <summary>For the name server that systemd runs.</summary>
    public static async Task<bool> ReadAgainAsync(CancellationToken cancellationToken) =>
        (await CommandRunner.RunAsync(
            "systemctl", ["kill", "--kill-whom=main", "--signal=SIGHUP", Unit], cancellationToken)).Succeeded;

    private async Task FollowAsync(
        ResourceWatch services, ResourceWatch endpointSlices, ChangeSignal signal, CancellationToken cancellationToken)
    {
        while (true)
        {
            // before both were listed, nothing is known and nothing that stands is taken away
            if (services.Objects is { } known && endpointSlices.Objects is { } endpoints)
            {
                await ApplyAsync(
                    ClusterDnsRecords.Of(known, endpoints, settings.Domain),
                    ClusterDnsZone.Of(known, endpoints, settings), cancellationToken);
            }

            await Task.Delay(_pause, time, cancellationToken);
            await signal.WaitAsync(_again, cancellationToken);
        }
    }

    private async Task ApplyAsync(
        ClusterDnsRecords records, ClusterDnsZone names, CancellationToken cancellationToken)
    {
        string[] faults = [.. records.Faults, .. names.Faults, .. Write(records, names)];
        narrator.SayOnce("cluster DNS", [.. faults.Select(fault => $"cluster DNS: {fault}")]);
        if (_written is not null && !_isRead)
        {
            _isRead = await readAgain(cancellationToken);
        }
    }

    private string[] Write(ClusterDnsRecords records, ClusterDnsZone names)
    {
        (string Hosts, string Zone) texts = (records.ToText(), names.ToText());
        if (texts == _written)
        {
            return [];
        }

        try
        {
            // the zone first: once dnsmasq has read its file it asks again what it knew of the zone
            Replace(zone, texts.Zone);
            Replace(hosts, texts.Hosts);
        }
        catch (IOException e)
        {
            return [$"its records cannot be written: {FaultText.Of(e)}"];
        }

        if (_written is null)
        {
            narrator.Say($"cluster DNS: {records.Names} names of {settings.Domain}");
        }

        (_written, _isRead) = (texts, false);
        return [];
    }

    private static void Replace(string path, string text)
    {
        if (!File.Exists(path) || File.ReadAllText(path) != text)
        {
            AtomicFile.Write(path, text, AtomicFile.Public);
        }
    }
}
