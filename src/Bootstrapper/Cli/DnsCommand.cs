using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Images.Bootstrapper.NameServer;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Cli;

/// <summary>
/// <c>bootstrapper dns ADDRESS FILE SERVER</c>: answers the names of the file at an address and a port of this machine,
/// until it is stopped. No host: it lives long on every worker, and each megabyte counts there.
/// </summary>
internal static class DnsCommand
{
    /// <summary>Shorter than what resolvers wait (5 s), so that they get an answer to their first question.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(3);

    public static int Run(string address, string file, string server)
    {
        if (!IPEndPoint.TryParse(address, out IPEndPoint? own) || !IPAddress.TryParse(server, out IPAddress? asked))
        {
            return Usage.Print(Console.Error);
        }

        ZoneFileReader zones = new(file, problem => Console.Error.WriteLine($"bootstrapper: {problem}"));
        using OutsideNames outside = new(new IPEndPoint(asked, 53), _patience);
        using ClusterNameServer names = Listen(own, zones, outside);
        using PosixSignalRegistration registration = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            names.Dispose();
        });
        names.Run();
        return ExitCodes.Done;
    }

    private static ClusterNameServer Listen(IPEndPoint address, ZoneFileReader zones, OutsideNames outside)
    {
        try
        {
            return new ClusterNameServer(address, zones, outside);
        }
        catch (SocketException e)
        {
            throw new BootFailure(
                "NODE0702", address.ToString(), $"names cannot be served there ({FaultText.Of(e)})",
                "see what listens there with 'ss -lnp', and stop it");
        }
    }
}
