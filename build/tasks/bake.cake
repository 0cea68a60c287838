// What the user came for.
string[] BakerLine(params string[] arguments) => [$"{bakerFolder}/baker.dll", .. arguments];

string[] MirrorOptions() => HasArgument("mirror") ? ["--mirror", Argument<string>("mirror")] : [];

Task("Bake").Description("Bakes artifacts/node_<version>.raw (the default)").IsDependentOn("Publish").Does(() =>
{
    string[] locked = HasArgument("locked") ? ["--locked"] : [];
    Run("dotnet", BakerLine(["bake", "image.yaml", "--bootstrapper", $"{bootstrapperFolder}/bootstrapper", "--out", artifacts, .. MirrorOptions(), .. locked]));
});

Task("Lock").Description("Resolves image.yaml anew and writes image.lock.json").IsDependentOn("Publish").Does(() =>
{
    Run("dotnet", BakerLine(["lock", "image.yaml", .. MirrorOptions()]));
});
