// Every test project, its results as .trx; the totals stand on the last line.
using System.Xml.Linq;

var unitProjects = new[] { "NodeConfig.Tests", "Baker.Tests", "Bootstrapper.Tests" };
var results = $"{artifacts}/test-results";

void TestProjects(IEnumerable<string> projects, string filter)
{
    CleanDirectory(results);
    var failed = new List<string>();
    foreach (var project in projects)
    {
        try
        {
            Run("dotnet", ["test", $"tests/{project}/{project}.csproj", "-c", configuration, "--no-build", "-nologo", "--filter", filter,
                "--logger", $"trx;LogFileName={project}.trx", "--logger", "console;verbosity=minimal", "--results-directory", results],
                new Dictionary<string, string> { ["IMAGES_ARTIFACTS"] = artifacts });
        }
        catch (CakeException)
        {
            failed.Add(project);
        }
    }

    var reports = GetFiles($"{results}/*.trx").Select(file => XDocument.Load(file.FullPath)).ToList();
    long Count(string name) => reports.Sum(report => (long)report.Descendants().Single(element => element.Name.LocalName == "Counters").Attribute(name));
    var notRun = projects.Where(project => !FileExists($"{results}/{project}.trx"));
    var troubled = failed.Concat(notRun).Distinct().ToList();
    if (troubled.Count > 0 || Count("total") == 0 || Count("passed") != Count("total"))
    {
        Console.WriteLine($"{Count("passed")} passed, {Math.Max(1, Count("total") - Count("passed"))} failed");
        throw new CakeException($"Failed: {string.Join(", ", troubled)}");
    }

    Console.WriteLine($"{Count("passed")} passed, 0 failed");
}

Task("Unit").Description("Runs the tests that start no machine").IsDependentOn("Build").IsDependentOn("Judges")
    .Does(() => TestProjects(unitProjects, "Category!=Full"));

Task("Test").Description("Bakes and runs the tests, those that boot machines included").IsDependentOn("Bake").IsDependentOn("Judges")
    .Does(() => TestProjects([.. unitProjects, "EndToEnd.Tests"], "Category!=Full"));

Task("Full").Description("Test, with the long cases").IsDependentOn("Bake").IsDependentOn("Judges")
    .Does(() => TestProjects([.. unitProjects, "EndToEnd.Tests"], "Category!=Never"));

Task("Boot").Description("Boots one machine of the baked image with a role, its console on this terminal")
    .IsDependentOn("Judges").Does(() =>
{
    if (GetFiles($"{artifacts}/node_*.raw").Count == 0)
    {
        RunTarget("Bake");
    }

    Run("dotnet", ["run", "--project", "tests/Lab/Lab.csproj", "-c", configuration, "-v", "quiet", "--", "boot", Argument("role", "etcd")],
        new Dictionary<string, string> { ["IMAGES_ARTIFACTS"] = artifacts });
});
