// One closed family, read together: what the agent of a member's machine has seen last of its database and disk.
#pragma warning disable MA0048
using System.Globalization;

namespace Images.Bootstrapper.Reporting;

/// <summary>Of a machine with the role etcd.</summary>
internal sealed record EtcdHealth
{
    /// <summary>Alarms of all members; null where this one did not answer at the last look.</summary>
    public IReadOnlyList<EtcdAlarmLine>? Alarms { get; init; }

    /// <summary>
    /// What 99 of 100 fsyncs of the last minutes took at most, in milliseconds; null before there were enough of them.
    /// </summary>
    public double? FsyncMilliseconds { get; init; }

    /// <summary>Whether that is more than etcd bears under load.</summary>
    public bool IsDiskSlow { get; init; }

    /// <summary>For people, a line each.</summary>
    public IEnumerable<string> Describe()
    {
        if (Alarms is { } alarms)
        {
            foreach (EtcdAlarmLine alarm in alarms)
            {
                yield return alarm.ToString();
            }

            if (alarms.Count == 0)
            {
                yield return "no alarm";
            }
        }

        if (FsyncMilliseconds is { } fsync)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{(IsDiskSlow ? "slow disk" : "disk")}: 99 of 100 fsyncs take at most {fsync:0.#} ms"
                    + $"{(IsDiskSlow ? ", and 10 ms are the most that they should" : "")}");
        }
    }
}

/// <summary>An alarm that stands until somebody takes it back.</summary>
/// <param name="Kind">As etcd calls it, for example NOSPACE.</param>
/// <param name="Member">Whose, with its id and address.</param>
internal sealed record EtcdAlarmLine(string Kind, string Member)
{
    public override string ToString() => $"alarm {Kind} of {Member}";
}
