using System.Text.RegularExpressions;
using Images.NodeConfig.Yaml;

namespace Images.NodeConfig.Metadata;

/// <summary>
/// Reads <c>node.labels</c>. A kubelet does not start with a label of Kubernetes' own that it may not give itself, so
/// such a one is refused here, at its place.
/// </summary>
internal static partial class LabelsReader
{
    private const int LongestPrefix = 253;

    private static readonly string[] _ownPrefixes = ["kubelet.kubernetes.io", "node.kubernetes.io"];

    // k8s.io/kubelet/pkg/apis/well_known_labels.go
    private static readonly string[] _ownLabels =
    [
        "beta.kubernetes.io/arch", "beta.kubernetes.io/instance-type", "beta.kubernetes.io/os",
        "failure-domain.beta.kubernetes.io/region", "failure-domain.beta.kubernetes.io/zone",
        "kubernetes.io/arch", "kubernetes.io/hostname", "kubernetes.io/os",
        "topology.kubernetes.io/region", "topology.kubernetes.io/zone",
    ];

    public static IReadOnlyList<KeyValuePair<string, string>> Read(MappingReader node) =>
        node.OptionalMapping("labels") is { } labels
            ?
            [
                .. labels.Mapping.Entries.Select(
                    entry => KeyValuePair.Create(Key(entry.Key), Value(entry.Value, entry.Key.Value))),
            ]
            : [];

    private static string Key(YamlScalar key)
    {
        string[] parts = key.Value.Split('/');
        string prefix = parts.Length == 2 ? parts[0] : "";
        bool isLabel = parts.Length <= 2
            && Name().IsMatch(parts[^1])
            && (parts.Length == 1 || (MetadataForms.DnsName().IsMatch(prefix) && prefix.Length <= LongestPrefix));
        if (!isLabel)
        {
            throw key.Error(
                $"{ShownText.Quote(key.Value)} is no key of a label.",
                "Write a name, or a DNS name, '/' and a name: zone, example.com/zone.");
        }

        return IsForeign(prefix) || IsOwn(prefix, key.Value)
            ? key.Value
            : throw key.Error(
                $"A node may not give itself the label {ShownText.Quote(key.Value)}.",
                "Use a prefix other than kubernetes.io and k8s.io, or node.kubernetes.io.");
    }

    private static string Value(YamlNode node, string key)
    {
        string text = node is YamlScalar { IsNull: true } ? "" : MappingReader.Text(node, key);
        return text.Length == 0 || Name().IsMatch(text)
            ? text
            : throw node.Error(
                $"{ShownText.Quote(text)} is no value of a label.",
                "Write at most 63 letters, digits, '-', '_' and '.', a letter or digit first and last.");
    }

    private static bool IsForeign(string prefix) =>
        !IsOrEndsWith(prefix, "kubernetes.io") && !IsOrEndsWith(prefix, "k8s.io");

    private static bool IsOwn(string prefix, string key) =>
        Array.Exists(_ownPrefixes, own => IsOrEndsWith(prefix, own))
            || _ownLabels.Contains(key, StringComparer.Ordinal);

    private static bool IsOrEndsWith(string prefix, string domain) =>
        prefix == domain || prefix.EndsWith("." + domain, StringComparison.Ordinal);

    [GeneratedRegex(@"\A[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?\z")]
    private static partial Regex Name();
}
