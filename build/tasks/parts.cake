// Full, cut into the parts that tests/full-parts.txt lists. What a part found is kept under artifacts/full by the commit
// that it was run on, and only where the tree held nothing else.
record PartLine(int Part, int Minutes, string Project, string Class);

const string allOthers = "*";
const int mostMinutes = 40;
var keptParts = $"{artifacts}/full";

List<PartLine> ReadParts() =>
[
    .. System.IO.File.ReadLines($"{repository}/tests/full-parts.txt")
        .Where(line => line.Length > 0 && line[0] != '#')
        .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Select(words => new PartLine(int.Parse(words[0]), int.Parse(words[1]), words[2], words[3])),
];

// "*" is what no other line of the project names.
Tested TestedOf(string project, int part, List<PartLine> lines)
{
    var own = lines.Where(line => line.Project == project && line.Part == part).ToList();
    var filter = own.Any(line => line.Class == allOthers)
        ? string.Join('&', lines.Where(line => line.Project == project && line.Part != part).Select(line => $"FullyQualifiedName!~.{line.Class}."))
        : string.Join('|', own.Select(line => $"FullyQualifiedName~.{line.Class}."));
    return new Tested(project, filter == "" ? "Category!=Never" : $"Category!=Never&({filter})");
}

string Git(params string[] arguments)
{
    var settings = new ProcessSettings { WorkingDirectory = repository, RedirectStandardOutput = true, RedirectStandardError = true,
        Arguments = ProcessArgumentBuilder.FromString(string.Join(' ', arguments)) };
    return StartProcess("git", settings, out var lines) == 0 ? string.Join('\n', lines) : null;
}

// null where it is unknown, or where the tree holds changes beside it: such a result is nobody's
string CleanCommit() => Git("status", "--porcelain") == "" ? Git("rev-parse", "HEAD") : null;

// What tests/full-parts.txt should say; two classes may have run side by side.
IEnumerable<(string Class, TimeSpan Took)> LongClasses(string folder) =>
    from file in GetFiles($"{folder}/*.trx")
    from result in XDocument.Load(file.FullPath).Descendants().Where(element => element.Name.LocalName == "UnitTestResult")
    let name = ((string)result.Attribute("testName")).Split('(')[0]
    group TimeSpan.Parse((string)result.Attribute("duration") ?? "0", CultureInfo.InvariantCulture) by name[..name.LastIndexOf('.')] into tests
    let took = TimeSpan.FromTicks(tests.Sum(test => test.Ticks))
    where took >= TimeSpan.FromMinutes(0.5)
    orderby took descending
    select (tests.Key, took);

TestTotals RunPart(int part, List<PartLine> lines)
{
    var commit = CleanCommit();
    var began = DateTime.UtcNow;
    Console.WriteLine($"part {part} of Full");
    var folder = $"{artifacts}/test-results/part-{part}";
    var projects = lines.Where(line => line.Part == part).Select(line => line.Project).Distinct().ToList();
    var totals = RunTests([.. projects.Select(project => TestedOf(project, part, lines))], folder);
    var minutes = (int)Math.Ceiling((DateTime.UtcNow - began).TotalMinutes);
    var said = $"{(totals.Failed == 0 ? "passed" : "failed")} {began:yyyy-MM-dd HH:mm} UTC, {minutes} min: {totals.Passed} passed, {totals.Failed} failed";
    Console.WriteLine($"part {part}: {said}{(minutes > mostMinutes ? $" (a part may take {mostMinutes} min: move a class in tests/full-parts.txt)" : "")}");
    foreach (var (name, took) in LongClasses(folder))
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {took.TotalMinutes,5:F1} min  {name}"));
    }

    if (commit is null || CleanCommit() != commit)
    {
        Console.WriteLine("The tree holds changes that are not committed, so this result is not kept.");
        return totals;
    }

    var kept = $"{keptParts}/{commit}/part-{part}";
    CleanDirectory(kept);
    CopyFiles($"{folder}/*.trx", kept);
    System.IO.File.WriteAllText($"{kept}/result.txt", said + "\n");
    return totals;
}

Task("Full").Description("Test with the long cases, in parts of at most 40 minutes: all in turn, or --part N")
    .IsDependentOn("Bake").IsDependentOn("Judges").Does(() =>
{
    var lines = ReadParts();
    var all = lines.Select(line => line.Part).Distinct().Order().ToList();
    var asked = HasArgument("part") ? [Argument<int>("part")] : all;
    if (asked.Except(all).Any())
    {
        throw new CakeException($"Full has the parts {string.Join(", ", all)}.");
    }

    var totals = asked.Select(part => RunPart(part, lines)).ToList();
    Conclude(new TestTotals(totals.Sum(part => part.Passed), totals.Sum(part => part.Failed),
        string.Join(", ", totals.Where(part => part.Failed > 0).Select(part => part.Troubled).Distinct())));
});

Task("Parts").Description("Says which parts of Full have passed for this commit, and when").Does(() =>
{
    var commit = Git("rev-parse", "HEAD") ?? throw new CakeException("This is no git checkout, so no result of Full is kept.");
    var parts = ReadParts().GroupBy(line => line.Part).OrderBy(part => part.Key).ToList();
    string Result(int part) => System.IO.File.Exists($"{keptParts}/{commit}/part-{part}/result.txt")
        ? System.IO.File.ReadAllText($"{keptParts}/{commit}/part-{part}/result.txt").Trim() : "not run";
    foreach (var part in parts)
    {
        Console.WriteLine($"part {part.Key}  (about {part.Sum(line => line.Minutes)} min)  {Result(part.Key)}");
    }

    Console.WriteLine($"{parts.Count(part => Result(part.Key).StartsWith("passed"))} of {parts.Count} parts have passed for {commit[..10]}"
        + (CleanCommit() is null ? "; the tree holds changes beside it." : "."));
});
