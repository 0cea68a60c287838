using System.Collections.Immutable;
using Images.Baker.Kubernetes;
using Images.Baker.Kubernetes.GoBuild;
using Images.Baker.Locking;
using Images.Baker.Tests.Sources.Kubernetes;
using Images.Formats;
using Images.TestSupport;

namespace Images.Baker.Tests.Sources.GoBuild;

public sealed class SourceBuildRecipeTests
{
    private static readonly LockedSourceBuild _locked = SamplePlan.SourceBuild();

    [Fact]
    public void The_key_of_the_programs_is_the_same_each_time_and_for_every_folder()
    {
        string key = KeyOf(_locked, "/one/cache");
        key.ShouldBe(KeyOf(SamplePlan.SourceBuild(), "/another user's/cache"));
        key.ShouldContain(KubernetesSourceRecipe.For(_locked).ComputeDigest().ToString());
    }

    [Fact]
    public void The_recipe_holds_nothing_of_the_machine()
    {
        SourceBuildRecipe recipe = KubernetesSourceRecipe.For(_locked);
        IEnumerable<string> commands = StepsOf(recipe).Where(step => step.Action == SourceBuildAction.Run).SelectMany(step => step.Operands);
        foreach (string text in commands.Concat(recipe.Environment.Values).Append(recipe.Folder))
        {
            text.ShouldNotStartWith("/");
            text.ShouldNotContain(Environment.CurrentDirectory);
            text.ShouldNotContain(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + "/");
        }
    }

    [Fact]
    public void Another_digest_of_a_source_or_of_the_toolchain_is_another_key()
    {
        Digest other = Digest.Sha256("other"u8);
        List<LockedSourceBuild> builds = [_locked, _locked with { Version = "1.20.3" }];
        builds.AddRange(_locked.Source.Files.Select(file => _locked with { Source = _locked.Source with { Files = _locked.Source.Files.Replace(file, file with { Digest = other }) } }));
        builds.AddRange(_locked.Packages.Select(package => _locked with { Packages = _locked.Packages.Replace(package, package with { Digest = other }) }));
        builds.Count.ShouldBe(2 + 3 + 3);
        builds.Select(build => KeyOf(build, "/cache")).ShouldBeUnique();
    }

    [Fact]
    public void Another_folder_or_environment_is_another_recipe()
    {
        SourceBuildRecipe recipe = KubernetesSourceRecipe.For(_locked);
        List<SourceBuildRecipe> recipes = [recipe, recipe with { Folder = recipe.Folder + "/cmd" }, With(recipe, environment => environment["GOEXPERIMENT"] = "")];
        foreach ((string name, string value) in recipe.Environment)
        {
            recipes.Add(With(recipe, environment => environment[name] = value + "x"));
            recipes.Add(With(recipe, environment => environment.Remove(name)));
        }

        recipes.Select(each => each.ComputeDigest()).ShouldBeUnique();
    }

    [Fact]
    public void Another_operand_of_any_step_is_another_recipe()
    {
        SourceBuildRecipe recipe = KubernetesSourceRecipe.For(_locked);
        List<SourceBuildRecipe> recipes =
        [
            recipe,
            .. Changed(recipe.Fixes).Select(steps => recipe with { Fixes = steps }),
            .. Changed(recipe.OpenApi).Select(steps => recipe with { OpenApi = steps }),
            .. Changed(recipe.Compile).Select(steps => recipe with { Compile = steps }),
        ];
        recipes.Count.ShouldBeGreaterThan(60);
        recipes.Select(each => each.ComputeDigest()).ShouldBeUnique();
    }

    [Fact]
    public void The_recipe_holds_the_text_of_the_fixes() =>
        StepsOf(KubernetesSourceRecipe.For(_locked)).SelectMany(step => step.Operands)
            .ShouldContain(File.ReadAllText(Path.Combine(Checkout.Folder, "src/Baker/Kubernetes/GoBuild/RootCgroupStats.go")));

    [Fact]
    public void These_are_the_commands_of_a_build()
    {
        const string Vendor = "k8s.io/kubernetes/vendor/k8s.io";
        string version = string.Concat(((string[])["component-base/version", "client-go/pkg/version"]).Select(package =>
            $" -X {Vendor}/{package}.gitVersion=v1.20.2 -X {Vendor}/{package}.gitMajor=1 -X {Vendor}/{package}.gitMinor=20 -X {Vendor}/{package}.gitTreeState=archive -X {Vendor}/{package}.buildDate={{date}}"));
        StepsOf(KubernetesSourceRecipe.For(_locked)).Where(step => step.Action == SourceBuildAction.Run).Select(step => string.Join('\n', step.Operands)).ShouldBe(
        [
            string.Join('\n', "{go}/bin/go", "build", "-buildvcs=false", "-o", "{work}/scratch/openapi-gen", "./vendor/k8s.io/kube-openapi/cmd/openapi-gen"),
            string.Join(
                '\n', "{work}/scratch/openapi-gen", "--logtostderr", "-i", "{packages}", "-p", "k8s.io/kubernetes/pkg/generated/openapi", "-O", "zz_generated.openapi",
                "-h", "{work}/scratch/header.txt", "-r", "{work}/scratch/violations"),
            string.Join(
                '\n', "{go}/bin/go", "build", "-v", "-trimpath", "-buildvcs=false", "-tags", "dockerless", "-ldflags", "-s -w" + version, "-o", "{output}/",
                "./cmd/kube-apiserver", "./cmd/kube-controller-manager", "./cmd/kube-proxy", "./cmd/kube-scheduler", "./cmd/kubectl", "./cmd/kubelet"),
        ]);
    }

    /// <summary>Each operand changed, taken away, and its last character moved to the next; each step taken away; two steps exchanged.</summary>
    private static IEnumerable<ImmutableArray<SourceBuildStep>> Changed(ImmutableArray<SourceBuildStep> steps)
    {
        yield return [.. steps.Reverse()];
        for (int number = 0; number < steps.Length; number++)
        {
            ImmutableArray<string> operands = steps[number].Operands;
            yield return steps.RemoveAt(number);
            for (int operand = 0; operand < operands.Length; operand++)
            {
                yield return With(operands.SetItem(operand, operands[operand] + "x"));
                yield return With(operands.RemoveAt(operand));
                if (operand + 1 < operands.Length && operands[operand] is [.. string start, char last])
                {
                    yield return With(operands.SetItem(operand, start).SetItem(operand + 1, last + operands[operand + 1]));
                }
            }

            ImmutableArray<SourceBuildStep> With(ImmutableArray<string> changed) => steps.SetItem(number, steps[number] with { Operands = changed });
        }
    }

    private static SourceBuildRecipe With(SourceBuildRecipe recipe, Action<Dictionary<string, string>> change)
    {
        Dictionary<string, string> environment = new(recipe.Environment, StringComparer.Ordinal);
        change(environment);
        return recipe with { Environment = environment };
    }

    private static IEnumerable<SourceBuildStep> StepsOf(SourceBuildRecipe recipe) => [.. recipe.Fixes, .. recipe.OpenApi, .. recipe.Compile];

    /// <summary>Nothing is fetched or built for a key.</summary>
    private static string KeyOf(LockedSourceBuild locked, string cacheFolder) => new KubernetesDebianPrograms(locked, inputs: null!, cacheFolder, TimeProvider.System).Key;
}
