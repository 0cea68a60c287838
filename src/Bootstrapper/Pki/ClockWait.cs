using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Images.Bootstrapper.Reporting;
using Images.NodeConfig.Metadata;

namespace Images.Bootstrapper.Pki;

/// <summary>
/// Gives time synchronisation a moment before certificates are made, on a machine whose clock is plainly wrong: one
/// without a battery starts at the time of its image. Others lose no time, and one that no time server answers goes on.
/// </summary>
internal sealed class ClockWait(NodeRoot root, TimeProvider clock, TimeProvider steady)
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>systemd-timesyncd makes it once it has set the clock; see systemd-timesyncd.service(8).</summary>
    public const string Synchronised = "/run/systemd/timesync/synchronized";

    private static readonly TimeSpan _tolerance = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(250);

    /// <summary>Null when the clock is believed, else what is wrong with it still.</summary>
    public async Task<string?> RunAsync(
        ClusterSecrets secrets, Action<string, string> waiting, CancellationToken cancellationToken)
    {
        DateTimeOffset floor = ClockFloor.Read(root);
        long started = steady.GetTimestamp();
        while (true)
        {
            TimeSpan uptime = TimeSpan.FromSeconds(MachineClock.UptimeSeconds(root));
            string? fault = File.Exists(root[Synchronised]) ? null : Fault(clock.GetUtcNow(), floor, uptime, secrets);
            if (fault is null || steady.GetElapsedTime(started) >= Patience)
            {
                return fault;
            }

            waiting($"a time server to set the clock, for at most {Patience.TotalSeconds:F0} s", fault);
            await Task.Delay(_pause, steady, cancellationToken);
        }
    }

    /// <summary>Why the clock cannot be right; null when it may be.</summary>
    public static string? Fault(DateTimeOffset now, DateTimeOffset floor, TimeSpan uptime, ClusterSecrets secrets)
    {
        if (now < floor + uptime + _tolerance)
        {
            return $"it says {Text(now)}, and started at the time of this image, {Text(floor)}";
        }

        return Youngest(secrets) is (string name, DateTimeOffset begin) && now < begin
            ? $"it says {Text(now)}, and the authority {name} of the metadata begins at {Text(begin)}"
            : null;
    }

    /// <summary>
    /// The authority of the metadata that begins last, before which it was not yet there; null without any.
    /// </summary>
    public static (string Name, DateTimeOffset Begin)? Youngest(ClusterSecrets secrets)
    {
        (string Name, DateTimeOffset Begin)[] begins =
        [
            .. from pair in secrets.Authorities
               where pair.Value.Count > 0
               let begin = Begin(pair.Value[0])
               where begin is not null
               orderby begin descending, pair.Key
               select (pair.Key, begin.Value),
        ];
        return begins.Length > 0 ? begins[0] : null;
    }

    /// <summary>As the console shows a time.</summary>
    public static string Text(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>Null for a certificate that cannot be read, which whoever needs it refuses by name.</summary>
    private static DateTimeOffset? Begin(ClusterAuthority authority)
    {
        try
        {
            using X509Certificate2 certificate = X509Certificate2.CreateFromPem(authority.Certificate);
            return new DateTimeOffset(certificate.NotBefore);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
