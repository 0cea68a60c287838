// What the user came for.
string[] BakerLine(params string[] arguments) => [$"{bakerFolder}/baker.dll", .. arguments];

string[] MirrorOptions() => HasArgument("mirror") ? ["--mirror", Argument<string>("mirror")] : [];

// What CI makes and what is measured may not depend on who can be reached: there a source is named.
var namesKubernetes = EnvironmentVariable("CI") == "true" || target == "Bench";

string[] KubernetesOptions() =>
[
    .. HasArgument("kubernetes") || namesKubernetes ? (string[])["--kubernetes", Argument("kubernetes", "debian")] : [],
    .. HasArgument("kubernetes-mirror") ? (string[])["--kubernetes-mirror", Argument<string>("kubernetes-mirror")] : [],
];

// For releases: nothing kept that vouches for itself only, so Kubernetes is compiled again.
string[] DerivedOptions() => HasArgument("no-derived-cache") ? ["--no-derived-cache"] : [];

string[] LockedOptions() => HasArgument("locked") ? ["--locked"] : [];

// What built the bootstrapper, for the manifest: two images that differ can be explained by it.
string[] ToolOptions()
{
    var runtime = OfBootstrapper("BundledNETCoreAppPackageVersion");
    string[] packs = IsNative()
        ? ["Microsoft.DotNet.ILCompiler", "Microsoft.NETCore.App.Runtime.NativeAOT.linux-x64"]
        : ["Microsoft.NETCore.App.Crossgen2", "Microsoft.NETCore.App.Runtime.linux-x64"];
    string[] linker = IsNative() ? System.IO.File.ReadAllLines($"{Toolchain()}/packages") : [];
    string[] tools = [$"dotnet-sdk={Ask("--version")}", .. packs.Select(pack => $"{pack}={runtime}"), .. linker];
    return [.. tools.SelectMany(tool => (string[])["--tool", tool])];
}

// Another SDK than the lock files' has lock files of its own, which name its packages.
string NuGetLock() => System.IO.Path.Combine($"{repository}/src/Bootstrapper", OfBootstrapper("UsedLockFile"));

Task("Bake").Description("Bakes artifacts/node_<version>.raw (the default)").IsDependentOn("Publish").Does(() =>
{
    Run("dotnet", BakerLine(["bake", "image.yaml", "--bootstrapper", $"{bootstrapperFolder}/bootstrapper", "--out", artifacts, "--nuget-lock", NuGetLock(), .. ToolOptions(), .. MirrorOptions(), .. KubernetesOptions(), .. LockedOptions(), .. DerivedOptions()]));
});

Task("Lock").Description("Resolves image.yaml anew and writes image.lock.json").IsDependentOn("PublishBaker").Does(() =>
{
    Run("dotnet", BakerLine(["lock", .. MirrorOptions()]));
});
