using System.Globalization;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Etcd;

/// <summary>
/// Looks after a member's database and disk: alarms, free pages, and how long the disk takes. A slow disk is told and
/// never refused: emulated and busy ones would not join at all.
/// </summary>
/// <param name="address">The machine's own.</param>
/// <param name="access">To members.</param>
/// <param name="patient">To this machine's member, for what takes as long as its database is large.</param>
/// <param name="quota">Of the database, in bytes.</param>
/// <param name="metrics">What etcd gives to Prometheus; null where it does not answer.</param>
/// <param name="narrator">Told what is done and what is wrong.</param>
/// <param name="show">Given what was seen, after each look.</param>
internal sealed class EtcdCare(
    string address, EtcdAccess access, EtcdAccess patient, long quota, Func<CancellationToken, Task<string?>> metrics,
    Narrator narrator, Action<EtcdHealth> show, TimeProvider time)
{
    private const long Mebibyte = 1L << 20;
    private const int FewestFsyncs = 100;

    /// <summary>How many looks back the disk is judged from.</summary>
    private const int LooksOfDisk = 5;

    private static readonly TimeSpan _look = TimeSpan.FromMinutes(1);

    /// <summary>As long as an alarm stands, nobody can write; and a member that starts answers soon.</summary>
    private static readonly TimeSpan _lookInNeed = TimeSpan.FromSeconds(5);

    /// <summary>etcd's own advice (https://etcd.io/docs/v3.5/faq/).</summary>
    private static readonly TimeSpan _slow = TimeSpan.FromMilliseconds(10);

    private const string Effect = "leaders may change and writes wait under load";

    private readonly Queue<FsyncLatency> _fsyncs = [];
    private long _compactedAt;
    private EtcdHealth _seen = new();

    /// <summary>Ends by cancellation alone.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            bool isInNeed = false;
            try
            {
                isInNeed = await LookAsync(cancellationToken);
            }
            catch (Exception e) when (e is EtcdGatewayException or IOException)
            {
                // etcd does not run (yet), or it has no quorum; the service's own health says so
                _seen = _seen with { Alarms = null };
            }

            await LookAtDiskAsync(cancellationToken);
            show(_seen);
            await Task.Delay(isInNeed || _seen.Alarms is null ? _lookInNeed : _look, time, cancellationToken);
        }
    }

    /// <summary>Does what there is to do next.</summary>
    /// <returns>Whether an alarm stands.</returns>
    public async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        using EtcdGateway own = access.Connect(address);
        EtcdMemberStatus status = await own.StatusAsync(cancellationToken);
        if (status.IsLearner || status.LeaderId == 0)
        {
            _seen = _seen with { Alarms = null };
            return false;
        }

        EtcdMemberList list = await own.ListAsync(cancellationToken);
        IReadOnlyList<EtcdAlarm> alarms = await own.AlarmsAsync(cancellationToken);
        _seen = _seen with
        {
            Alarms = [.. alarms.Select(alarm => new EtcdAlarmLine(alarm.Kind, Find(list.Members, alarm.MemberId)))],
        };
        SayAlarms(_seen.Alarms);
        EtcdMemberStatus?[] all = await Task.WhenAll(
            list.Members.Select(member => StatusAsync(member, cancellationToken)));
        await FollowAsync(
            EtcdCareRule.Decide(status, all, alarms, quota, _compactedAt), own, status, alarms, cancellationToken);
        return alarms.Any(alarm => alarm.Kind == EtcdAlarm.NoSpace);
    }

    private async Task FollowAsync(
        EtcdCareStep step, EtcdGateway own, EtcdMemberStatus status, IReadOnlyList<EtcdAlarm> alarms,
        CancellationToken cancellationToken)
    {
        switch (step)
        {
            case EtcdCareStep.Compact compact:
                _compactedAt = compact.Revision; // also where another was quicker: then etcd refuses, and it is done
                await own.CompactAsync(compact.Revision, cancellationToken);
                await HaveFreePagesCountedAsync(own, alarms, cancellationToken);
                narrator.Say($"{EtcdPaths.Unit}: forgot what was before revision {compact.Revision}, to make room");
                break;
            case EtcdCareStep.Defragment:
                long saved = await DefragmentAsync(status, cancellationToken);
                narrator.Say(
                    $"{EtcdPaths.Unit}: wrote its database anew: {status.DatabaseBytes / Mebibyte} MiB, "
                        + $"{saved / Mebibyte} MiB less");
                break;
            case EtcdCareStep.Disarm disarm:
                foreach (EtcdAlarm alarm in disarm.Alarms)
                {
                    await own.DisarmAsync(alarm, cancellationToken);
                }

                narrator.Say($"{EtcdPaths.Unit}: there is room in all members again, writes are taken");
                break;
            case EtcdCareStep.SayFull:
                narrator.SayOnce(
                    "etcd's quota",
                    $"{EtcdPaths.Unit}: {status.DatabaseBytesInUse / Mebibyte} MiB of {quota / Mebibyte} MiB are in "
                        + "use, no write is taken, and nothing can be given back: delete keys, "
                        + "or give the members larger disks");
                break;
            default:
                break;
        }
    }

    /// <summary>
    /// Members count the pages that a compaction freed with the next write that they commit, and none is taken now but
    /// those of alarms.
    /// </summary>
    private static async Task HaveFreePagesCountedAsync(
        EtcdGateway own, IReadOnlyList<EtcdAlarm> alarms, CancellationToken cancellationToken)
    {
        foreach (EtcdAlarm alarm in alarms.Where(alarm => alarm.Kind == EtcdAlarm.NoSpace))
        {
            await own.DisarmAsync(alarm, cancellationToken);
            await own.RaiseAsync(alarm, cancellationToken);
        }
    }

    /// <summary>Bytes that were given back.</summary>
    public async Task<long> DefragmentAsync(EtcdMemberStatus before, CancellationToken cancellationToken)
    {
        using EtcdGateway own = patient.Connect(address);
        await own.DefragmentAsync(cancellationToken);
        return before.DatabaseBytes - (await own.StatusAsync(cancellationToken)).DatabaseBytes;
    }

    private void SayAlarms(IReadOnlyList<EtcdAlarmLine> alarms) =>
        narrator.SayOnce(
            "etcd's alarms",
            [
                .. alarms.Select(alarm =>
                    $"{EtcdPaths.Unit}: {alarm}"
                        + (alarm.Kind == EtcdAlarm.Corrupt
                            ? ": its data differ from the others'; 'bootstrapper reset --yes' there and a reboot "
                                + "let it join anew, then 'etcdctl alarm disarm' takes this back"
                            : "")),
            ]);

    private static string Find(IReadOnlyList<EtcdMemberInfo> members, ulong id) =>
        members.FirstOrDefault(member => member.Id == id)?.ToString() ?? $"a member that is gone ({id:x})";

    private async Task<EtcdMemberStatus?> StatusAsync(EtcdMemberInfo member, CancellationToken cancellationToken)
    {
        try
        {
            using EtcdGateway gateway = access.Connect(member.Address);
            return await gateway.StatusAsync(cancellationToken);
        }
        catch (EtcdGatewayException)
        {
            return null;
        }
    }

    private async Task LookAtDiskAsync(CancellationToken cancellationToken)
    {
        if (await metrics(cancellationToken) is not string text)
        {
            return;
        }

        FsyncLatency now = FsyncLatency.Parse(text);
        if (_fsyncs.TryPeek(out FsyncLatency? oldest))
        {
            if (now.Count < oldest.Count)
            {
                _fsyncs.Clear(); // etcd has started anew
            }
            else if (now.P99Since(oldest, FewestFsyncs) is TimeSpan p99)
            {
                Judge(p99);
            }
        }

        _fsyncs.Enqueue(now);
        if (_fsyncs.Count > LooksOfDisk)
        {
            _fsyncs.Dequeue();
        }
    }

    /// <summary>Said once until it is well: the numbers differ at each look.</summary>
    private void Judge(TimeSpan p99)
    {
        bool wasSlow = _seen.IsDiskSlow;
        _seen = _seen with { FsyncMilliseconds = Math.Round(p99.TotalMilliseconds, 1), IsDiskSlow = p99 > _slow };
        if (_seen.IsDiskSlow && !wasSlow)
        {
            narrator.Say(string.Create(
                CultureInfo.InvariantCulture,
                $"{EtcdPaths.Unit}: its disk is slow: one in a hundred fsyncs takes {p99.TotalMilliseconds:0} ms "
                    + $"or more, and {_slow.TotalMilliseconds:0} ms are the most that it should; "
                    + $"{Effect}"));
        }
    }
}
