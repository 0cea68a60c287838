// One closed family, read together: a place of haproxy's and how it stands.
#pragma warning disable MA0048
using System.Globalization;

namespace Images.Bootstrapper.LoadBalancing;

/// <summary>Whether a place takes connections.</summary>
internal enum SlotState
{
    /// <summary>It is nobody's.</summary>
    Off,

    On,

    /// <summary>It takes no new connections, and keeps those that it has.</summary>
    Draining,
}

/// <summary>A place for a machine in one of haproxy's backends.</summary>
internal sealed record BackendSlot
{
    /// <summary>SRV_ADMF_MAINT and SRV_ADMF_DRAIN of haproxy's server-t.h.</summary>
    private const int Maintenance = 0x23;
    private const int Drain = 0x18;

    /// <summary>SRV_ST_STARTING and SRV_ST_RUNNING.</summary>
    private const int Starting = 1;
    private const int Running = 2;

    private static readonly string[] _columns =
        ["be_name", "srv_name", "srv_addr", "srv_port", "srv_admin_state", "srv_op_state"];

    public required string Backend { get; init; }

    public required string Name { get; init; }

    public required string Address { get; init; }

    public required int Port { get; init; }

    public required SlotState State { get; init; }

    /// <summary>Whether haproxy finds it well, or has not found it ill yet.</summary>
    public required bool IsUp { get; init; }

    /// <summary>As haproxy's commands name it.</summary>
    public string Place => $"{Backend}/{Name}";

    /// <summary>
    /// Reads the answer to <c>show servers state</c> (management guide of haproxy 3.0, 9.3): a version, a line of
    /// column names after '#', and a line a server.
    /// </summary>
    /// <exception cref="InvalidDataException">It is no such answer.</exception>
    public static IReadOnlyList<BackendSlot> Read(string answer)
    {
        string[] lines = answer.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string[] names = lines is ["1", ['#', ..] header, ..] ? header[1..].Trim().Split(' ') : [];
        int[] places = [.. _columns.Select(column => Array.IndexOf(names, column))];
        return places.Contains(-1)
            ? throw new InvalidDataException("haproxy's answer is no list of servers")
            : [.. lines.Skip(2).Select(line => Read(line.Split(' '), places))];
    }

    private static BackendSlot Read(string[] fields, int[] places)
    {
        if (fields.Length <= places.Max()
            || !int.TryParse(fields[places[3]], NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            || !int.TryParse(fields[places[4]], NumberStyles.None, CultureInfo.InvariantCulture, out int admin)
            || !int.TryParse(fields[places[5]], NumberStyles.None, CultureInfo.InvariantCulture, out int operation))
        {
            throw new InvalidDataException("a line of haproxy's list of servers cannot be read");
        }

        return new BackendSlot
        {
            Backend = fields[places[0]],
            Name = fields[places[1]],
            Address = fields[places[2]],
            Port = port,
            State = (admin & Maintenance) != 0 ? SlotState.Off
                : (admin & Drain) != 0 ? SlotState.Draining
                : SlotState.On,
            IsUp = operation is Starting or Running,
        };
    }
}
