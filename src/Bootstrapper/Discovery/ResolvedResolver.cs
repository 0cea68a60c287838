using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Discovery;

/// <summary>systemd-resolved (<see cref="ResolvedCall"/>), past its cache and /etc/hosts.</summary>
internal sealed class ResolvedResolver(string socketPath, AddressFamily family, IPeerResolver fallback) : IPeerResolver
{
    public const string DefaultSocket = "/run/systemd/resolve/io.systemd.Resolve";

    /// <summary>SD_RESOLVED_NO_CACHE of systemd's resolved-def.h.</summary>
    public const ulong NoCache = 1UL << 12;

    /// <summary>
    /// SD_RESOLVED_NO_SYNTHESIZE: not from /etc/hosts, where our last answer stands (<see cref="PeerHosts"/>).
    /// </summary>
    public const ulong NoSynthesize = 1UL << 11;

    // resolved itself tries for two minutes when a server drops its packets: too long to say nothing
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    /// <summary>AF_INET and AF_INET6 of Linux, which .NET numbers otherwise.</summary>
    private const int LinuxIpv4 = 2, LinuxIpv6 = 10;

    public async Task<ResolverAnswer> ResolveAsync(string name, CancellationToken cancellationToken)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(_patience);
        try
        {
            byte[]? reply = await ResolvedCall.AskAsync(
                socketPath, "ResolveHostname", json => WriteParameters(json, name), patience.Token);
            return reply is null ? await fallback.ResolveAsync(name, cancellationToken) : Read(reply);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ResolverAnswer.Failed($"the DNS server gave no answer within {_patience.TotalSeconds:F0} s");
        }
        catch (Exception e) when (e is SocketException or JsonException or InvalidDataException)
        {
            return ResolverAnswer.Failed($"systemd-resolved did not answer ({FaultText.Of(e)})");
        }
    }

    private void WriteParameters(Utf8JsonWriter json, string name)
    {
        json.WriteString("name", name);
        json.WriteNumber("family", LinuxFamily(family));
        json.WriteNumber("flags", NoCache | NoSynthesize);
    }

    public static int LinuxFamily(AddressFamily family) =>
        family == AddressFamily.InterNetworkV6 ? LinuxIpv6 : LinuxIpv4;

    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="InvalidDataException">It is no answer to ResolveHostname.</exception>
    public static ResolverAnswer Read(byte[] reply)
    {
        using JsonDocument document = ForeignJson.ParseDocument(reply);
        try
        {
            return Read(document.RootElement);
        }
        catch (Exception e)
            when (e is InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException)
        {
            throw new InvalidDataException($"the reply is none of ResolveHostname: {FaultText.Of(e)}", e);
        }
    }

    private static ResolverAnswer Read(JsonElement root)
    {
        if (root.TryGetProperty("error", out JsonElement error))
        {
            return ResolverAnswer.Failed(Describe(error.GetString() ?? "", root));
        }

        if (!root.TryGetProperty("parameters", out JsonElement parameters)
            || !parameters.TryGetProperty("addresses", out JsonElement list))
        {
            throw new InvalidDataException("the reply has no addresses");
        }

        return ResolverAnswer.Of(PeerSet.Of(list.EnumerateArray().Select(ReadAddress)));
    }

    private static IPAddress ReadAddress(JsonElement element)
    {
        byte[] bytes = [.. element.GetProperty("address").EnumerateArray().Select(part => part.GetByte())];
        return bytes.Length is 4 or 16
            ? new IPAddress(bytes)
            : throw new InvalidDataException("an address of neither 4 nor 16 bytes");
    }

    private static string Describe(string error, JsonElement root)
    {
        int? code = root.TryGetProperty("parameters", out JsonElement parameters)
            && parameters.TryGetProperty("rcode", out JsonElement value)
            ? value.GetInt32()
            : null;
        return error[(error.LastIndexOf('.') + 1)..] switch
        {
            "DNSError" when code == 3 => "the name does not exist (NXDOMAIN)",
            "DNSError" when code == 2 => "the DNS server failed (SERVFAIL)",
            "DNSError" when code == 5 => "the DNS server refused (REFUSED)",
            "DNSError" => $"the DNS server answered with code {code?.ToString(CultureInfo.InvariantCulture) ?? "?"}",
            "NoNameServers" => "no DNS server is known yet",
            "QueryTimedOut" or "MaxAttemptsReached" => "the DNS server gave no answer",
            "NoSuchResourceRecord" => "the name has no address",
            "NetworkDown" => "the network is down",
            string other => $"the look-up failed ({other})",
        };
    }
}
