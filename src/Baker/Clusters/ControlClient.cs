using System.Net.Sockets;
using System.Text.Json;

namespace Images.Baker.Clusters;

/// <summary>Asks a cluster's supervisor, by one line of JSON for one line of JSON.</summary>
internal static class ControlClient
{
    /// <summary>The answer; null where nobody listens.</summary>
    /// <exception cref="BakeException">The supervisor says what is wrong.</exception>
    public static async Task<ControlAnswer?> TryAskAsync(
        ClusterPlace place, ControlRequest request, CancellationToken cancellationToken)
    {
        try
        {
            using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(place.ControlSocket), cancellationToken)
                .ConfigureAwait(false);
            using NetworkStream stream = new(socket);
            using StreamWriter writer = new(stream) { AutoFlush = true };
            using StreamReader reader = new(stream);
            await writer.WriteLineAsync(
                JsonSerializer.Serialize(request, ControlJson.Default.ControlRequest).AsMemory(), cancellationToken)
                .ConfigureAwait(false);
            string? line = await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false);
            ControlAnswer? answer = line is null
                ? null
                : JsonSerializer.Deserialize(line, ControlJson.Default.ControlAnswer);
            return answer switch
            {
                { Refusal: { } refusal } => throw new BakeException(
                    refusal.Code, refusal.Place, refusal.Problem, refusal.Remedy),
                { Error: { } error } => throw new BakeException(
                    "BAKE0944", place.Name, $"its supervisor cannot do that: {error}.",
                    $"If it is of another version, 'baker cluster down --name {place.Name}' with that one."),
                _ => answer,
            };
        }
        catch (Exception gone) when (gone is SocketException or IOException)
        {
            return null;
        }
    }

    /// <exception cref="BakeException">The cluster does not run, or the supervisor says what is wrong.</exception>
    public static async Task<ControlAnswer> AskAsync(
        ClusterPlace place, ControlRequest request, CancellationToken cancellationToken) =>
        await TryAskAsync(place, request, cancellationToken).ConfigureAwait(false)
            ?? throw new BakeException(
                "BAKE0945", place.Name, "does not run.", $"Start it with 'baker cluster up --name {place.Name}'.");
}
