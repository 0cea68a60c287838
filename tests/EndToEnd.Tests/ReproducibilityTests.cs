using System.Text.Json;
using Images.Baker.Caching;
using Images.Baker.Locking;
using Images.Lab.Machines;
using Images.TestSupport;

namespace Images.EndToEnd.Tests;

/// <summary>
/// The image that the build left is made again elsewhere, by somebody else, from nothing but the downloads and, where a test
/// does not build them again, the programs that were built from source: not a byte differs.
/// </summary>
public sealed class ReproducibilityTests : IDisposable
{
    /// <summary>For the bill of materials, which the root holds.</summary>
    private const string NuGetLock = "src/Bootstrapper/packages.lock.json";

    private static readonly string[] _downloads = ["sha256", "sha512"];
    private static readonly string[] _stages = ["fetch sources and Go", "unpack Go", "unpack the sources", "generate OpenAPI", "compile Kubernetes", "compress Kubernetes"];
    private static readonly string[] _inputs = ["image.yaml", "image.lock.json", "roles", "keys"];
    private static readonly string[] _sources = ["global.json", ".editorconfig", "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "src/NativeProgram.props", "src/Formats", "src/NodeConfig", "src/Bootstrapper"];

    /// <summary>Of an installed C toolchain, whose name alone .NET would take.</summary>
    private static readonly string[] _foreignTools = ["clang", "gcc", "cc", "ld", "ld.bfd", "ld.lld", "as", "objcopy", "llvm-objcopy", "strip"];

    private readonly TemporaryFolder _folder = new();

    public ReproducibilityTests() => Judge.Run("chmod", "755", _folder.FullPath);

    [Fact]
    public void A_cold_bake_by_another_user_in_another_folder_and_a_warm_one_after_it_give_the_bytes_of_the_build()
    {
        CopyInputs([.. _downloads, "built"]);
        string kubernetes = KubernetesOfTheBuild();
        Bake("cold", kubernetes, ["/bin/sh", "-c", "umask 027; exec \"$@\"", "sh"], new Dictionary<string, string> { ["TZ"] = "Asia/Kathmandu", ["LC_ALL"] = "tr_TR.UTF-8" });
        Compare("cold", BakedImage.RawDisk);
        Bake("warm", kubernetes, ["/bin/sh", "-c", "umask 077; exec \"$@\"", "sh"], new Dictionary<string, string> { ["TZ"] = "America/St_Johns", ["DOTNET_PROCESSOR_COUNT"] = "1" });
        Compare("warm", BakedImage.RawDisk);
    }

    [Fact]
    [Trait("Category", "Full")]
    public void Kubernetes_built_again_by_another_user_in_another_folder_shows_its_stages_and_gives_the_same_image()
    {
        string image = ImageWithDebiansKubernetes();
        CopyInputs(_downloads);
        OwnTheCache();
        Dictionary<string, string> environment = new()
        {
            ["TZ"] = "Asia/Kathmandu",
            ["LC_ALL"] = "tr_TR.UTF-8",
            ["GOAMD64"] = "v3", // these two would make other programs, if the compiler heard of them
            ["CGO_ENABLED"] = "1",
        };
        string[] said = Bake("built-again", "debian", ["/bin/sh", "-c", "umask 077; exec \"$@\"", "sh"], environment).Split('\n');
        Compare("built-again", image);
        said.ShouldContain(line => line.StartsWith("notice: Kubernetes ", StringComparison.Ordinal) && line.EndsWith(" is built from Debian's sources: some minutes, once.", StringComparison.Ordinal));
        int[] places = [.. _stages.Select(stage => Array.FindIndex(said, line => line.StartsWith(stage + " ", StringComparison.Ordinal)))];
        places.ShouldAllBe(place => place >= 0, string.Join('\n', said));
        places.ShouldBeInOrder();
    }

    [Fact]
    public void The_bootstrapper_published_in_another_folder_is_the_build_s_whatever_C_toolchain_the_host_has_and_with_none()
    {
        string copy = Directory.CreateDirectory(_folder["somewhere/deeper"]).FullName;
        foreach (string source in _sources)
        {
            Judge.Run("sh", "-c", $"mkdir -p $(dirname {copy}/{source}) && cd {Checkout.Folder} && tar c --exclude=bin --exclude=obj {source} | tar x -C {copy}");
        }

        string linker = LinkerInAnotherCache();
        PublishBootstrapper(copy, linker, "beside-another", new Dictionary<string, string>
        {
            ["PATH"] = $"{ToolchainThatTells()}:{Environment.GetEnvironmentVariable("PATH")}",
            ["LD_RUN_PATH"] = "/nowhere", // ld would write this into the program
            ["LIBRARY_PATH"] = "/nowhere",
            ["CC"] = "/nowhere/cc",
        });
        File.Exists(_folder["used"]).ShouldBeFalse("no program of another C toolchain is asked");
        PublishBootstrapper(copy, linker, "without-any", new Dictionary<string, string> { ["PATH"] = NothingButAShell() });
    }

    [Fact]
    public void The_bootstrapper_needs_the_C_library_and_nothing_else_and_the_manifest_says_what_made_it()
    {
        string needed = Judge.Run("objdump", "-p", Bootstrapper);
        needed.Split('\n').Where(line => line.Contains("NEEDED", StringComparison.Ordinal)).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1])
            .ShouldBe(["libm.so.6", "libc.so.6", "ld-linux-x86-64.so.2"], ignoreOrder: true);
        needed.ShouldNotContain("RUNPATH");

