namespace Images.Bootstrapper.Kubernetes.Api;

/// <summary>
/// The Lease of a service of which one machine's process leads (client-go's leader election). A process that ends
/// without a word keeps it: whoever else asks waits for its whole duration and, since another process has another name,
/// so does the next one of the same machine. This gives it back in the dead process's place.
/// </summary>
/// <param name="name">Of the Lease in kube-system.</param>
/// <param name="hostname">
/// Of this machine, whose process runs no more: client-go's holders are called by the host's name, a low line and what
/// is different each time.
/// </param>
internal sealed class LeaderLease(string name, string hostname, TimeProvider time)
{
    /// <summary>Kubernetes' own components renew a lease some seven times within its duration.</summary>
    private const int LooksOfALife = 5;

    private const long UsualSeconds = 15;

    private readonly string _path = KubernetesResource.Leases.One(name, "kube-system");

    /// <summary>
    /// Gives it back if this machine's process held it. A second look shows that nobody renews it: that is another
    /// machine of this name, or a process that was started meanwhile. The write names the version that was looked at.
    /// </summary>
    /// <returns>Whether it was given back.</returns>
    /// <exception cref="KubernetesApiException">The API could not be asked.</exception>
    public async Task<bool> GiveBackAsync(KubernetesClient client, CancellationToken cancellationToken)
    {
        if (await client.FindAsync(_path, cancellationToken) is not { } held || !IsOfThisMachine(held))
        {
            return false;
        }

        long seconds = held.Number("spec", "leaseDurationSeconds") ?? UsualSeconds;
        await Task.Delay(TimeSpan.FromSeconds(seconds) / LooksOfALife, time, cancellationToken);
        if (await client.FindAsync(_path, cancellationToken) is not { } still
            || still.ResourceVersion != held.ResourceVersion)
        {
            return false;
        }

        try
        {
            await client.ReplaceAsync(_path, KubernetesLease.Freed(still, time), cancellationToken);
            return true;
        }
        catch (KubernetesApiException e) when (e.IsConflict || e.IsNotFound)
        {
            return false;
        }
    }

    private bool IsOfThisMachine(KubernetesObject lease) =>
        lease.Text("spec", "holderIdentity").StartsWith($"{hostname}_", StringComparison.Ordinal);
}
