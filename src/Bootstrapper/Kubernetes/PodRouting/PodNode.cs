using System.Net;
using System.Net.Sockets;
using Images.Bootstrapper.Kubernetes.Api;

namespace Images.Bootstrapper.Kubernetes.PodRouting;

/// <summary>What a Node says of its machine.</summary>
/// <param name="Name">The Node's.</param>
/// <param name="Created">As the API writes it: later ones sort after earlier ones.</param>
/// <param name="Addresses">
/// IPv4, in the Node's order. The kubelet writes them itself, and may write what it likes.
/// </param>
/// <param name="PodNetwork">Its share of the pods' network; null as long as it has none.</param>
internal sealed record PodNode(string Name, string Created, IReadOnlyList<IPAddress> Addresses, IPNetwork? PodNetwork)
{
    public static PodNode Read(KubernetesObject node) => new(
        node.Name,
        node.Text("metadata", "creationTimestamp"),
        [
            .. node.Items("status", "addresses")
                .Where(item => item.Text("type") == "InternalIP")
                .Select(item => IPAddress.TryParse(item.Text("address"), out IPAddress? parsed) ? parsed : null)
                .OfType<IPAddress>()
                .Where(address => address.AddressFamily == AddressFamily.InterNetwork),
        ],
        IPNetwork.TryParse(node.Text("spec", "podCIDR"), out IPNetwork network) ? network : null);
}
