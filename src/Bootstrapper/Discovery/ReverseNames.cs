using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Images.Bootstrapper.Discovery;

/// <summary>The names that DNS gives an address, past resolved's cache and /etc/hosts.</summary>
internal sealed partial class ReverseNames(string socketPath)
{
    /// <summary>With their last dots; none where DNS has none, or says nothing.</summary>
    public async Task<IReadOnlyList<string>> OfAsync(IPAddress address, CancellationToken cancellationToken)
    {
        try
        {
            byte[]? reply = await ResolvedCall.AskAsync(
                socketPath, "ResolveAddress", json => WriteParameters(json, address), cancellationToken);
            return reply is null ? [] : Read(reply);
        }
        catch (Exception e) when (e is SocketException or JsonException or InvalidDataException)
        {
            return [];
        }
    }

    /// <exception cref="JsonException">It is no JSON.</exception>
    /// <exception cref="InvalidDataException">It is no answer to ResolveAddress.</exception>
    public static IReadOnlyList<string> Read(byte[] reply)
    {
        using JsonDocument document = ForeignJson.ParseDocument(reply);
        try
        {
            return document.RootElement.TryGetProperty("error", out _)
                ? []
                : [.. document.RootElement.GetProperty("parameters").GetProperty("names").EnumerateArray()
                    .Select(each => $"{each.GetProperty("name").GetString()?.TrimEnd('.')}.")
                    .Where(name => HostName().IsMatch(name))
                    .Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException)
        {
            throw new InvalidDataException("the reply is none of ResolveAddress", e);
        }
    }

    private static void WriteParameters(Utf8JsonWriter json, IPAddress address)
    {
        json.WriteNumber("family", ResolvedResolver.LinuxFamily(address.AddressFamily));
        json.WriteStartArray("address");
        foreach (byte part in address.GetAddressBytes())
        {
            json.WriteNumberValue(part);
        }

        json.WriteEndArray();
        json.WriteNumber("flags", ResolvedResolver.NoCache | ResolvedResolver.NoSynthesize);
    }

    /// <summary>Whatever else stands in DNS is no name of a machine.</summary>
    [GeneratedRegex(@"\A[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.\z")]
    private static partial Regex HostName();
}
