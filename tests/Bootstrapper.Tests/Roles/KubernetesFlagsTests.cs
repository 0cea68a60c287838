using System.Text.RegularExpressions;
using Images.NodeConfig.Roles;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Roles;

/// <summary>
/// For whichever version IMAGES_KUBERNETES names, without a bake; else for the one that was built last. An image's own programs are asked by
/// RoleFlagsTests of EndToEnd.Tests.
/// </summary>
[Trait("Category", "Full")]
public sealed partial class KubernetesFlagsTests
{
    [Fact]
    public void Every_flag_that_a_role_uses_is_one_that_the_program_s_help_lists()
    {
        SampleMachine machine = new(["master", "worker"], KubernetesPrograms.Version);
        Dictionary<string, int> seen = new(StringComparer.Ordinal);
        foreach ((RoleDefinition role, RoleService service) in machine.Services.Where(item => item.Service.Unit.StartsWith("kube", StringComparison.Ordinal)))
        {
            string program = Path.GetFileNameWithoutExtension(service.Unit);
            IReadOnlySet<string> known = ProgramHelp.Flags(Judge.Run(Path.Combine(KubernetesPrograms.Folder, program), "--help"));
            string text = UnitText(service.Unit) + string.Concat(service.Files.Where(file => file.Path.EndsWith(".env", StringComparison.Ordinal)).Select(file => machine.Render(role, service, file)));
            string[] flags = [.. Flag().Matches(text).Select(match => match.Groups[1].Value).Distinct(StringComparer.Ordinal)];
            flags.Except(known, StringComparer.Ordinal).ShouldBeEmpty($"{program} {KubernetesPrograms.Version}");
            seen[program] = flags.Length;
        }

        seen.Keys.Order(StringComparer.Ordinal).ShouldBe(["kube-apiserver", "kube-controller-manager", "kube-proxy", "kube-scheduler", "kubelet"]);
        seen["kube-apiserver"].ShouldBeGreaterThan(30);
        seen["kubelet"].ShouldBeGreaterThan(6);
    }

    private static string UnitText(string unit) =>
        string.Concat(Directory.EnumerateFiles(SampleMachine.RolesFolder, unit, SearchOption.AllDirectories).Select(file => string.Concat(File.ReadLines(file).Where(line => line.StartsWith("ExecStart=", StringComparison.Ordinal)))));

    [GeneratedRegex(@"(?:^|[ =])(--[a-z][a-z0-9-]+)", RegexOptions.Multiline)]
    private static partial Regex Flag();
}
