using System.Globalization;
using Images.Bootstrapper.Kubernetes.Api;
using Images.NodeConfig.Kubernetes;

namespace Images.Bootstrapper.LoadBalancing.ServiceAddresses;

/// <summary>What counts of a Service for an address of the lbs' pool. The API server has checked the object.</summary>
internal sealed record BalancedService
{
    /// <summary>
    /// The <c>spec.loadBalancerClass</c> that means the lbs; a Service that names none is theirs too, and one that
    /// names another is left alone.
    /// </summary>
    public const string Class = "images.local/lb";

    public required KubernetesObject Object { get; init; }

    /// <summary>Namespace and name.</summary>
    public required string Key { get; init; }

    /// <summary>Of type LoadBalancer, and of no other's class.</summary>
    public required bool IsOurs { get; init; }

    /// <summary>Of type LoadBalancer, and of another's class.</summary>
    public required bool IsOfOthers { get; init; }

    /// <summary>What its status says that it has, by whomever.</summary>
    public required IReadOnlyList<string> Addresses { get; init; }

    /// <summary>The address that it asks for; empty for any.</summary>
    public required string Wish { get; init; }

    public static BalancedService Read(KubernetesObject service)
    {
        bool isBalanced = service.Text("spec", "type") == "LoadBalancer";
        bool isOfOurClass = service.Text("spec", "loadBalancerClass") is "" or Class;
        return new BalancedService
        {
            Object = service,
            Key = $"{service.Namespace}/{service.Name}",
            IsOurs = isBalanced && isOfOurClass,
            IsOfOthers = isBalanced && !isOfOurClass,
            Addresses = [.. service.Items("status", "loadBalancer", "ingress").Select(item => item.Text("ip"))],
            Wish = service.Text("spec", "loadBalancerIP"),
        };
    }

    /// <summary>
    /// Oldest first, so that who looks at the same Services sees them in the same order, whatever comes later.
    /// </summary>
    public static IReadOnlyList<BalancedService> ReadAll(IEnumerable<KubernetesObject> services) =>
    [
        .. services.Select(Read)
            .OrderBy(service => service.Object.Moment("metadata", "creationTimestamp") ?? DateTimeOffset.MaxValue)
            .ThenBy(service => service.Key, StringComparer.Ordinal),
    ];

    /// <summary>
    /// Each of ours with the address that it has: of two that say one address the older has it. Both sides decide by
    /// this, those who give and those who serve.
    /// </summary>
    /// <param name="services">In the order of <see cref="ReadAll"/>.</param>
    /// <param name="pool">Addresses of others count for nothing.</param>
    public static IReadOnlyDictionary<string, string> Holders(
        IReadOnlyList<BalancedService> services, AddressPool pool)
    {
        HashSet<string> held = new(
            services.Where(service => service.IsOfOthers).SelectMany(service => service.Addresses),
            StringComparer.Ordinal);
        Dictionary<string, string> holders = new(StringComparer.Ordinal);
        foreach (BalancedService service in services.Where(service => service.IsOurs))
        {
            if (service.Addresses.FirstOrDefault(address => pool.Contains(address) && !held.Contains(address))
                is { } address)
            {
                held.Add(address);
                holders[service.Key] = address;
            }
        }

        return holders;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"the Service {Key}");
}
