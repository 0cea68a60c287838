using System.Net;
using System.Net.Sockets;

namespace Images.Lab.Networks;

/// <summary>A DNS server that fails, whatever it is asked (SERVFAIL), until it is killed; run by <see cref="LabNetwork.FailInsteadOfDenying"/>.</summary>
internal static class FailingNameServer
{
    /// <summary>Arguments of lab.dll: this, an address and a port.</summary>
    public const string Command = "fail-names";

    /// <summary>RFC 1035, 4.1.1: the question's number, operation and wish for recursion come back, with QR, RA and a code.</summary>
    private const byte Answer = 0x80, Kept = 0x79, RecursionAvailable = 0x80, ServerFailure = 2;
    private const int HeaderLength = 12;

    public static int Run(string address, string port)
    {
        using UdpClient server = new(IPEndPoint.Parse($"{address}:{port}"));
        Console.WriteLine("serving");
        while (true)
        {
            IPEndPoint from = new(IPAddress.Any, 0);
            byte[] message = server.Receive(ref from);
            if (message.Length < HeaderLength)
            {
                continue;
            }

            message[2] = (byte)(Answer | (message[2] & Kept));
            message[3] = RecursionAvailable | ServerFailure;
            server.Send(message, from); // the records that the question counts, as EDNS's, come back with it
        }
    }
}
