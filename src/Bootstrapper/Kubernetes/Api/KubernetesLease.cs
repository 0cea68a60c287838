using System.Globalization;
using System.Text.Json.Nodes;

namespace Images.Bootstrapper.Kubernetes.Api;

/// <summary>
/// A Lease that one holder has at a time, by the rule of client-go's leader election: it is free when nobody holds it,
/// or when it has not changed for its duration by the clock of whoever looks, so that the clocks of two machines are
/// never compared. Writes name the version that was read, so of two that find it free one gets a conflict.
/// </summary>
internal sealed class KubernetesLease(
    string namespaceName, string name, string holder, LeaseTimes times, TimeProvider time)
{
    private static readonly TimeSpan _releasePatience = TimeSpan.FromSeconds(10);

    private readonly string _path = KubernetesResource.Leases.One(name, namespaceName);

    private KubernetesObject? _seen;
    private long _seenAt;
    private long _takenAt;

    /// <summary>Who holds it, as last seen; empty where nobody does.</summary>
    public string Holder => _seen?.Text("spec", "holderIdentity") ?? "";

    /// <summary>Takes or renews it. False while another holds it, or was quicker.</summary>
    /// <exception cref="KubernetesApiException">It could not be asked.</exception>
    public async Task<bool> TryTakeAsync(KubernetesClient client, CancellationToken cancellationToken)
    {
        long begun = time.GetTimestamp();
        KubernetesObject? standing = await client.FindAsync(_path, cancellationToken);
        if (standing is not null)
        {
            See(standing);
            if (Holder.Length > 0 && Holder != holder && !IsExpired())
            {
                return false;
            }
        }

        try
        {
            See(standing is null
                ? await client.CreateAsync(KubernetesResource.Leases.In(namespaceName), Taken(null), cancellationToken)
                : await client.ReplaceAsync(_path, Taken(standing), cancellationToken));
        }
        catch (KubernetesApiException e) when (e.IsConflict)
        {
            return false;
        }

        _takenAt = begun;
        return true;
    }

    /// <summary>Works under the lease, renews it meanwhile and gives it back. False where another holds it.</summary>
    /// <exception cref="KubernetesApiException">
    /// It could not be asked, or was lost: then the work was cancelled.
    /// </exception>
    public async Task<bool> WorkAsync(
        KubernetesClient client, Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        if (!await TryTakeAsync(client, cancellationToken))
        {
            return false;
        }

        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task renewing = RenewAsync(client, end.Token);
        Task working = WorkAsync();
        bool isLost = await Task.WhenAny(working, renewing) == renewing;
        await end.CancelAsync();
        await renewing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await working.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        string fate = Holder == holder
            ? "could not be renewed in time"
            : $"is held by {(Holder.Length == 0 ? "nobody" : Holder)} now";
        await ReleaseAsync(client);
        if (isLost && !working.IsCompletedSuccessfully && !cancellationToken.IsCancellationRequested)
        {
            throw new KubernetesApiException(0, $"the lease {namespaceName}/{name} {fate}");
        }

        await working;
        return true;

        async Task WorkAsync() => await work(end.Token);
    }

    /// <summary>Ends when the lease is another's, or may soon be.</summary>
    private async Task RenewAsync(KubernetesClient client, CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(times.Renewal, time, cancellationToken);
            TimeSpan left = times.Deadline - time.GetElapsedTime(_takenAt);
            if (left <= TimeSpan.Zero)
            {
                return;
            }

            using CancellationTokenSource limit = new(left, time);
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(
                limit.Token, cancellationToken);
            try
            {
                if (!await TryTakeAsync(client, either.Token) && Holder != holder)
                {
                    return;
                }
            }
            catch (KubernetesApiException)
            {
                // tried again until the deadline
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>
    /// Also where the work was cancelled. Looks first: of a renewal that was under way when the work ended nobody knows
    /// whether it was done.
    /// </summary>
    private async Task ReleaseAsync(KubernetesClient client)
    {
        using CancellationTokenSource limit = new(_releasePatience, time);
        try
        {
            while (await client.FindAsync(_path, limit.Token) is { } standing
                && !await TryFreeAsync(client, standing, limit.Token))
            {
                // the renewal was done in between
            }
        }
        catch (Exception e) when (e is KubernetesApiException or OperationCanceledException)
        {
            // it expires by itself
        }
    }

    /// <summary>True when it is not ours any more.</summary>
    private async Task<bool> TryFreeAsync(
        KubernetesClient client, KubernetesObject standing, CancellationToken cancellationToken)
    {
        See(standing);
        if (Holder != holder)
        {
            return true;
        }

        try
        {
            See(await client.ReplaceAsync(_path, Freed(standing, time), cancellationToken));
            return true;
        }
        catch (KubernetesApiException e) when (e.IsConflict)
        {
            return false;
        }
    }

    /// <summary>The lease with no holder, so that whoever looks takes it at once.</summary>
    public static JsonObject Freed(KubernetesObject standing, TimeProvider time)
    {
        JsonObject lease = standing.Json.DeepClone().AsObject();
        if (lease["spec"] is not JsonObject spec)
        {
            lease["spec"] = spec = [];
        }

        spec.Remove("holderIdentity");
        spec["leaseDurationSeconds"] = 1;
        spec["renewTime"] = Now(time);
        return lease;
    }

    private JsonObject Taken(KubernetesObject? standing)
    {
        bool isMine = standing is not null && Holder == holder;
        JsonObject lease = standing?.Json.DeepClone().AsObject() ?? new JsonObject
        {
            ["apiVersion"] = "coordination.k8s.io/v1",
            ["kind"] = "Lease",
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = namespaceName },
        };
        lease["spec"] = new JsonObject
        {
            ["holderIdentity"] = holder,
            ["leaseDurationSeconds"] = (int)times.Duration.TotalSeconds,
            ["acquireTime"] = isMine ? standing!.Text("spec", "acquireTime") : Now(time),
            ["renewTime"] = Now(time),
            ["leaseTransitions"] =
                (standing?.Number("spec", "leaseTransitions") ?? 0) + (standing is null || isMine ? 0 : 1),
        };
        return lease;
    }

    /// <summary>Counts from the first look at this version.</summary>
    private void See(KubernetesObject lease)
    {
        if (_seen?.ResourceVersion != lease.ResourceVersion)
        {
            _seenAt = time.GetTimestamp();
        }

        _seen = lease;
    }

    private bool IsExpired() =>
        time.GetElapsedTime(_seenAt) >= TimeSpan.FromSeconds(
            _seen!.Number("spec", "leaseDurationSeconds") ?? (long)times.Duration.TotalSeconds);

    /// <summary>Kubernetes' MicroTime.</summary>
    private static string Now(TimeProvider time) =>
        time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
