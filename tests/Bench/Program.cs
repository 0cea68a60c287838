using Images.Bench;
using Images.Lab.Machines;

// Measures all parts in turn and writes docs/benchmarks.md; --only PART measures one and writes nothing.
string[] parts = ["bake", "mmdebstrap", "root", "build", "kubernetes", "boot", "cluster"];
if (args is not [string repository, string emptyHost, string quietClient, .. string[] options]
    || options.Length % 2 != 0
    || options.Chunk(2).Any(option => option[0] is not ("--only" or "--mirror"))
    || (Option("--only") is { } named && !parts.Contains(named, StringComparer.Ordinal)))
{
    Console.Error.WriteLine($"usage: bench REPOSITORY EMPTY-HOST QUIET-CLIENT [--mirror URL] [--only {string.Join('|', parts)}]");
    return 2;
}

string? only = Option("--only");
string work = BakedImage.RunFolder("bench");
PublishedBaker baker = new(repository, work);
List<Measured> rows = [];
foreach (string part in parts.Where(part => only is null || part == only))
{
    foreach (Measured row in Measure(part))
    {
        Console.WriteLine($"{row.What}: {row.Result} ({row.Verdict})\n  {row.How}");
        rows.Add(row);
    }
}

if (only is null)
{
    BenchmarkPage.Write(Path.Combine(repository, "docs", "benchmarks.md"), rows);
}

string[] missed = [.. rows.Where(row => row.Met == false).Select(row => row.What)];
if (missed.Length > 0)
{
    Console.Error.WriteLine($"bench: missed its aim: {string.Join("; ", missed)}");
    return 1;
}

return 0;

string? Option(string name) => args[3..].Chunk(2).Where(option => option.Length == 2 && option[0] == name).Select(option => option[1]).FirstOrDefault();

IEnumerable<Measured> Measure(string part) => part switch
{
    "bake" => new BakeBench(baker, work).Run(),
    "mmdebstrap" => new MmdebstrapBench(baker, Option("--mirror"), work).Run(),
    "root" => MeasureRoot(),
    "build" => [new BuildBench(repository, work).Run()],
    "kubernetes" => [new KubernetesBench(baker).Run()],
    "boot" => new BootBench(work).Run(),
    _ => new ClusterBench(work, emptyHost, quietClient).Run(),
};

IEnumerable<Measured> MeasureRoot()
{
    using UnpackedRoot root = new(BakedImage.RawDisk, work);
    yield return root.AgainstMksquashfs();
    yield return root.Components();
    using StartBench start = new(root.Folder, emptyHost);
    yield return start.Run();
}
