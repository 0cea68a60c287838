using Images.Launcher;
using Images.Launcher.Clusters;
using Images.Launcher.Programs;

namespace Images.Baker.Clusters;

/// <summary>Brings the cluster's archives of container images into containerd of each worker, at each start.</summary>
/// <param name="place">Of the cluster, whose folder holds the archives.</param>
/// <param name="notice">Told what cannot be loaded.</param>
internal sealed class ArchiveLoader(ClusterPlace place, Action<string> notice)
{
    /// <summary>Beside what containerd has: who wipes that wipes this.</summary>
    private const string Marks = "/var/lib/containerd/loaded-by-cluster";

    // the archive is this command's input
    private const string Import = """
        set -e
        [ ! -e "$1/$2" ] || exit 0
        ctr --namespace k8s.io images import - >&2
        mkdir -p "$1"
        : >"$1/$2"
        """;

    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan _patienceForQuestion = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Loaded> _done = new(StringComparer.Ordinal);
    private readonly HashSet<string> _busy = new(StringComparer.Ordinal);

    /// <summary>Nothing is left to load in this start of the node; what could not be loaded was told.</summary>
    public bool IsDone(ClusterNode node) => Missing(node).Count == 0;

    /// <summary>Loads what is missing, beside the caller, unless that is being done.</summary>
    public void LookAfter(ClusterNode node)
    {
        lock (_lock)
        {
            if (Missing(node).Count == 0 || !_busy.Add(node.Name))
            {
                return;
            }
        }

        _ = Task.Run(() =>
        {
            try
            {
                LoadMissing(node);
            }
            finally
            {
                lock (_lock)
                {
                    _busy.Remove(node.Name);
                }
            }
        });
    }

    /// <summary>Loads one archive into a node that runs.</summary>
    /// <returns>False while its containerd does not answer yet.</returns>
    /// <exception cref="LauncherException">containerd refuses the archive, or the node has ended.</exception>
    public bool TryLoad(ClusterNode node, string archive)
    {
        int process = node.ProcessId;
        if (!Answers(node))
        {
            return false;
        }

        string name = Path.GetFileName(archive);
        ProgramResult result = HostProgram.Try(
            [
                "/bin/sh", "-c", "archive=$1; shift; exec \"$@\" <\"$archive\"", "sh", archive,
                .. node.EnterCommand(["/bin/sh", "-c", Import, "sh", Marks, name]),
            ],
            _patience);
        if (result.ExitCode != 0)
        {
            throw new LauncherException(
                "BAKE0960",
                $"{name} in {node.Name}",
                $"cannot be loaded: {result.Said}",
                "Give an OCI archive, or what 'docker save' wrote.");
        }

        MarkDone(node, process, archive);
        return true;
    }

    private static bool Answers(ClusterNode node)
    {
        try
        {
            return node.Exec(["ctr", "--connect-timeout", "1s", "version"], _patienceForQuestion).ExitCode == 0;
        }
        catch (LauncherException fault) when (fault.Code == HostProgram.TookTooLong)
        {
            return false; // a starved machine, which may answer the next time
        }
    }

    private void LoadMissing(ClusterNode node)
    {
        int process = node.ProcessId;
        foreach (string archive in Missing(node))
        {
            try
            {
                if (!TryLoad(node, archive))
                {
                    return; // the next look comes
                }
            }
            catch (LauncherException fault)
            {
                if (node.ProcessId != process)
                {
                    return; // it ended meanwhile, and the next start is another matter
                }

                notice(fault.Message);
                MarkDone(node, process, archive);
            }
        }
    }

    private void MarkDone(ClusterNode node, int process, string archive)
    {
        lock (_lock)
        {
            if (!_done.TryGetValue(node.Name, out Loaded? done) || done.Process != process)
            {
                done = new Loaded(process, new HashSet<string>(StringComparer.Ordinal));
                _done[node.Name] = done;
            }

            done.Archives.Add(archive);
        }
    }

    private IReadOnlyList<string> Missing(ClusterNode node)
    {
        lock (_lock)
        {
            IReadOnlyList<string> archives = ClusterArchives.Of(place);
            return _done.TryGetValue(node.Name, out Loaded? done) && done.Process == node.ProcessId
                ? [.. archives.Where(archive => !done.Archives.Contains(archive))]
                : archives;
        }
    }

    /// <summary>What one start of a node has.</summary>
    private sealed record Loaded(int Process, HashSet<string> Archives);
}
