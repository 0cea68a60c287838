using System.Text;
using System.Text.RegularExpressions;
using Images.NodeConfig.Yaml;

namespace Images.NodeConfig.Metadata;

/// <summary>
/// The older way to choose a role: a file <c>/etc/sysconfig/kubernetes-masters</c> and so on, written by
/// <c>write_files</c>, with shell-like lines (CLUSTER_NAME=demo). It chooses role, cluster and host name only.
/// </summary>
internal sealed partial record SysconfigRole
{
    private const string HostnameKey = "KUBELET_HOSTNAME";

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
    /// <exception cref="ConfigurationException">
    /// KUBELET_HOSTNAME names no host: the machine would join under another name than was asked for.
    /// </exception>
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
        string? hostname = null;
        foreach ((WriteFile file, _) in found)
        {
            string text = Encoding.UTF8.GetString(file.Content);
            foreach (Match line in Assignment().Matches(text))
            {
                string key = line.Groups["key"].Value, value = line.Groups["value"].Value.Trim().Trim('"', '\'');
                values[key] = value;
                hostname = key == HostnameKey
                    ? ReadHostname(value, file.Path, text.AsSpan(0, line.Index).Count('\n') + 1)
                    : hostname;
            }
        }

        return new SysconfigRole
        {
            Roles = [.. found.Select(item => item.Role).Distinct(StringComparer.Ordinal)],
            Path = found[0].File.Path,
            Cluster = values.GetValueOrDefault("CLUSTER_NAME"),
            Domain = values.GetValueOrDefault("CLUSTER_DOMAIN"),
            EtcdSize = values.GetValueOrDefault("ETCD_SIZE"),
            Hostname = hostname,
        };
    }

    private static string? ReadHostname(string value, string path, int line)
    {
        string name = value.Replace("--hostname-override=", "", StringComparison.Ordinal).ToLowerInvariant();
        if (name.Length == 0)
        {
            return null;
        }

        return MetadataForms.DnsName().IsMatch(name) ? name : throw new ConfigurationException(
            path,
            line,
            1,
            $"{HostnameKey} cannot be {ShownText.Quote(value)}.",
            "Write --hostname-override= and a DNS name (letters, digits and '-'), or leave the line out.");
    }

    [
        GeneratedRegex(
            @"^[ \t]*(?:export[ \t]+)?(?<key>[A-Z][A-Z0-9_]*)=(?<value>[^\r\n]*)",
            RegexOptions.Multiline | RegexOptions.ExplicitCapture),
    ]
    private static partial Regex Assignment();
}
