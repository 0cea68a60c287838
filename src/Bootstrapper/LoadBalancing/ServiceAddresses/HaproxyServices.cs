using System.Globalization;
using System.Text;

namespace Images.Bootstrapper.LoadBalancing.ServiceAddresses;

/// <summary>
/// Writes haproxy's second file, beside the one that is a template: a frontend for each TCP port of a Service, and for
/// each port a backend. Workers have their places when haproxy reads it, so that a reload loses nobody; those that come
/// later are told to it while it runs.
/// </summary>
internal static class HaproxyServices
{
    /// <summary>In haproxy's own folder of such files, of which it reads what ends so.</summary>
    public const string Path = "/etc/haproxy/services.d/services.cfg";

    /// <summary>Places beyond the workers that there are.</summary>
    private const int Spare = 8;

    /// <summary>More places are made by as many at once: a reload for each worker would be one too many.</summary>
    private const int Step = 16;

    private const int MostPlaces = 64;

    /// <summary>How many places a backend has for so many workers.</summary>
    public static int PlacesFor(int workers) =>
        Math.Min(((workers + Spare + Step - 1) / Step) * Step, MostPlaces);

    /// <param name="plan">What is forwarded.</param>
    /// <param name="places">In each backend.</param>
    /// <param name="workers">Who gets the first of them; the others are off.</param>
    public static string Write(ServicePlan plan, int places, IReadOnlyList<string> workers)
    {
        StringBuilder text = new(
            """
            # Services of type LoadBalancer, written by the agent. haproxy(1), configuration manual 3.0.
            defaults services
              mode tcp
              log global
              timeout connect 1s
              timeout client 24h
              timeout server 24h
              timeout client-fin 10s
              timeout server-fin 10s
              timeout check 2s
              timeout queue 5s
              option clitcpka
              option srvtcpka
              srvtcpka-idle 2s
              srvtcpka-intvl 1s
              srvtcpka-cnt 3
              retries 3
              option redispatch 1

            """);
        foreach (ServicePort port in plan.Ports)
        {
            Write(text, port, places, [.. workers.Take(places)]);
        }

        return text.ToString();
    }

    private static void Write(StringBuilder text, ServicePort port, int places, IReadOnlyList<string> workers)
    {
        CultureInfo invariant = CultureInfo.InvariantCulture;
        if (!port.IsUdp)
        {
            text.Append(invariant, $"\nfrontend {port.Id}\n  bind {port.Address}:{port.Port}\n");
            text.Append(invariant, $"  default_backend {port.Id}\n");
        }

        text.Append(invariant, $"\nbackend {port.Id}\n  balance {(port.IsSticky ? "source" : "leastconn")}\n");
        text.Append(port.IsSticky ? "  hash-type consistent\n" : "");
        text.Append(port.HealthPort is null ? "" : "  option httpchk GET /healthz\n  http-check expect status 200\n");
        text.Append("  default-server inter 2s fastinter 500ms downinter 2s fall 2 rise 1 on-marked-down "
            + "shutdown-sessions tcp-ut 4s\n");
        // kube-proxy's word about its own endpoints; the port behind them is not asked
        string check = port is { HealthPort: int health, IsUdp: false }
            ? string.Create(invariant, $"check port {health}")
            : "check";
        for (int index = 0; index < workers.Count; index++)
        {
            text.Append(invariant, $"  server w{index + 1} {workers[index]}:{port.Pool.Port} {check}\n");
        }

        if (workers.Count < places)
        {
            text.Append(
                invariant,
                $"  server-template w {workers.Count + 1}-{places} 127.0.0.1:{port.Pool.Port} {check} disabled\n");
        }
    }
}
