// The two kinds of it, read together.
#pragma warning disable MA0048
using System.Globalization;
using System.Text.Json.Nodes;

namespace Images.Baker.Upgrading;

/// <summary>Holds other upgrades of the cluster off.</summary>
internal interface IUpgradeLock : IAsyncDisposable
{
    /// <summary>Before each step after which a machine is away.</summary>
    /// <exception cref="BakeException">Another upgrade has it now, or it cannot be asked.</exception>
    Task RequireAsync(CancellationToken cancellationToken);
}

/// <summary>A file beside the seeds, for a cluster without an API; free again when this program ends.</summary>
internal sealed class SeedLock : IUpgradeLock
{
    private readonly FileStream _file;

    private SeedLock(FileStream file) => _file = file;

    /// <exception cref="BakeException">Another upgrade has it, or it cannot be made.</exception>
    public static SeedLock Take(string seeds)
    {
        string path = Path.Combine(seeds, "upgrade.lock");
        try
        {
            return new SeedLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BakeException(
                "BAKE0983", path, $"cannot be locked: {e.Message.TrimEnd('.')}.",
                "Wait until the other upgrade has ended.", inner: e);
        }
    }

    public Task RequireAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask DisposeAsync() => _file.DisposeAsync();
}

/// <summary>
/// The Lease <c>images-upgrade</c> in kube-system, by the rule of client-go's leader election: it is free when nobody
/// holds it, or when it has not changed for its duration by the clock of whoever looks. Writes name the version that
/// was read, so of two that find it free one gets a conflict.
/// </summary>
/// <remarks>
/// The only master of a cluster restarts, too; nobody can take the lease meanwhile, and nobody can renew it. So a
/// failed renewal stops nothing by itself: the next step that takes a machine away does not begin without a good one.
/// </remarks>
internal sealed class LeaseLock : IUpgradeLock
{
    public const string Path = Folder + "/images-upgrade";

    private const string Folder = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases";

    private static readonly TimeSpan _duration = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _renewal = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _look = TimeSpan.FromSeconds(2);

    /// <summary>How long a step waits for an API that is away.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan _patienceAtTheEnd = TimeSpan.FromSeconds(10);

    private readonly ApiServer _api;
    private readonly string _holder;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly CancellationTokenSource _end = new();
    private Task _renewing = Task.CompletedTask;

    private LeaseLock(ApiServer api, string holder, TimeProvider time) => (_api, _holder, _time) = (api, holder, time);

    /// <summary>Waits for as long as a holder that has ended without a word keeps it.</summary>
    /// <param name="holder">Like nobody else's.</param>
    /// <param name="say">Told what is waited for.</param>
    /// <exception cref="BakeException">Another upgrade goes on, or the API cannot be asked.</exception>
    public static async Task<LeaseLock> TakeAsync(
        ApiServer api, string holder, Action<string> say, TimeProvider time, CancellationToken cancellationToken)
    {
        LeaseLock taken = new(api, holder, time);
        string? seen = null;
        long seenAt = time.GetTimestamp();
        while (await taken.TryTakeAsync(
            time.GetElapsedTime(seenAt) >= _duration ? seen : null, cancellationToken).ConfigureAwait(false)
            is { } other)
        {
            string version = Text(other, "metadata", "resourceVersion");
            if (seen is null)
            {
                say($"another upgrade, {Text(other, "spec", "holderIdentity")}, has begun at "
                    + $"{Text(other, "spec", "acquireTime")}: is it still there?");
                (seen, seenAt) = (version, time.GetTimestamp());
            }
            else if (seen != version)
            {
                throw Held(other);
            }

            await Task.Delay(_look, time, cancellationToken).ConfigureAwait(false);
        }

        taken._renewing = taken.RenewAsync();
        return taken;
    }

