// Ratios against other tools, written to docs/benchmarks.md.
Task("Bench").Description("Measures against other tools and writes docs/benchmarks.md; fails where an aim is missed").IsDependentOn("Bake").IsDependentOn("BenchJudges").Does(() =>
{
    var emptyHost = $"{artifacts}/empty-host";
    Run("dotnet", ["publish", "tests/EmptyHost/EmptyHost.csproj", "-c", configuration, "-o", emptyHost, "-v", "quiet", "-nologo"]);
    string[] only = HasArgument("only") ? ["--only", Argument<string>("only")] : [];
    Run("dotnet", ["run", "--project", "tests/Bench/Bench.csproj", "-c", configuration, "-v", "quiet", "--", repository, $"{emptyHost}/EmptyHost", .. MirrorOptions(), .. only],
        new Dictionary<string, string> { ["IMAGES_ARTIFACTS"] = artifacts });
});
