using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Tmds.DBus.Protocol;

namespace Images.Bootstrapper.Systemd;

/// <summary>
/// Hears on the system bus that systemd has changed something of a unit (org.freedesktop.systemd1(5)). What it is
/// now, whoever hears it asks: a signal may tell of less than there is by then, and one may have been missed.
/// </summary>
/// <param name="units">Those that matter.</param>
/// <param name="changed">Called for each signal, and once all of them can be heard.</param>
/// <param name="hears">Told whether signals are heard from now on.</param>
/// <param name="bus">The bus's socket.</param>
internal sealed class UnitSignals(
    IReadOnlyList<string> units, Action changed, Action<bool> hears, TimeProvider time,
    string bus = "/run/dbus/system_bus_socket")
{
    private const string Systemd = "org.freedesktop.systemd1";
    private const string Manager = "/org/freedesktop/systemd1";

    /// <summary>Whoever hears nothing looks by himself meanwhile.</summary>
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(10);

    /// <summary>Ends by cancellation alone: a bus that is not there, or goes, is tried again.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                if (File.Exists(bus))
                {
                    await HearAsync(cancellationToken);
                }
            }
            catch (Exception e) when (e is DBusConnectionException or DBusMessageException or SocketException
                or IOException)
            {
                // no bus, or not this one any more
            }

            hears(false);
            await Task.Delay(_pause, time, cancellationToken);
        }
    }

    /// <summary>Until the connection ends.</summary>
    private async Task HearAsync(CancellationToken cancellationToken)
    {
        using DBusConnection connection = new($"unix:path={bus}");
        await connection.ConnectAsync();
        foreach (string unit in units)
        {
            await connection.WatchSignalAsync(
                Systemd, PathOf(unit), "org.freedesktop.DBus.Properties", "PropertiesChanged",
                notification =>
                {
                    if (!notification.IsCompletion)
                    {
                        changed();
                    }
                },
                ObserverFlags.None, emitOnCapturedContext: false);
        }

        await connection.CallMethodAsync(Subscription(connection)); // else systemd says nothing
        hears(true);
        changed();
        await connection.DisconnectedAsync().WaitAsync(cancellationToken);
    }

    private static MessageBuffer Subscription(DBusConnection connection)
    {
        using MessageWriter writer = connection.GetMessageWriter();
        writer.WriteMethodCallHeader(Systemd, Manager, Systemd + ".Manager", "Subscribe");
        return writer.CreateMessage();
    }

    /// <summary>
    /// The unit's object: whatever is no letter or digit of ASCII is a low line and two hexadecimal digits, and so is a
    /// digit at the beginning.
    /// </summary>
    public static string PathOf(string unit)
    {
        StringBuilder path = new($"{Manager}/unit/");
        foreach ((int index, byte each) in Encoding.UTF8.GetBytes(unit).Index())
        {
            bool stays = char.IsAsciiLetter((char)each) || (char.IsAsciiDigit((char)each) && index > 0);
            path = stays ? path.Append((char)each) : path.Append(CultureInfo.InvariantCulture, $"_{each:x2}");
        }

        return path.ToString();
    }
}
