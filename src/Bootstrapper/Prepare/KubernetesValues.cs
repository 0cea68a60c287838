using System.Globalization;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Kubernetes;
using Images.Bootstrapper.Pki;
using Images.NodeConfig;
using Images.NodeConfig.Kubernetes;
using Images.NodeConfig.Metadata;
using Images.NodeConfig.Roles;
using Images.NodeConfig.Templates;

namespace Images.Bootstrapper.Prepare;

/// <summary>
/// The part of <see cref="NodeValues"/> that metadata says under <c>node.kubernetes</c>. Secrets are for the
/// services whose roles ask for them.
/// </summary>
internal static class KubernetesValues
{
    public static Dictionary<string, string> Settings(NodeState state)
    {
        KubernetesSettings settings = state.Metadata.Node.Kubernetes;
        return new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [TemplateNames.NodeName] = KubernetesNode.NameOf(state),
            [TemplateNames.NodeLabels] = string.Join(
                ',', state.Metadata.Node.Labels.Select(label => $"{label.Key}={label.Value}")),
            [TemplateNames.PodCidr] = settings.PodCidr.ToString(),
            [TemplateNames.NodeCidrMaskSize] = settings.NodeCidrMaskSize.ToString(CultureInfo.InvariantCulture),
            [TemplateNames.ServiceCidr] = settings.ServiceCidr.ToString(),
            [TemplateNames.ClusterDns] = settings.ClusterDns.ToString(),
            [TemplateNames.ClusterDomain] = settings.ClusterDomain,
            [TemplateNames.ApiEndpoint] = KubernetesNode.EndpointOf(state),
            [TemplateNames.ApiHost] = KubernetesNode.ApiHost(state),
            [TemplateNames.NetworkPlugins] =
                settings.Network == PodNetwork.Cni ? NodePaths.AddOnsNetworkPlugins : NodePaths.NetworkPlugins,
        };
    }

    /// <summary>
    /// A value that a role asks for. Texts end with their line, as files do; none without a line end.
    /// </summary>
    public static string Asked(string name, NodeSettings node) => name switch
    {
        ServiceValues.ServiceAccountKey => SigningKeyOfServiceAccounts(node),
        ServiceValues.ServiceAccountPublicKeys =>
            string.Concat(node.Kubernetes.ServiceAccountKeys.Select(key => key.Public.TrimEnd() + "\n")).TrimEnd(),
        ServiceValues.SigningCertificate => KubernetesNode.SignerOf(node).Certificate.TrimEnd(),
        ServiceValues.SigningDuration => string.Create(
            CultureInfo.InvariantCulture, $"{CertificateLife.ValidityOfKubelets(node).TotalSeconds:F0}s"),
        ServiceValues.SigningKey => KubernetesNode.SignerOf(node).Key!.Reveal().TrimEnd(),
        ServiceValues.TrustedCertificates => Trusted(node),
        ServiceValues.NodeTaints => $"[{string.Join(", ", node.Kubernetes.Taints.Select(taint => taint.ToJson()))}]",
        ServiceValues.NodeTaintList => string.Join(',', node.Kubernetes.Taints),
        ServiceValues.ReservedCpu => Reserved.Of(node.Roles).Cpu,
        ServiceValues.ReservedMemory => Reserved.Of(node.Roles).Memory,
        _ => throw Unknown(name),
    };

    /// <summary>A list that a role asks for.</summary>
    public static IReadOnlyList<IReadOnlyDictionary<string, string>> AskedList(string name, NodeSettings node) =>
        name switch
        {
            ServiceValues.EncryptionKeys =>
            [
                .. node.Kubernetes.EncryptionKeys.Select(
                    key => new Dictionary<string, string>(StringComparer.Ordinal)
                    {
                        [ServiceValues.EncryptionKeyName] = key.Name,
                        [ServiceValues.EncryptionKeySecret] = key.Secret.Reveal(),
                    }),
            ],
            _ => throw Unknown(name),
        };

    private static string Trusted(NodeSettings node) =>
        node.Secrets[ClusterSecrets.Kubernetes] is { Count: > 0 } authorities
            ? string.Join('\n', authorities.Select(authority => authority.Certificate.TrimEnd()))
            : throw Missing("NODE0302", "node.pki.kubernetes", "whoever asks masters");

    private static string SigningKeyOfServiceAccounts(NodeSettings node) =>
        node.Kubernetes.ServiceAccountKeys is [{ Private: { } key }, ..]
            ? key.Reveal().TrimEnd()
            : throw Missing("NODE0304", "node.kubernetes.serviceAccountKeys", "a master");

    /// <summary>The reader of role files knows each name that there is.</summary>
    private static InvalidOperationException Unknown(string name) => new($"nobody knows the value {name}");

    private static BootFailure Missing(string code, string what, string whom) =>
        new(code, what, $"it is missing, and {whom} needs it", "make the seed again from the cluster's secrets");
}
