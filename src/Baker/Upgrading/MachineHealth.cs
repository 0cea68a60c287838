using System.Text.Json;

namespace Images.Baker.Upgrading;

/// <summary>How a machine's services are, and etcd's members as it sees them.</summary>
/// <param name="Faults">Each service that is not ready, in the machine's words; empty where all are.</param>
/// <param name="EtcdFaults">Each member of etcd that is not well; empty where it is no member itself.</param>
internal sealed record MachineHealth(IReadOnlyList<string> Faults, IReadOnlyList<string> EtcdFaults)
{
    private const string Command = "bootstrapper status --json";
    private const string RolesStarted = "roles started";
    private const string Ready = "ready";
    private const string Healthy = "healthy";

    public bool IsWell => Faults.Count == 0 && EtcdFaults.Count == 0;

    public IEnumerable<string> All => Faults.Concat(EtcdFaults);

    /// <param name="json">What <c>bootstrapper status --json</c> answered.</param>
    /// <param name="host">For errors.</param>
    /// <exception cref="BakeException">It is no such document.</exception>
    public static MachineHealth Parse(string json, string host)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            string phase = Text(root, "phase");
            return phase != RolesStarted
                ? new MachineHealth([phase], [])
                : new MachineHealth(
                    [.. Items(root, "services").Where(IsNotReady).Select(Describe)], EtcdFaultsOf(root));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw MachineLook.Unreadable(host, Command, e);
        }
    }

    private static string[] EtcdFaultsOf(JsonElement root)
    {
        JsonElement[] peers = !IsMember(root) ? [] : [.. Items(root, "peers").SelectMany(name => Items(name, "peers"))];
        return
        [
            .. peers.Where(peer => Text(peer, "state") != Healthy)
                .Select(peer =>
                    $"etcd at {Text(peer, "address")}: {Text(peer, "state")} {Text(peer, "detail")}".Trim()),
            .. peers.Where(peer => Text(peer, "state") == Healthy && Flag(peer, "isLearner"))
                .Select(peer => $"etcd at {Text(peer, "address")}: has no vote yet"),
            .. peers.Length > 0 && !peers.Any(peer => Flag(peer, "isLeader"))
                ? ["etcd: no member leads"]
                : (string[])[],
        ];
    }

    private static bool IsMember(JsonElement root) =>
        root.TryGetProperty("identity", out JsonElement identity)
            && identity.ValueKind == JsonValueKind.Object
            && Items(identity, "roles").Any(role => role.GetString() == UpgradeRules.Etcd);

    private static bool IsNotReady(JsonElement service) => Text(service, "state") != Ready;

    private static string Describe(JsonElement service) =>
        $"{Text(service, "unit")}: {Text(service, "state")}; {Text(service, "detail")}";

    private static IEnumerable<JsonElement> Items(JsonElement element, string name) =>
        element.GetProperty(name).EnumerateArray();

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString() ?? "";

    private static bool Flag(JsonElement element, string name) => element.GetProperty(name).GetBoolean();
}
