using System.Text.Json;
using System.Text.Json.Nodes;
using Images.Bootstrapper.Systemd;

namespace Images.Bootstrapper.Kubernetes.PodRouting;

/// <summary>
/// Lets packets of the overlay in from its machines alone: VXLAN has no sender's proof, and whoever reaches the port
/// could put packets into the pods' network. A table of nftables' own, with a set, so that a thousand machines cost a
/// packet no more than one.
/// </summary>
/// <param name="run">Runs a program: its name, arguments, and what it reads.</param>
/// <param name="port">The overlay's, UDP.</param>
internal sealed class OverlayGate(
    Func<string, IReadOnlyList<string>, string?, CancellationToken, Task<CommandResult>> run, int port)
{
    public const string Table = "images-overlay";

    private const string Set = "machines";

    /// <summary>What could not be done, in words; null when it stands.</summary>
    /// <param name="machines">Of the overlay but this one (IPv4); null where there is no overlay.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<string?> ApplyAsync(IReadOnlyList<string>? machines, CancellationToken cancellationToken)
    {
        CommandResult listed = await run("nft", ["--json", "list", "table", "ip", Table], null, cancellationToken);
        bool isThere = listed.Succeeded;
        if (machines is null ? !isThere : isThere && Stands(listed.Output, machines))
        {
            return null;
        }

        // made before it is deleted, so that neither fails; all of it is one transaction
        string text = $"table ip {Table}\ndelete table ip {Table}\n" + (machines is null ? "" : Rules(machines));
        CommandResult set = await run("nft", ["--file", "-"], text, cancellationToken);
        return set.Succeeded ? null : $"nft ({Table}): {set.Reason}";
    }

    private string Rules(IReadOnlyList<string> machines) => $$"""
        table ip {{Table}} {
            set {{Set}} {
                type ipv4_addr
                {{(machines.Count == 0 ? "" : $"elements = {{ {string.Join(", ", machines)} }}")}}
            }

            chain from-outside {
                type filter hook input priority -300; policy accept;
                udp dport {{port}} ip saddr != @{{Set}} drop
            }
        }

        """;

    /// <summary>The table is ours alone: it holds one rule, and the machines change.</summary>
    private static bool Stands(string json, IReadOnlyList<string> machines)
    {
        try
        {
            JsonObject[] items = [.. (JsonNode.Parse(json)?["nftables"] as JsonArray ?? []).OfType<JsonObject>()];
            IEnumerable<string> listed = items.Select(item => item["set"]).OfType<JsonObject>()
                .SelectMany(set => set["elem"] as JsonArray ?? [])
                .OfType<JsonValue>().Select(element => element.GetValue<string>());
            return items.Count(item => item.ContainsKey("rule")) == 1 && listed.ToHashSet(StringComparer.Ordinal)
                .SetEquals(machines);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false; // it is set anew
        }
    }
}
