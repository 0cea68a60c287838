// A pure function and what it gives.
#pragma warning disable MA0048
using System.Text.Json.Nodes;
using Images.NodeConfig.Kubernetes;

namespace Images.Bootstrapper.LoadBalancing.ServiceAddresses;

/// <summary>
/// Which Service of type LoadBalancer has which address of the pool. A Service keeps what its status says, so that the
/// cluster itself remembers it; nothing is kept of one that is gone.
/// </summary>
internal sealed record AddressAllotment
{
    /// <summary>In the order in which they are made.</summary>
    public required IReadOnlyList<AddressChange> Changes { get; init; }

    /// <summary>Why Services have no address, or not the one that they ask for.</summary>
    public required IReadOnlyList<string> Faults { get; init; }

    /// <param name="services">All of the cluster, in the order of <see cref="BalancedService.ReadAll"/>.</param>
    /// <param name="pool">Whose addresses are given.</param>
    /// <param name="taken">Addresses of machines, which no Service gets.</param>
    public static AddressAllotment Of(
        IReadOnlyList<BalancedService> services, AddressPool pool, IReadOnlySet<string> taken)
    {
        List<string> faults = [];
        Dictionary<string, string> given = Kept(services, pool, taken);
        HashSet<string> used = new(taken, StringComparer.Ordinal);
        used.UnionWith(given.Values);
        used.UnionWith(services.Where(service => service.IsOfOthers).SelectMany(service => service.Addresses));
        foreach (BalancedService service
            in services.Where(service => service.IsOurs && !given.ContainsKey(service.Key)))
        {
            if (Find(service, pool, used, faults) is { } address)
            {
                used.Add(address);
                given[service.Key] = address;
            }
        }

        return new AddressAllotment { Changes = [.. Changed(services, pool, given)], Faults = faults };
    }

    /// <summary>Those whose address stays, before anybody gets one: a newcomer's wish takes nobody's.</summary>
    private static Dictionary<string, string> Kept(
        IReadOnlyList<BalancedService> services, AddressPool pool, IReadOnlySet<string> taken)
    {
        IReadOnlyDictionary<string, string> holders = BalancedService.Holders(services, pool);
        Dictionary<string, string> kept = new(StringComparer.Ordinal);
        foreach (BalancedService service in services)
        {
            if (holders.TryGetValue(service.Key, out string? address)
                && !taken.Contains(address)
                && (service.Wish.Length == 0 || service.Wish == address))
            {
                kept[service.Key] = address;
            }
        }

        return kept;
    }

    private static string? Find(
        BalancedService service, AddressPool pool, HashSet<string> used, List<string> faults)
    {
        if (service.Wish.Length > 0)
        {
            string? refusal = !pool.Contains(service.Wish) ? "which is not in the pool"
                : used.Contains(service.Wish) ? "which another has"
                : null;
            if (refusal is null)
            {
                return service.Wish;
            }

            faults.Add(
                $"{service} asks for an address ({ServiceText.Quoted(service.Wish)}) {refusal}: it gets none. Change "
                    + "its spec.loadBalancerIP, or node.lb.pool");
            return null;
        }

        string? free = pool.Addresses.FirstOrDefault(address => !used.Contains(address));
        if (free is null)
        {
            faults.Add($"{service} gets no address: all of node.lb.pool are given. Remove Services, or add addresses");
        }

        return free;
    }

    private static IEnumerable<AddressChange> Changed(
        IReadOnlyList<BalancedService> services, AddressPool pool, Dictionary<string, string> given)
    {
        foreach (BalancedService service in services)
        {
            string? address = given.GetValueOrDefault(service.Key);
            bool isRight = service.IsOurs
                ? service.Addresses.SequenceEqual(address is null ? [] : [address], StringComparer.Ordinal)
                // one that has become another type; another's own addresses are not ours to take
                : service.IsOfOthers || !service.Addresses.Any(pool.Contains);
            if (!isRight)
            {
                yield return new AddressChange(service, address);
            }
        }
    }
}

/// <param name="Service">As it was looked at.</param>
/// <param name="Address">The one that it has from now on; null for none.</param>
internal sealed record AddressChange(BalancedService Service, string? Address)
{
    /// <summary>
    /// A merge patch of its status. It names the version that was looked at: of one that has changed meanwhile nothing
    /// is written.
    /// </summary>
    public JsonObject Patch => new()
    {
        ["metadata"] = new JsonObject { ["resourceVersion"] = Service.Object.ResourceVersion },
        ["status"] = new JsonObject
        {
            ["loadBalancer"] = new JsonObject
            {
                ["ingress"] = Address is null ? null : new JsonArray(new JsonObject { ["ip"] = Address }),
            },
        },
    };

    public override string ToString() => Address is null
        ? $"{Service} has no address of the pool any more"
        : $"{Service} has the address {Address} now";
}
