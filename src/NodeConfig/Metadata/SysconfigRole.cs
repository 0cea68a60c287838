using System.Text;
using System.Text.RegularExpressions;

namespace Images.NodeConfig.Metadata;

/// <summary>
/// The older way to choose a role: a file <c>/etc/sysconfig/kubernetes-masters</c> and so on, written by <c>write_files</c>,
/// with shell-like lines (CLUSTER_NAME=demo). It chooses role, cluster and host name only.
/// </summary>
internal sealed partial record SysconfigRole
{
    private static readonly Dictionary<string, string> _roleOfFile = new(StringComparer.Ordinal)
    {
        ["kubernetes-masters"] = "master",
        ["kubernetes-master"] = "master",
        ["kubernetes-minions"] = "worker",
        ["kubernetes-minion"] = "worker",
        ["kubernetes-etcd"] = "etcd",
        ["kubernetes-lb"] = "lb",
    };

    public required IReadOnlyList<string> Roles { get; init; }

    public string? Cluster { get; init; }

    public string? Domain { get; init; }

    public string? EtcdSize { get; init; }

    /// <summary>From KUBELET_HOSTNAME=--hostname-override=name.</summary>
    public string? Hostname { get; init; }

    public required string Path { get; init; }

    /// <summary>Null when no such file is among them.</summary>
    public static SysconfigRole? FindIn(IReadOnlyList<WriteFile> files)
    {
        (WriteFile File, string Role)[] found =
        [
            .. files
                .Where(file => file.Path.StartsWith("/etc/sysconfig/", StringComparison.Ordinal))
                .Select(file => (file, _roleOfFile.GetValueOrDefault(file.Path["/etc/sysconfig/".Length..], "")))
                .Where(item => item.Item2.Length > 0),
        ];
        if (found.Length == 0)
        {
            return null;
        }

        Dictionary<string, string> values = new(StringComparer.Ordinal);
        foreach (Match line in found.SelectMany(item => Assignment().Matches(Encoding.UTF8.GetString(item.File.Content))))
        {
            values[line.Groups["key"].Value] = line.Groups["value"].Value.Trim().Trim('"', '\'');
        }

        return new SysconfigRole
        {
            Roles = [.. found.Select(item => item.Role).Distinct(StringComparer.Ordinal)],
            Path = found[0].File.Path,
            Cluster = values.GetValueOrDefault("CLUSTER_NAME"),
            Domain = values.GetValueOrDefault("CLUSTER_DOMAIN"),
            EtcdSize = values.GetValueOrDefault("ETCD_SIZE"),
            Hostname = values.GetValueOrDefault("KUBELET_HOSTNAME")?.Replace("--hostname-override=", "", StringComparison.Ordinal).ToLowerInvariant() is { } name
                && MetadataForms.DnsName().IsMatch(name) ? name : null,
        };
    }

    [GeneratedRegex(@"^[ \t]*(?:export[ \t]+)?(?<key>[A-Z][A-Z0-9_]*)=(?<value>[^\r\n]*)", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Assignment();
}