    public async Task RequireAsync(CancellationToken cancellationToken)
    {
        long begun = _time.GetTimestamp();
        while (true)
        {
            try
            {
                if (await TryTakeAsync(expired: null, cancellationToken).ConfigureAwait(false) is { } other)
                {
                    throw Held(other);
                }

                return;
            }
            catch (BakeException e) when (e.Fault == BakeFault.Source && _time.GetElapsedTime(begun) < _patience)
            {
                await Task.Delay(_look, _time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Gives it back, where an API server can be asked; else it ends by itself.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _renewing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        using CancellationTokenSource limit = new(_patienceAtTheEnd, _time);
        try
        {
            bool isConflict;
            do
            {
                // of a renewal that was under way nobody knows whether it was done
                ApiAnswer standing = await _api.GetAsync(Path, limit.Token).ConfigureAwait(false);
                isConflict = standing.IsDone
                    && Text(standing.Body, "spec", "holderIdentity") == _holder
                    && await _api.ReplaceAsync(Path, Lease(standing.Body, holder: null), limit.Token)
                        .ConfigureAwait(false) is { Status: ApiAnswer.Conflict };
            }
            while (isConflict);
        }
        catch (Exception e) when (e is BakeException or OperationCanceledException)
        {
            // it ends by itself
        }

        _end.Dispose();
        _turn.Dispose();
    }

    private static BakeException Held(JsonObject lease) => new(
        "BAKE0983", "the cluster", $"another upgrade goes on, {Text(lease, "spec", "holderIdentity")}, "
            + $"since {Text(lease, "spec", "acquireTime")}.",
        "Wait until that has ended.");

    private async Task RenewAsync()
    {
        while (true)
        {
            await Task.Delay(_renewal, _time, _end.Token).ConfigureAwait(false);
            try
            {
                await TryTakeAsync(expired: null, _end.Token).ConfigureAwait(false);
            }
            catch (BakeException)
            {
                // the next step asks, too
            }
        }
    }

    /// <returns>Null where it is this program's now, else as the other has it.</returns>
    /// <param name="expired">The version that has stood for too long; null for none.</param>
    private async Task<JsonObject?> TryTakeAsync(string? expired, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            while (true)
            {
                ApiAnswer standing = await _api.GetAsync(Path, cancellationToken).ConfigureAwait(false);
                bool isThere = standing.Status != ApiAnswer.NotFound;
                JsonObject? lease = isThere ? ApiServer.Require(standing, $"the lease {Path}") : null;
                string held = lease is null ? "" : Text(lease, "spec", "holderIdentity");
                if (held.Length > 0 && held != _holder && Text(lease!, "metadata", "resourceVersion") != expired)
                {
                    return lease;
                }

                ApiAnswer written = lease is null
                    ? await _api.CreateAsync(Folder, Lease(lease, _holder), cancellationToken).ConfigureAwait(false)
                    : await _api.ReplaceAsync(Path, Lease(lease, _holder), cancellationToken).ConfigureAwait(false);
                if (written.Status != ApiAnswer.Conflict)
                {
                    ApiServer.Require(written, $"the lease {Path}");
                    return null;
                } // else somebody was quicker: who?
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <param name="standing">What stands there; null for nothing.</param>
    /// <param name="holder">Null frees it.</param>
    private JsonObject Lease(JsonObject? standing, string? holder)
    {
        // Kubernetes' MicroTime
        string now = _time.GetUtcNow().UtcDateTime
            .ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
        JsonObject lease = standing?.DeepClone().AsObject() ?? new JsonObject
        {
            ["apiVersion"] = "coordination.k8s.io/v1",
            ["kind"] = "Lease",
            ["metadata"] = new JsonObject { ["name"] = "images-upgrade", ["namespace"] = "kube-system" },
        };
        bool isMine = standing is not null && Text(standing, "spec", "holderIdentity") == holder;
        JsonObject spec = new()
        {
            ["leaseDurationSeconds"] = holder is null ? 1 : (int)_duration.TotalSeconds,
            ["acquireTime"] = isMine ? Text(standing!, "spec", "acquireTime") : now,
            ["renewTime"] = now,
        };
        if (holder is not null)
        {
            spec["holderIdentity"] = holder;
        }

        lease["spec"] = spec;
        return lease;
    }

    private static string Text(JsonObject from, string part, string name) =>
        (from[part] as JsonObject)?[name] is JsonValue value && value.TryGetValue(out string? text) ? text : "";
}
