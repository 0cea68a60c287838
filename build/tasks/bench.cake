// Ratios against other tools, written to docs/benchmarks.md.
Task("Bench").Description("Measures against other tools and writes docs/benchmarks.md").IsDependentOn("Bake").IsDependentOn("Judges").Does(() =>
{
    var emptyHost = $"{artifacts}/empty-host";
    Run("dotnet", ["publish", "tests/EmptyHost/EmptyHost.csproj", "-c", configuration, "-o", emptyHost, "-v", "quiet", "-nologo"]);
    Run("dotnet", ["run", "--project", "tests/Bench/Bench.csproj", "-c", configuration, "-v", "quiet", "--", repository, $"{bootstrapperFolder}/bootstrapper", $"{emptyHost}/EmptyHost"],
        new Dictionary<string, string> { ["IMAGES_ARTIFACTS"] = artifacts });
});
