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

// What built the bootstrapper, for the manifest: two images that differ can be explained by it.
string Ask(params string[] arguments)
{
    StartProcess("dotnet", new ProcessSettings { Arguments = ProcessArgumentBuilder.FromString(string.Join(' ', arguments)), WorkingDirectory = repository, RedirectStandardOutput = true }, out var lines);
    return lines.Last(line => line.Length > 0).Trim();
}

string OfBootstrapper(string property) => Ask("msbuild", "src/Bootstrapper/Bootstrapper.csproj", $"-getProperty:{property}");

string[] ToolOptions()
{
    var runtime = OfBootstrapper("BundledNETCoreAppPackageVersion");
    string[] packs = OfBootstrapper("PublishAot") == "true"
        ? ["Microsoft.DotNet.ILCompiler", "Microsoft.NETCore.App.Runtime.NativeAOT.linux-x64"]
        : ["Microsoft.NETCore.App.Crossgen2", "Microsoft.NETCore.App.Runtime.linux-x64"];
    return ["--tool", $"dotnet-sdk={Ask("--version")}", .. packs.SelectMany(pack => (string[])["--tool", $"{pack}={runtime}"])];
}

Task("Bake").Description("Bakes artifacts/node_<version>.raw (the default)").IsDependentOn("Publish").Does(() =>
{
    string[] locked = HasArgument("locked") ? ["--locked"] : [];
    Run("dotnet", BakerLine(["bake", "image.yaml", "--bootstrapper", $"{bootstrapperFolder}/bootstrapper", "--out", artifacts, .. ToolOptions(), .. MirrorOptions(), .. KubernetesOptions(), .. locked]));
});

Task("Lock").Description("Resolves image.yaml anew and writes image.lock.json").IsDependentOn("Publish").Does(() =>
{
    Run("dotnet", BakerLine(["lock", .. MirrorOptions()]));
});
