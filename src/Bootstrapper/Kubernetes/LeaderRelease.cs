using System.Globalization;
using Images.Bootstrapper.Kubernetes.Api;
using Images.Bootstrapper.Reporting;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Kubernetes;

/// <summary>Gives back, before a service starts and after it ended, the lease that its last process held.</summary>
/// <param name="node">Who asks the API.</param>
/// <param name="hostname">Of this machine.</param>
/// <param name="narrator">Told that it was given back, or why that failed.</param>
internal sealed class LeaderRelease(KubernetesNode node, string hostname, Narrator narrator, TimeProvider time)
{
    /// <summary>For all of it; the lease of a slow machine is looked at again after twelve seconds.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Nothing waits for it to succeed: without it the lease ends by itself, later.
    /// </summary>
    public async Task RunAsync(RoleService service, CancellationToken cancellationToken)
    {
        if (service is not { Lease: string lease, Ready.Certificate: string certificate })
        {
            return;
        }

        using CancellationTokenSource limit = new(_patience, time);
        using CancellationTokenSource either =
            CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        List<string> faults = [];
        foreach (Func<KubernetesClient> connect in node.ConnectAsService(certificate))
        {
            if (await TryAsync(connect, lease, either.Token) is not string fault)
            {
                return;
            }

            cancellationToken.ThrowIfCancellationRequested();
            faults.Add(fault);
        }

        narrator.Say(
            $"{service.Unit}: whether its last process still holds the lease {lease} is not known "
                + $"({string.Join("; ", faults.Distinct(StringComparer.Ordinal))}); "
                    + "others lead once that ends by itself");
    }

    /// <summary>Null when it was asked and, if need be, given back.</summary>
    private async Task<string?> TryAsync(
        Func<KubernetesClient> connect, string lease, CancellationToken cancellationToken)
    {
        try
        {
            using KubernetesClient client = connect();
            if (await new LeaderLease(lease, hostname, time).GiveBackAsync(client, cancellationToken))
            {
                narrator.Say($"the lease {lease} is given back: this machine's process that held it has ended");
            }

            return null;
        }
        catch (Exception e) when (e is KubernetesApiException or IOException)
        {
            return FaultText.Of(e);
        }
        catch (OperationCanceledException)
        {
            return string.Create(CultureInfo.InvariantCulture, $"no answer within {_patience.TotalSeconds:F0} s");
        }
    }
}
