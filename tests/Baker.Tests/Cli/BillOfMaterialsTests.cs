using System.Text.Json;
using Images.Baker.Baking;
using Images.Baker.Locking;
using Images.Baker.Manifest;
using Images.Baker.Tests.Sources.Kubernetes;
using Images.TestSupport;

namespace Images.Baker.Tests.Cli;

/// <summary>The bill of materials names everything that runs, wherever in the image it lies, and what made it.</summary>
public sealed class BillOfMaterialsTests : IDisposable
{
    private static readonly string _nuGetLock = Path.Combine(Checkout.Folder, "src/Bootstrapper/packages.lock.json");
    private readonly SampleProject _project = new();

    public void Dispose() => _project.Dispose();

    [Fact]
    public void Every_entry_of_the_lock_is_in_it_by_its_digest_whatever_its_use()
    {
        JudgeResult baked = _project.Bake();
        baked.ExitCode.ShouldBe(0, baked.Error);
        JsonElement document = Read("out/node_0.1.0.spdx.json");
        ImageLock pinned = ImageLockFile.Read(_project["image.lock.json"]);
        pinned.Packages.SelectMany(package => package.Uses).Distinct().Order().ShouldBe([PackageUse.Root, PackageUse.Initramfs, PackageUse.Boot]);
        foreach (LockedPackage package in pinned.Packages)
        {
            JsonElement entry = Package(document, package.Name);
            entry.GetProperty("checksums")[0].GetProperty("checksumValue").GetString().ShouldBe(package.Digest.Hex);
            Relations(document).ShouldContain(("SPDXRef-Image", "CONTAINS", entry.GetProperty("SPDXID").GetString()!));
        }
    }

    [Fact]
    public void Every_package_that_is_compiled_into_the_bootstrapper_is_in_it_and_what_compiled_it_is_a_tool()
    {
        JudgeResult baked = _project.Bake(arguments: ["--nuget-lock", _nuGetLock, "--tool", "dotnet-sdk=10.0.401", "--tool", "Microsoft.NETCore.App.Runtime.NativeAOT.linux-x64=10.0.12"]);
        baked.ExitCode.ShouldBe(0, baked.Error);
        JsonElement document = Read("out/node_0.1.0.spdx.json");
        using JsonDocument locked = JsonDocument.Parse(File.ReadAllBytes(_nuGetLock));
        foreach (JsonProperty package in locked.RootElement.GetProperty("dependencies").EnumerateObject().SelectMany(framework => framework.Value.EnumerateObject()))
        {
            if (package.Value.GetProperty("type").GetString() != "Project")
            {
                Package(document, package.Name).GetProperty("versionInfo").GetString().ShouldBe(package.Value.GetProperty("resolved").GetString());
            }
        }

        string[] tools = ["dotnet-sdk", "Meziantou.Analyzer", "Microsoft.DotNet.ILCompiler", "Microsoft.NET.ILLink.Tasks"];
        tools.ShouldAllBe(name => HowIsIt(document, name) == "BUILD_TOOL_OF");
        string[] parts = ["YamlDotNet", "Microsoft.Extensions.Hosting", "Microsoft.NETCore.App.Runtime.NativeAOT.linux-x64"];
        parts.ShouldAllBe(name => HowIsIt(document, name) == "CONTAINS");
        Package(document, "YamlDotNet").GetProperty("externalRefs")[0].GetProperty("referenceLocator").GetString()!.ShouldStartWith("pkg:nuget/YamlDotNet@");
        string[] ids = [.. document.GetProperty("packages").EnumerateArray().Select(package => package.GetProperty("SPDXID").GetString()!)];
        ids.ShouldBeUnique();
        ids.ShouldAllBe(id => id.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-' || letter == '.'));
        Relations(document).SelectMany(relation => new[] { relation.From, relation.To }).ShouldBeSubsetOf([.. ids, "SPDXRef-DOCUMENT"]);
    }

    [Fact]
    public void The_go_modules_in_kubernetes_programs_are_in_it_and_in_the_image()
    {
        SampleKubernetes.WriteFolder(_project["programs"], "1.29.3");
        byte[] kubelet = [.. SampleGoProgram.Inline("go1.21.8", "path\tk8s.io/kubernetes/cmd/kubelet\ndep\tgithub.com/spf13/cobra\tv1.7.0\th1:x=\n"), .. "v1.29.3"u8];
        File.WriteAllBytes(_project["programs/kubelet"], kubelet);
        _project.WritePlan(text => text + "kubernetes: { source: folder, folder: { path: programs, version: 1.29.3 } }\n" + SampleProject.Pause);
        JudgeResult baked = _project.Bake();
        baked.ExitCode.ShouldBe(0, baked.Error);
        JsonElement document = Read("out/node_0.1.0+k8s1.29.3-folder.spdx.json");
        Package(document, "github.com/spf13/cobra").GetProperty("externalRefs")[0].GetProperty("referenceLocator").GetString().ShouldBe("pkg:golang/github.com/spf13/cobra@v1.7.0");
        Package(document, "stdlib").GetProperty("versionInfo").GetString().ShouldBe("1.21.8");
        Relations(document).ShouldContain(("SPDXRef-Kubernetes", "CONTAINS", Package(document, "stdlib").GetProperty("SPDXID").GetString()!));
    }

    [Fact]
    public void The_linker_s_packages_are_tools_by_their_digest_and_a_later_one_than_is_pinned_has_none()
    {
        ImageLock pinned = ImageLockFile.Read(Path.Combine(Checkout.Folder, "image.lock.json"));
        Dictionary<string, string> tools = pinned.Toolchain.ToDictionary(package => package.Name, package => package.Version);
        tools["libc6"] = "99";
        IReadOnlyList<SoftwarePart> parts = BootstrapperParts.Of(null, tools, pinned);
        parts.ShouldAllBe(part => part.IsTool);
        foreach (LockedPackage package in pinned.Toolchain)
        {
            parts.Single(part => part.Name == package.Name).Digest.ShouldBe(package.Name == "libc6" ? null : package.Digest);
        }
    }

    [Theory]
    [InlineData("no JSON")]
    [InlineData("[]")]
    [InlineData("""{"dependencies":{"net10.0":{"a":{}}}}""")]
    [InlineData("""{"dependencies":{"net10.0":{"a":{"type":"Direct"}}}}""")]
    public void A_file_that_is_no_packages_lock_json_is_refused(string text)
    {
        File.WriteAllText(_project["packages.lock.json"], text);
        Should.Throw<BakeException>(() => NuGetLock.Read(_project["packages.lock.json"])).Code.ShouldBe("BAKE0406");
    }

    private JsonElement Read(string path) => JsonDocument.Parse(File.ReadAllBytes(_project[path])).RootElement;

    private static JsonElement Package(JsonElement document, string name) =>
        document.GetProperty("packages").EnumerateArray().Single(package => package.GetProperty("name").GetString() == name);

    private static string HowIsIt(JsonElement document, string name)
    {
        string id = Package(document, name).GetProperty("SPDXID").GetString()!;
        return Relations(document).Single(relation => (relation.From == id && relation.To == "SPDXRef-Bootstrapper") || (relation.From == "SPDXRef-Bootstrapper" && relation.To == id)).How;
    }

    private static (string From, string How, string To)[] Relations(JsonElement document) =>
    [
        .. document.GetProperty("relationships").EnumerateArray().Select(relation => (
            relation.GetProperty("spdxElementId").GetString()!, relation.GetProperty("relationshipType").GetString()!, relation.GetProperty("relatedSpdxElement").GetString()!)),
    ];
}
