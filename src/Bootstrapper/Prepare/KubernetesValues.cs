using System.Globalization;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Kubernetes;
using Images.NodeConfig;
using Images.NodeConfig.Kubernetes;
using Images.NodeConfig.Metadata;
using Images.NodeConfig.Templates;

namespace Images.Bootstrapper.Prepare;

/// <summary>
/// The part of <see cref="NodeValues"/> that metadata says under <c>node.kubernetes</c>. Secrets are for the
/// units that need them.
/// </summary>
internal static class KubernetesValues
{
    /// <summary>
    /// How long a machine that was taken out of DNS keeps its access. Kubelets renew theirs when some three quarters
    /// are over.
    /// </summary>
    private static readonly TimeSpan _usualSigningDuration = TimeSpan.FromDays(30);

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
            [TemplateNames.NetworkPlugins] =
                settings.Network == PodNetwork.Cni ? NodePaths.AddOnsNetworkPlugins : NodePaths.NetworkPlugins,
        };
    }

    /// <summary>Texts end with their line, as files do; none without a line end.</summary>
    public static Dictionary<string, string> Secrets(NodeSettings node, string unit) => unit switch
    {
        TemplateNames.ApiServerUnit => new(StringComparer.Ordinal)
        {
            [TemplateNames.ServiceAccountKey] = SigningKeyOfServiceAccounts(node),
            [TemplateNames.ServiceAccountPublicKeys] =
                string.Concat(node.Kubernetes.ServiceAccountKeys.Select(key => key.Public.TrimEnd() + "\n")).TrimEnd(),
        },
        TemplateNames.ControllerManagerUnit => new(StringComparer.Ordinal)
        {
            [TemplateNames.ServiceAccountKey] = SigningKeyOfServiceAccounts(node),
            [TemplateNames.SigningCertificate] = Signer(node).Certificate.TrimEnd(),
            [TemplateNames.SigningDuration] = string.Create(
                CultureInfo.InvariantCulture,
                $"{(node.CertificateValidityPeriod ?? _usualSigningDuration).TotalSeconds:F0}s"),
            [TemplateNames.SigningKey] = Signer(node).Key!.Reveal().TrimEnd(),
        },
        TemplateNames.KubeletUnit => node.Kubernetes.Token is null
            ? throw Missing("NODE0304", "node.kubernetes.token", unit)
            : new(StringComparer.Ordinal)
            {
                [TemplateNames.TrustedCertificates] = string.Join(
                    '\n', node.Secrets[ClusterSecrets.Kubernetes].Select(authority => authority.Certificate.TrimEnd())),
                [TemplateNames.NodeTaints] =
                    $"[{string.Join(", ", node.Kubernetes.Taints.Select(taint => taint.ToJson()))}]",
                [TemplateNames.NodeTaintList] = string.Join(',', node.Kubernetes.Taints),
                [TemplateNames.ReservedCpu] = Reserved.Of(node.Roles).Cpu,
                [TemplateNames.ReservedMemory] = Reserved.Of(node.Roles).Memory,
            },
        _ => [],
    };

    public static Dictionary<string, IReadOnlyList<IReadOnlyDictionary<string, string>>> Lists(
        NodeSettings node, string unit) => unit switch
        {
            TemplateNames.ApiServerUnit => new(StringComparer.Ordinal)
            {
                [TemplateNames.EncryptionKeys] =
                [
                    .. node.Kubernetes.EncryptionKeys.Select(
                        key => new Dictionary<string, string>(StringComparer.Ordinal)
                        {
                            [TemplateNames.EncryptionKeyName] = key.Name,
                            [TemplateNames.EncryptionKeySecret] = key.Secret.Reveal(),
                        }),
                ],
            },
            _ => [],
        };

    private static string SigningKeyOfServiceAccounts(NodeSettings node) =>
        node.Kubernetes.ServiceAccountKeys is [{ Private: { } key }, ..]
            ? key.Reveal().TrimEnd()
            : throw Missing("NODE0304", "node.kubernetes.serviceAccountKeys", "a master");

    private static ClusterAuthority Signer(NodeSettings node) =>
        node.Secrets[ClusterSecrets.Kubernetes].FirstOrDefault(authority => authority.Key is not null)
            ?? throw Missing("NODE0302", "node.pki.kubernetes", "a master");

    private static BootFailure Missing(string code, string what, string whom) =>
        new(code, what, $"it is missing, and {whom} needs it", "make the seed again from the cluster's secrets");
}
