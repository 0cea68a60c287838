using Images.Bootstrapper.Files;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Systemd;

namespace Images.Bootstrapper.Kubernetes.ClusterDns;

/// <summary>
/// Keeps the records of this worker's name server as the API's Services and EndpointSlices are, for as long as the
/// machine is up.
/// </summary>
/// <param name="domain">The cluster's domain.</param>
/// <param name="path">
/// The file. It is on the state partition, so that a worker that comes up without the API answers what it knew.
/// </param>
/// <param name="connect">The API as this Node.</param>
/// <param name="readAgain">
/// Lets the name server read the file; false where it does not run, and will read the file when it starts.
/// </param>
/// <param name="narrator">Told when there are records, and what cannot be done, once each.</param>
internal sealed class ClusterDnsDuty(
    string domain, string path, Func<KubernetesClient> connect, Func<CancellationToken, Task<bool>> readAgain,
    Narrator narrator, TimeProvider time)
{
    public const string Unit = "cluster-dns.service";

    /// <summary>Where the role's files expect the records.</summary>
    public const string Records = "/var/lib/cluster-dns/hosts";

    /// <summary>
    /// What changes within it is written together: each time is a write to the disk and empties the
    /// name server's cache.
    /// </summary>
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(1);

    /// <summary>For a name server that did not run, and a disk that was full.</summary>
    private static readonly TimeSpan _again = TimeSpan.FromSeconds(30);

    private string? _written;
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
                await ApplyAsync(ClusterDnsRecords.Of(known, endpoints, domain), cancellationToken);
            }

            await Task.Delay(_pause, time, cancellationToken);
            await signal.WaitAsync(_again, cancellationToken);
        }
    }

    private async Task ApplyAsync(ClusterDnsRecords records, CancellationToken cancellationToken)
    {
        string[] faults = [.. records.Faults, .. Write(records)];
        narrator.SayOnce("cluster DNS", [.. faults.Select(fault => $"cluster DNS: {fault}")]);
        if (_written is not null && !_isRead)
        {
            _isRead = await readAgain(cancellationToken);
        }
    }

    private string[] Write(ClusterDnsRecords records)
    {
        string text = records.ToText();
        if (text == _written)
        {
            return [];
        }

        try
        {
            if (!File.Exists(path) || File.ReadAllText(path) != text)
            {
                AtomicFile.Write(path, text, AtomicFile.Public);
            }
        }
        catch (IOException e)
        {
            return [$"its records cannot be written: {FaultText.Of(e)}"];
        }

        if (_written is null)
        {
            narrator.Say($"cluster DNS: {records.Names} names of {domain}");
        }

        (_written, _isRead) = (text, false);
        return [];
    }
}
