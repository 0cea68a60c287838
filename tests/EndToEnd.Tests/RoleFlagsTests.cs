using Images.NodeConfig;
using Images.NodeConfig.Roles;
using Images.TestSupport;

namespace Images.EndToEnd.Tests;

/// <summary>The flags with which the image's units start programs, from its own roles and templates, beside what these programs say when they are run in the image.</summary>
[Collection(UnpackedImage.Shared)]
public sealed class RoleFlagsTests(UnpackedImage image)
{
    /// <summary>How many a program is given at least: a reader that finds none would find none wrong.</summary>
    private static readonly Dictionary<string, int> _fewest = new(StringComparer.Ordinal)
    {
        ["/usr/bin/etcd"] = 20,
        ["/usr/bin/kube-apiserver"] = 35,
        ["/usr/bin/kube-controller-manager"] = 25,
        ["/usr/bin/kube-proxy"] = 1,
        ["/usr/bin/kube-scheduler"] = 15,
        ["/usr/bin/kubelet"] = 7,
        ["/usr/sbin/dnsmasq"] = 2,
    };

    private readonly CompiledRoles _roles = CompiledRoles.FromJson(File.ReadAllBytes(Path.Combine(image.Root, NodePaths.CompiledRoles.TrimStart('/'))));

    [Fact]
    public void Every_flag_that_a_role_s_unit_uses_is_one_that_the_help_of_the_image_s_program_lists()
    {
        Dictionary<string, HashSet<string>> used = Used();
        foreach ((string program, HashSet<string> flags) in used.Where(item => item.Value.Count > 0))
        {
            flags.Except(ProgramHelp.Flags(RunInImage(program, "--help")), StringComparer.Ordinal).ShouldBeEmpty(program);
        }

        foreach ((string program, int fewest) in _fewest)
        {
            used[program].Count.ShouldBeGreaterThanOrEqualTo(fewest, program);
        }
    }

    [Fact]
    public void The_image_s_roles_are_those_for_its_programs_version() =>
        RunInImage("/usr/bin/kube-apiserver", "--version").Split(' ', '-', '+', '\n').ShouldContain($"v{_roles.Components["kubernetes"]}");

    [Fact]
    public void A_flag_that_only_the_description_of_another_mentions_is_not_listed()
    {
        ProgramHelp.Flags("Flags:\n      --one string   as --two is,\n                     or --three\n  -f, --four=8   instead of\n-5, --five\n  --six 'default'\n--seven[=x]\n")
            .Order(StringComparer.Ordinal).ShouldBe(["--five", "--four", "--one", "--six"]);
    }

    /// <summary>By program, of all roles.</summary>
    private Dictionary<string, HashSet<string>> Used()
    {
        Dictionary<string, HashSet<string>> used = new(StringComparer.Ordinal);
        foreach ((RoleDefinition role, RoleService service) in _roles.Roles.SelectMany(role => role.Services.Select(service => (role, service))))
        {
            RenderedUnit unit = new(image.Root, role, service);
            foreach (string[] command in unit.Commands)
            {
                IEnumerable<string> flags = command.Where(word => word.StartsWith("--", StringComparison.Ordinal)).Select(word => word.Split('=')[0]);
                Of(command[0]).UnionWith(command[0] == "/usr/bin/etcd" ? flags.Concat(EtcdFlags(unit)) : flags);
            }
        }

        return used;

        HashSet<string> Of(string program) => used.TryGetValue(program, out HashSet<string>? known) ? known : used[program] = new HashSet<string>(StringComparer.Ordinal);
    }

    /// <summary>etcd takes each flag as a variable, too (https://etcd.io/docs/v3.5/op-guide/configuration/); the role uses these.</summary>
    private static IEnumerable<string> EtcdFlags(RenderedUnit unit) => unit.Variables.Keys
        .Where(name => name.StartsWith("ETCD_", StringComparison.Ordinal)).Select(name => $"--{name["ETCD_".Length..].Replace('_', '-').ToLowerInvariant()}");

    /// <summary>With the image's libraries, as it lies there. dnsmasq wants /dev/urandom even to say what its flags are.</summary>
    private string RunInImage(string program, string argument)
    {
        JudgeResult result = Judge.Try(
            "unshare", "--map-root-user", "--mount", "sh", "-c", "mount --rbind /dev \"$0/dev\" && exec unshare --root=\"$0\" \"$@\"", image.Root, program, argument);
        result.ExitCode.ShouldBe(0, $"{program} {argument}\n{result.Output}\n{result.Error}");
        return result.Output + result.Error;
    }
}
