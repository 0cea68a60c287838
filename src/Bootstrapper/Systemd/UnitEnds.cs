namespace Images.Bootstrapper.Systemd;

/// <summary>
/// Tells from one look at a unit to the next how often its program has ended without anybody having asked for that.
/// Two things show it: a new moment of its end, with the cause, for as long as systemd waits to start it again; and the
/// number of restarts, which comes later and misses none.
/// </summary>
internal sealed class UnitEnds
{
    private long _exitedAt;
    private int? _restarts;

    /// <summary>Ends that were seen before systemd counted the restart that followed.</summary>
    private int _ahead;

    /// <summary>Goes on where another of its kind stopped.</summary>
    public void Resume(int restarts) => _restarts = restarts;

    /// <returns>How many times it has ended since the last look, and why the last time if that was seen.</returns>
    public (int Times, string? Cause) See(UnitState now)
    {
        if (now.Active is null || (now.IsStopping && now.Result == UnitState.Success))
        {
            return (0, null); // what comes of it is not known yet: it may be asked for, or be an end by itself
        }

        // started by somebody, systemd counts anew
        int grown = now.Restarts >= (_restarts ?? now.Restarts) ? now.Restarts - (_restarts ?? now.Restarts)
            : now.Restarts;
        bool hasExited = now.ExitedAt > _exitedAt;
        bool isUnasked = now.Result != UnitState.Success || now.IsToBeRestarted || grown > 0;
        (_exitedAt, _restarts) = (Math.Max(_exitedAt, now.ExitedAt), now.Restarts);

        // without an end of the program, restarts are those of a preparation that gave up and said why
        int missed = hasExited || now.IsActive ? Math.Max(0, grown - _ahead) : 0;
        int times = Math.Max(hasExited && isUnasked ? 1 : 0, missed);
        _ahead = Math.Max(0, _ahead + times - grown);
        return (times, times > 0 && hasExited ? now.Cause : null);
    }
}
