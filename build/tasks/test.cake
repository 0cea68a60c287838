// Every test project, its results as .trx; the totals stand on the last line.
using System.Globalization;
using System.Xml.Linq;

var unitProjects = new[] { "Architecture.Tests", "Formats.Tests", "NodeConfig.Tests", "Baker.Tests", "Bootstrapper.Tests", "Fuzz.Tests" };
string[] testProjects = [.. unitProjects, "Cluster.Tests", "EndToEnd.Tests"];
var results = $"{artifacts}/test-results";

record Tested(string Project, string Filter);

record TestTotals(long Passed, long Failed, string Troubled);

void TestProjects(IEnumerable<string> projects, string filter) =>
    Conclude(RunTests([.. projects.Select(project => new Tested(project, filter))], results));

void Conclude(TestTotals totals)
{
    Console.WriteLine($"{totals.Passed} passed, {totals.Failed} failed");
    if (totals.Failed > 0)
    {
        throw new CakeException($"Failed: {totals.Troubled}");
    }
}

// A project that ended badly without a failed test counts as one, and so does a run that ran none.
TestTotals RunTests(IReadOnlyList<Tested> runs, string folder)
{
    CleanDirectory(folder);
    var troubled = new List<string>();
    foreach (var (project, filter) in runs)
    {
        try
        {
            Run("dotnet", ["test", $"tests/{project}/{project}.csproj", "-c", configuration, "--no-build", "-nologo", "--filter", filter,
                "--logger", $"trx;LogFileName={project}.trx", "--logger", "console;verbosity=minimal", "--results-directory", folder],
                new Dictionary<string, string> { ["IMAGES_ARTIFACTS"] = artifacts });
        }
        catch (CakeException)
        {
            troubled.Add(project);
        }
    }

    troubled.AddRange(runs.Select(run => run.Project).Where(project => !FileExists($"{folder}/{project}.trx")).Except(troubled).ToList());
    var counters = GetFiles($"{folder}/*.trx").Select(file => XDocument.Load(file.FullPath))
        .Select(report => report.Descendants().Single(element => element.Name.LocalName == "Counters")).ToList();
    long Count(string name) => counters.Sum(counter => (long)counter.Attribute(name));
    var failed = Count("total") - Count("passed");
    return new TestTotals(
        Count("passed"),
        failed == 0 && (troubled.Count > 0 || Count("total") == 0) ? 1 : failed,
        troubled.Count > 0 ? string.Join(", ", troubled) : "no test was run");
}

// "Baked" needs the programs that a bake of Debian's Kubernetes has built.
var ofAnyMachine = "Category!=Full&Category!=Baked";

Task("Unit").Description("Runs the tests that start no machine").IsDependentOn("Build").IsDependentOn("Judges")
    .Does(() => TestProjects(unitProjects, ofAnyMachine));

Task("Test").Description("Bakes and runs the tests, those that boot machines included").IsDependentOn("Bake").IsDependentOn("Judges")
    .Does(() => TestProjects(
        testProjects, Argument("kubernetes", namesKubernetes ? "debian" : "") == "debian" ? "Category!=Full" : ofAnyMachine));

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
