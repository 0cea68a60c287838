using Images.Bench;
using Images.Lab.Machines;

// Measures all parts in turn, or with --only PART one, and writes their sections of docs/benchmarks.md.
string[] parts = ["bake", "mmdebstrap", "root", "build", "kubernetes", "agent", "containers", "lb", "boot", "cluster"];
if (args is not [string repository, string emptyHost, string plainHost, string quietClient, .. string[] options]
    || options.Length % 2 != 0
    || options.Chunk(2).Any(option => option[0] is not ("--only" or "--mirror" or "--baseline"))
    || (Option("--only") is { } named && !parts.Contains(named, StringComparer.Ordinal)))
{
    Console.Error.WriteLine($"usage: bench REPOSITORY EMPTY-HOST PLAIN-HOST QUIET-CLIENT [--mirror URL] [--baseline IMAGE] [--only {string.Join('|', parts)}]");
    return 2;
}

string? only = Option("--only");
string work = BakedImage.RunFolder("bench");
string? baseline = Option("--baseline");
if (baseline is not null && !File.Exists(baseline))
{
    Console.Error.WriteLine($"bench: --baseline {baseline}: there is no such image. Bake the commit to compare with in a worktree of its own, and name its artifacts/node_*.raw.");
    return 2;
}

PublishedBaker baker = new(repository, work);
AgentPeers peers = new(emptyHost, plainHost, quietClient);
// the gaps are written by hand, from what HighlyAvailableTests says
BenchmarkPage page = new(Path.Combine(repository, "docs", "benchmarks.md"), [.. parts, "gaps", "scale"]);
List<string> missed = [];
foreach (string part in parts.Where(part => only is null || part == only))
{
    List<Measured> rows = [];
    foreach (Measured row in Measure(part))
    {
        Console.WriteLine($"{row.What}: {row.Result} ({row.Verdict})\n  {row.How}");
        rows.Add(row);
    }

    page.Write(part, rows);
    missed.AddRange(rows.Where(row => row.Met == false).Select(row => row.What));
}

if (missed.Count > 0)
{
    Console.Error.WriteLine($"bench: missed its aim: {string.Join("; ", missed)}");
    return 1;
}

return 0;

string? Option(string name) => args[4..].Chunk(2).Where(option => option.Length == 2 && option[0] == name).Select(option => option[1]).FirstOrDefault();

IEnumerable<Measured> Measure(string part) => part switch
{
    "bake" => new BakeBench(baker, work).Run(),
    "mmdebstrap" => new MmdebstrapBench(baker, Option("--mirror"), work).Run(),
    "root" => MeasureRoot(),
    "build" => [new BuildBench(repository, work).Run()],
    "kubernetes" => [new KubernetesBench(baker).Run()],
    "agent" => new IdleBench(repository, work, peers).Run(),
    "containers" => new ContainerBench(baker, baseline, work).Run(),
    "lb" => new LbBench(work).Run(),
    "boot" => new BootBench(work, baseline).Run(),
    _ => new ClusterBench(work, peers, baseline, new ContainerBench(baker, baseline, work)).Run(),
};

IEnumerable<Measured> MeasureRoot()
{
    using UnpackedRoot root = new(BakedImage.RawDisk, work);
    yield return root.AgainstMksquashfs();
    yield return root.Components();
    if (baseline is not null)
    {
        yield return root.Against(baseline);
    }

    using StartBench start = new(root.Folder, emptyHost);
    yield return start.Run();
    yield return new RootStoreBench(baker, work).Run();
}
