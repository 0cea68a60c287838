using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Pki;

namespace Images.Bootstrapper.Kubernetes.Approval;

/// <summary>
/// Names that no Node may have. A kubelet's serving certificate is of the authority by which everybody believes the API
/// server, so a Node called like it could pass for it, and one called like a Service for what stands behind that.
/// </summary>
internal sealed class ReservedNames
{
    private const string Remedy = "give the machine another host name";

    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);
    private readonly string[] _endings;
    private readonly IReadOnlyList<string> _ofMaster;
    private readonly string _addressOfMaster;

    /// <param name="master">The machine that approves: its API server's certificate says what that is called.</param>
    public ReservedNames(NodeState master)
    {
        NodeIdentity identity = master.Identity;
        _ofMaster = KubernetesCertificates.MachineNames(identity, master.Metadata.Node.Kubernetes);
        _addressOfMaster = identity.Address;
        _endings = [".svc", $".{master.Metadata.Node.Kubernetes.ClusterDomain}"];
        _names.UnionWith(CertificateCatalogue.Find(CertificateCatalogue.ApiServer, master)
            .DnsNames.Except(_ofMaster, StringComparer.OrdinalIgnoreCase));
        RoleNames names = RoleNames.Of(master);
        _names.UnionWith(
            master.ImageRoles.Roles.SelectMany(role => names.AllOf(role.Role)).Select(name => name.TrimEnd('.')));
    }

    /// <summary>Why a machine may not have the name; null when it may.</summary>
    /// <param name="name">That it asks for.</param>
    /// <param name="addresses">
    /// Of the machine, as far as they are known. A master that is a worker too is called like its API server.
    /// </param>
    public string? Fault(string name, IReadOnlyList<string> addresses) =>
        _ofMaster.Contains(name, StringComparer.OrdinalIgnoreCase)
            ? addresses.Contains(_addressOfMaster, StringComparer.Ordinal)
                ? null
                : $"{name} is the name of the master at {_addressOfMaster}; {Remedy}"
        : _names.Contains(name)
            || Array.Exists(_endings, ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
            ? $"{name} is a name of the cluster's own servers, which no Node may have; {Remedy}"
        : null;
}
