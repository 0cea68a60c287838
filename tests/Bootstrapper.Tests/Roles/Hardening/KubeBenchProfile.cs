using System.Text;
using System.Text.RegularExpressions;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Tests.Roles.Hardening;

/// <summary>docs/kube-bench/cfg/images: the lines of CIS as kube-bench's checks, asked where our machines have them.</summary>
internal static partial class KubeBenchProfile
{
    /// <summary>The file of each kind of machine, and the chapters of the benchmark that are about it.</summary>
    public static IReadOnlyDictionary<string, string> Chapters { get; } =
        new Dictionary<string, string>(StringComparer.Ordinal) { ["master"] = "135", ["etcd"] = "2", ["node"] = "4" };

    public static string Render(string target, IReadOnlyList<HardeningControl> controls, HardeningFacts newest, ComponentVersion version)
    {
        StringBuilder text = new($"# Written by a test from docs/hardening.csv.\ncontrols:\nversion: images\nid: 1\ntext: {target}\ntype: {target}\ngroups:\n");
        foreach (IGrouping<string, HardeningControl> group in controls
            .Where(control => Number(control) is string number && Chapters[target].Contains(number[0], StringComparison.Ordinal))
            .GroupBy(control => Group().Match(Number(control)!).Value, StringComparer.Ordinal))
        {
            text.Append($"  - id: \"{group.Key}\"\n    text: \"{group.Key}\"\n    checks:\n");
            text.AppendJoin("", group.Select(control => Check(control, HardeningVerdict.Of(control, newest, version))));
        }

        return text.ToString();
    }

    /// <summary>Of the benchmark; null for a line that is of another.</summary>
    private static string? Number(HardeningControl control) => CisNumber().Match(control.Control) is { Success: true } match ? match.Groups[1].Value : null;

    private static string Check(HardeningControl control, HardeningVerdict verdict)
    {
        string from = control.Versions?.AtLeast is { } first ? $", from Kubernetes {first.Major}.{first.Minor}" : "";
        string head = $"      - id: \"{Number(control)}\"\n        text: {Quoted($"{control.Component} {control.Key}: {control.Operator} {control.Value}".TrimEnd() + from)}\n";
        string tail = $"        remediation: {Quoted(control.Reason.Length > 0 ? control.Reason : "docs/hardening.md")}\n        scored: {(verdict.Holds == true ? "true" : "false")}\n";
        return verdict.Holds switch
        {
            true => head + Audit(control) + Tests(control) + tail,
            false => head + "        type: skip\n" + tail,
            null => head + "        type: manual\n" + tail,
        };
    }

    private static string Audit(HardeningControl control) => IsPath(control)
        ? $"        audit_config: {Quoted($"cat {ConfigOf(control)}")}\n"
        : $"        audit: {Quoted(Command(control))}\n";

    private static bool IsPath(HardeningControl control) => control.Component is "kubelet" or "kube-proxy" && control.Key[0] != '-';

    private static string ConfigOf(HardeningControl control) => $"/etc/kubernetes/{control.Component}.yaml";

    private static string Command(HardeningControl control) => (control.Component, control.Operator) switch
    {
        ("file", "mode") => $"stat -c permissions=%a {control.Key}",
        ("file", "owner") => $"stat -c owner=%U:%G {control.Key}",
        ("file", "absent") => $"ls {control.Key} >/dev/null 2>&1 || echo absent",
        ("file", _) => $"cat {control.Key}",
        ("etcd", _) => "tr '\\0' '\\n' </proc/$(pgrep -xo etcd)/environ",
        ("sysctl of workers", _) => $"echo value=$(cat /proc/sys/{control.Key.Replace('.', '/')})",
        ("pod-security", _) => "cat /etc/kubernetes/kube-apiserver/admission.yaml",
        _ when control.Component.EndsWith(".service", StringComparison.Ordinal) => $"grep -h ^{control.Key}= /usr/lib/systemd/system/{control.Component}",
        _ => $"tr '\\0' '\\n' </proc/$(pgrep -fo ^/usr/bin/{control.Component})/cmdline",
    };

    private static string Tests(HardeningControl control)
    {
        string where = IsPath(control) ? $"path: {Quoted(PathOf(control))}" : $"flag: {Quoted(Flag(control))}";
        string Item(bool set, string? op = null) =>
            $"            - {where}\n              set: {(set ? "true" : "false")}\n"
            + (op is null ? "" : $"              compare: {{ op: {op}, value: {Quoted(Value(control))} }}\n");

        string items = control.Operator switch
        {
            "unset" or "contains not" => Item(false),
            "set" or "absent" or "contains" => Item(true),
            "has" => Item(true, "has"),
            "lacks" => Item(true, "nothave") + Item(false),
            "at least" => Item(true, "gte"),
            "at most" => Item(true, "lte"),
            "mode" => Item(true, "bitmask"),
            _ => Item(true, IsPath(control) && control.Value.Contains(',', StringComparison.Ordinal) ? "valid_elements" : "eq"),
        };
        return "        tests:\n" + (control.Operator == "lacks" ? "          bin_op: or\n" : "") + "          test_items:\n" + items;
    }

    /// <summary>A list is asked for with commas between its items.</summary>
    private static string PathOf(HardeningControl control) =>
        control.Value.Contains(',', StringComparison.Ordinal) ? $"{{range .{control.Key}[:]}}{{}}{{','}}{{end}}" : $"{{.{control.Key}}}";

    private static string Flag(HardeningControl control) => (control.Component, control.Operator) switch
    {
        ("file", "mode") => "permissions",
        ("file", "owner") => "owner",
        ("file", "absent") => "absent",
        ("file", _) => control.Value,
        ("sysctl of workers", _) => "value",
        ("pod-security", _) => $"{control.Key.Split('.')[^1]}:",
        _ => control.Key,
    };

    private static string Value(HardeningControl control) => control switch
    {
        { Operator: "mode" } => control.Value.TrimStart('0'),
        { Component: "pod-security", Key: "exemptions.namespaces" } => $"[{control.Value}]",
        _ => control.Value,
    };

    private static string Quoted(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    [GeneratedRegex(@"^CIS ([1-5][0-9.]*)")]
    private static partial Regex CisNumber();

    [GeneratedRegex(@"^[0-9]+\.[0-9]+")]
    private static partial Regex Group();
}
