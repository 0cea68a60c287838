// Ratios against other tools, written to docs/benchmarks.md.
Task("Bench").Description("Measures against other tools and writes docs/benchmarks.md; fails where an aim is missed").IsDependentOn("Bake").IsDependentOn("Judges").IsDependentOn("BenchJudges").Does(() =>
{
    string emptyHost = Published("EmptyHost"), plainHost = Published("PlainHost"), quietClient = Published("QuietClient");
    string[] against = HasArgument("baseline") ? ["--baseline", System.IO.Path.GetFullPath(Argument<string>("baseline"), repository)] : [];
    string[] only = HasArgument("only") ? ["--only", Argument<string>("only")] : [];
    Run("dotnet", ["run", "--project", "tests/Bench/Bench.csproj", "-c", configuration, "-v", "quiet", "--", repository, emptyHost, plainHost, quietClient, .. MirrorOptions(), .. against, .. only],
        new Dictionary<string, string> { ["IMAGES_ARTIFACTS"] = artifacts });
});

string Published(string program)
{
    var folder = $"{artifacts}/{program}";
    Run("dotnet", ["publish", $"tests/{program}/{program}.csproj", "-c", configuration, "-o", folder, "-v", "quiet", "-nologo", .. LinkerOptions()]);
    return $"{folder}/{program}";
}
