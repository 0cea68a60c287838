using System.Text.Json;
using Images.Lab.Machines;
using Images.NodeConfig;
using Images.NodeConfig.Roles;
using Images.TestSupport;

namespace Images.EndToEnd.Tests;

/// <summary>One image, all roles: every node has each role's units, and what keeps one from starting is its gate alone.</summary>
[Collection(UnpackedImage.Shared)]
public sealed class RoleUnitsTests(UnpackedImage image)
{
    private static readonly string[] _units =
    [
        "containerd.service", "etcd.service", "kube-apiserver.service", "kube-controller-manager.service",
        "kube-proxy.service", "kube-scheduler.service", "kubelet.service",
    ];

    [Fact]
    public void All_units_of_all_roles_are_in_the_image_and_systemctl_calls_them_enabled()
    {
        CompiledRoles roles = CompiledRoles.FromJson(File.ReadAllBytes(Path.Combine(image.Root, NodePaths.CompiledRoles.TrimStart('/'))));
        roles.LeftOut.ShouldBeEmpty();
        string[] units = [.. roles.Roles.SelectMany(role => role.Services).Select(service => service.Unit).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        _units.ShouldBeSubsetOf(units);
        foreach (string unit in units)
        {
            Judge.Run("systemctl", $"--root={image.Root}", "is-enabled", unit).Trim().ShouldBe("enabled", unit);
        }

        string[] wanted = [.. Directory.EnumerateFileSystemEntries(Path.Combine(image.Root, "etc/systemd/system/roles.target.wants")).Select(link => Path.GetFileName(link)).Order(StringComparer.Ordinal)];
        wanted.ShouldBe(units);
    }

    [Fact]
    public void Without_its_gate_systemd_calls_the_condition_of_a_role_s_unit_unmet_and_nothing_else()
    {
        foreach (string unit in _units)
        {
            JudgeResult conditions = Judge.Try("systemd-analyze", $"--root={image.Root}", "condition", $"--unit={unit}");
            conditions.ExitCode.ShouldNotBe(0);
            conditions.Error.Split('\n').Where(line => line.StartsWith($"{unit}: ", StringComparison.Ordinal))
                .ShouldBe([$"{unit}: ConditionPathExists=/run/bootstrapper/services/{unit} failed."]);
        }
    }

    [Fact]
    public void The_terms_of_Kubernetes_are_in_the_image()
    {
        using JsonDocument manifest = JsonDocument.Parse(File.ReadAllBytes(Path.ChangeExtension(BakedImage.RawDisk, "manifest.json")));
        manifest.RootElement.GetProperty("kubernetes").GetProperty("licences").EnumerateArray().Select(name => name.GetString()).ShouldContain("Apache-2.0");
        File.ReadAllText(Path.Combine(image.Root, "usr/share/doc/kubernetes/copyright")).ShouldContain("Apache License");
    }
}