        using JsonDocument manifest = ManifestOfTheBuild();
        Dictionary<string, string> tools = manifest.RootElement.GetProperty("tools").EnumerateObject().ToDictionary(tool => tool.Name, tool => tool.Value.GetString()!, StringComparer.Ordinal);
        tools.ShouldContainKey("Microsoft.DotNet.ILCompiler");
        foreach (LockedPackage package in ImageLockFile.Read(Path.Combine(Checkout.Folder, "image.lock.json")).Toolchain)
        {
            tools.ShouldContainKeyAndValue(package.Name, package.Version);
        }
    }

    public void Dispose() => _folder.Dispose();

    private static string Bootstrapper => Path.Combine(BakedImage.Artifacts, "bootstrapper", "bootstrapper");

    /// <summary>Unpacked anew from the downloads of the build.</summary>
    private string LinkerInAnotherCache()
    {
        string cache = Directory.CreateDirectory(_folder["linker"]).FullName;
        Directory.CreateSymbolicLink(Path.Combine(cache, "sha256"), Path.Combine(CacheFolder.Choose(null, Environment.GetEnvironmentVariable), "sha256"));
        string plan = Path.Combine(Checkout.Folder, "image.yaml");
        return Path.Combine(Judge.Run("dotnet", BakedImage.Baker, "toolchain", "--plan", plan, "--cache", cache, "--locked").Trim(), "link");
    }

    /// <summary>A folder with the shell that MSBuild starts commands by, and no other program.</summary>
    private string NothingButAShell()
    {
        string programs = Directory.CreateDirectory(_folder["shell"]).FullName;
        File.CreateSymbolicLink(Path.Combine(programs, "sh"), Judge.Find("sh"));
        return programs;
    }

    /// <summary>A folder of programs of which each leaves a trace and fails.</summary>
    private string ToolchainThatTells()
    {
        string tools = Directory.CreateDirectory(_folder["tools"]).FullName;
        foreach (string tool in _foreignTools)
        {
            string path = Path.Combine(tools, tool);
            File.WriteAllText(path, $"#!/bin/sh\necho {tool} >>{_folder["used"]}\nexit 1\n");
            Judge.Run("chmod", "+x", path);
        }

        return tools;
    }

    private void PublishBootstrapper(string checkout, string linker, string output, Dictionary<string, string> environment)
    {
        string[] arguments =
        [
            "publish", Path.Combine(checkout, "src/Bootstrapper/Bootstrapper.csproj"), "-c", "Release", "-o", _folder[output], "-v", "quiet", "-nologo", "-nodeReuse:false",
            $"-p:CppCompilerAndLinker={linker}",
        ];
        JudgeResult publish = Judge.Try(Judge.Find("dotnet"), arguments, input: null, checkout, environment);
        publish.ExitCode.ShouldBe(0, publish.Output + publish.Error);
        Judge.Run("cmp", Bootstrapper, Path.Combine(_folder[output], "bootstrapper"));
    }

    /// <summary>The plan and what it names, the programs, and of the cache what is no result of a bake; readable by all.</summary>
    private void CopyInputs(string[] caches)
    {
        string project = Directory.CreateDirectory(_folder["project"]).FullName;
        string cache = CacheFolder.Choose(null, Environment.GetEnvironmentVariable);
        Judge.Run("cp", ["-r", .. _inputs.Select(input => Path.Combine(Checkout.Folder, input)), Path.GetDirectoryName(BakedImage.Baker)!, project]);
        Judge.Run("cp", Bootstrapper, Path.Combine(Checkout.Folder, NuGetLock), project);
        Directory.CreateDirectory(Path.Combine(project, "cache"));

        // a copy, for a link would share its mode with the cache; the bytes are shared where the file system can
        foreach (string part in caches.Where(part => Directory.Exists(Path.Combine(cache, part))))
        {
            Judge.Run("cp", "-r", "--reflink=auto", Path.Combine(cache, part), Path.Combine(project, "cache"));
        }

        Judge.Run("chmod", "-R", "a+rX", project);
        if (Environment.IsPrivilegedProcess)
        {
            Judge.Run("chown", "nobody", project, Path.Combine(project, "cache"));
            Judge.Run("sh", "-c", $"! test -d {project}/cache/built || chown -R nobody {project}/cache/built"); // who uses it holds a lock in it
        }
    }

    /// <summary>What the copy lacks is fetched into it.</summary>
    private void OwnTheCache()
    {
        if (Environment.IsPrivilegedProcess)
        {
            Judge.Run("chown", "-R", "nobody", _folder["project/cache"]);
        }
    }

    /// <returns>What the bake said.</returns>
    private string Bake(string output, string kubernetes, string[] shell, Dictionary<string, string> environment)
    {
        string project = _folder["project"];
        string[] user = AnotherUser();
        string[] line =
        [
            .. user, .. shell, Judge.Find("dotnet"), Path.Combine(project, "baker", "baker.dll"), "bake", "image.yaml", "--locked",
            "--bootstrapper", "bootstrapper", "--out", output, "--cache", Path.Combine(project, "cache"), "--kubernetes", kubernetes,
            "--nuget-lock", Path.GetFileName(NuGetLock), .. Tools(),
        ];
        environment["PATH"] = "/nowhere"; // a bake starts no program of the host
        environment["HOME"] = project;
        environment["DOTNET_CLI_HOME"] = project;
        JudgeResult bake = Judge.Try(line[0], line[1..], input: null, project, environment);
        bake.ExitCode.ShouldBe(0, bake.Output + bake.Error);
        return bake.Output;
    }

    private static string[] AnotherUser()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return [Judge.Find("unshare"), "--user", "--map-root-user", "--"];
        }

        string[] nobody = [Judge.Find("setpriv"), "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"];
        JudgeResult reach = Judge.Try(nobody[0], [.. nobody[1..], "test", "-x", Judge.Find("dotnet")]);
        return reach.ExitCode == 0
            ? nobody
            : throw new JudgeException($"As root this test bakes as the user nobody, who cannot run {Judge.Find("dotnet")}. "
                + $"Make it and the folders above it readable for all, put .NET where it is (/usr/share/dotnet), or run the tests as another user than root. {reach.Error}");
    }

    private void Compare(string output, string image)
    {
        foreach (string extension in new[] { "raw", "manifest.json", "spdx.json" })
        {
            string made = Path.ChangeExtension(image, extension);
            Judge.Run("cmp", made, Path.Combine(_folder["project"], output, Path.GetFileName(made)));
        }
    }

    /// <summary>The image that the build left; where the build took Kubernetes from elsewhere, one with the programs that the cache has or gets.</summary>
    private string ImageWithDebiansKubernetes()
    {
        if (KubernetesOfTheBuild() == "debian")
        {
            return BakedImage.RawDisk;
        }

        string plan = Path.Combine(Checkout.Folder, "image.yaml"), output = _folder["debian"];
        Judge.Run("dotnet", [BakedImage.Baker, "bake", plan, "--locked", "--bootstrapper", Bootstrapper, "--out", output, "--kubernetes", "debian", .. Tools()]);
        return Directory.EnumerateFiles(output, "*.raw").Single();
    }

    private static string KubernetesOfTheBuild()
    {
        using JsonDocument manifest = ManifestOfTheBuild();
        return manifest.RootElement.TryGetProperty("kubernetes", out JsonElement facts) ? facts.GetProperty("source").GetString()! : "none";
    }

    /// <summary>What the build told the manifest about itself.</summary>
    private static string[] Tools()
    {
        using JsonDocument manifest = ManifestOfTheBuild();
        return [.. manifest.RootElement.GetProperty("tools").EnumerateObject().SelectMany(tool => (string[])["--tool", $"{tool.Name}={tool.Value.GetString()}"])];
    }

    private static JsonDocument ManifestOfTheBuild() => JsonDocument.Parse(File.ReadAllBytes(Path.ChangeExtension(BakedImage.RawDisk, "manifest.json")));
}
