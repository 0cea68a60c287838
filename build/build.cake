// The task graph. Logic belongs in `baker` and in the tests; a task here only starts them.
var target = Argument("target", "Bake");
var repository = MakeAbsolute(Directory("..")).FullPath;
var artifacts = $"{repository}/artifacts";

#load "tasks/compile.cake"
#load "tasks/bake.cake"
#load "tasks/judges.cake"
#load "tasks/test.cake"
#load "tasks/parts.cake"
#load "tasks/bench.cake"
#load "tasks/cluster.cake"

Task("Help").Description("Lists the targets").Does(() =>
{
    Console.WriteLine("usage: ./build.sh [--target NAME] [options]");
    Console.WriteLine();
    foreach (var task in Tasks.Where(task => !string.IsNullOrEmpty(task.Description)))
    {
        Console.WriteLine($"  {task.Name,-8} {task.Description}");
    }

    Console.WriteLine();
    Console.WriteLine("options of Bake:  --mirror URL   take Debian's packages from there (Lock and Bench too)");
    Console.WriteLine("                  --kubernetes-mirror URL   take upstream's Kubernetes from there");
    Console.WriteLine("                  --locked       refuse whatever image.lock.json does not pin (implied by CI=true)");
    Console.WriteLine("                  --kubernetes NAME   which Kubernetes: none, upstream, debian, folder, auto");
    Console.WriteLine("                                  (else image.yaml's source; with CI=true, debian)");
    Console.WriteLine("options of Full:  --part N       one part of tests/full-parts.txt (default: all, one after another)");
    Console.WriteLine("options of Cluster:  --no-uplink   let its nodes reach nothing outside");
    Console.WriteLine("options of Boot:  --role NAME    which role the machine gets (default etcd, size 1)");
    Console.WriteLine("options of Bench: --only PART    bake, mmdebstrap, root, build, kubernetes, agent, containers, lb, boot or cluster");
});

Task("Clean").Description("Removes artifacts/ and all build output (the download cache stays)").Does(() =>
{
    ClearMachines();
    CleanDirectory(artifacts);
    foreach (var folder in GetDirectories($"{repository}/src/*/bin") + GetDirectories($"{repository}/src/*/obj")
        + GetDirectories($"{repository}/tests/*/bin") + GetDirectories($"{repository}/tests/*/obj"))
    {
        DeleteDirectory(folder, new DeleteDirectorySettings { Recursive = true, Force = true });
    }
});

RunTarget(target);
