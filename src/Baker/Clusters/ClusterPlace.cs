using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Images.Launcher.Clusters;
using Images.Launcher.Programs;

namespace Images.Baker.Clusters;

/// <summary>
/// Where one cluster is kept: IMAGES_CLUSTERS, else /var/lib/images/clusters for root and images/clusters in
/// XDG_DATA_HOME or ~/.local/share for a user; below it a folder with the cluster's name.
/// </summary>
internal sealed partial record ClusterPlace
{
    /// <summary>What the address of a UNIX socket has room for (unix(7)).</summary>
    private const int LongestSocketPath = 107;

    private ClusterPlace(string folder)
    {
        Folder = folder;
        Paths = new ClusterPaths(folder);
    }

    public string Folder { get; }

    public string Name => Path.GetFileName(Folder);

    public ClusterPaths Paths { get; }

    public string Seeds => Path.Combine(Folder, "seeds");

    public string Kubeconfig => Path.Combine(Folder, "kubeconfig");

    /// <summary>The cluster's own key for ssh; its public line lies beside it.</summary>
    public string SshKey => Path.Combine(Folder, "ssh-key");

    /// <summary>Archives of container images that workers get.</summary>
    public string Archives => Path.Combine(Folder, "archives");

    public string SupervisorLog => Path.Combine(Folder, "supervisor.log");

    /// <summary>The supervisor's process number, while there is one.</summary>
    public string SupervisorFile => Path.Combine(Folder, "supervisor.pid");

    /// <summary>Locked by the supervisor as long as it lives.</summary>
    public string SupervisorLock => Path.Combine(Folder, "supervisor.lock");

    public string ControlSocket => Path.Combine(Folder, "control.sock");

    private string PlanFile => Path.Combine(Folder, "cluster.json");

    public bool Exists => File.Exists(PlanFile);

    /// <exception cref="BakeException">The name is none, or the place too deep.</exception>
    public static ClusterPlace Of(string name, Func<string, string?> environment)
    {
        if (!DnsLabel().IsMatch(name))
        {
            throw new BakeException(
                "BAKE0940", "--name", $"'{name}' is no DNS label.", "Write lower-case letters, digits and hyphens.");
        }

        ClusterPlace place = new(Path.Combine(Root(environment), name));
        return place.ControlSocket.Length <= LongestSocketPath
            ? place
            : throw new BakeException(
                "BAKE0941",
                place.ControlSocket,
                "is longer than the address of a socket may be.",
                "Name a folder nearer to / with IMAGES_CLUSTERS.");
    }

    /// <summary>All that are there, by name.</summary>
    public static IReadOnlyList<ClusterPlace> All(Func<string, string?> environment)
    {
        string root = Root(environment);
        return !Directory.Exists(root) ? []
            :
            [
                .. Directory.EnumerateDirectories(root).Order(StringComparer.Ordinal).Select(
                    folder => new ClusterPlace(folder)).Where(place => place.Exists),
            ];
    }

    /// <summary>The cluster of this name; where none is given, the only one there is.</summary>
    /// <exception cref="BakeException">There is none, or several.</exception>
    public static ClusterPlace Choose(string? name, Func<string, string?> environment)
    {
        if (name is not null)
        {
            ClusterPlace named = Of(name, environment);
            return Directory.Exists(named.Folder)
                ? named
                : throw new BakeException("BAKE0942", named.Folder, "holds no cluster.", "See 'baker cluster list'.");
        }

        IReadOnlyList<ClusterPlace> all = All(environment);
        return all.Count == 1 ? all[0] : throw new BakeException(
            "BAKE0942",
            "--name",
            all.Count == 0
                ? "there is no cluster."
                : $"there are several clusters: {string.Join(", ", all.Select(place => place.Name))}.",
            all.Count == 0 ? "Make one with 'baker cluster up'." : "Name one.");
    }

    public static ClusterPlace At(string folder) => new(Path.GetFullPath(folder));

    /// <exception cref="BakeException">There is no cluster here, or its description is damaged.</exception>
    public ClusterPlan ReadPlan()
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(PlanFile), ClusterJson.Default.ClusterPlan)
                ?? throw new JsonException("it is empty");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new BakeException(
                "BAKE0942",
                Folder,
                "holds no cluster.",
                $"Make one with 'baker cluster up --name {Name}'.",
                inner: fault);
        }
        catch (JsonException fault)
        {
            throw new BakeException(
                "BAKE0943",
                PlanFile,
                $"cannot be read: {fault.Message}",
                $"Remove the cluster with 'baker cluster delete --name {Name}'.",
                inner: fault);
        }
    }

    public void WritePlan(ClusterPlan plan)
    {
        string partial = PlanFile + ".partial";
        File.WriteAllText(partial, JsonSerializer.Serialize(plan, ClusterJson.Default.ClusterPlan) + "\n");
        File.Move(partial, PlanFile, overwrite: true);
    }

    /// <summary>The process that holds the cluster; null where none does.</summary>
    public int? FindSupervisor() =>
        File.Exists(SupervisorFile)
            && int.TryParse(File.ReadAllText(SupervisorFile), CultureInfo.InvariantCulture, out int process)
            && ProcessView.CommandOf(process).Contains(SupervisorCommand.Verb, StringComparer.Ordinal)
            ? process
            : null;

    private static string Root(Func<string, string?> environment)
    {
        string? named = environment("IMAGES_CLUSTERS");
        if (!string.IsNullOrEmpty(named))
        {
            return Path.GetFullPath(named);
        }

        if (LinuxCalls.UserId == 0)
        {
            return "/var/lib/images/clusters";
        }

        string? data = environment("XDG_DATA_HOME");
        string home = environment("HOME") ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return Path.Combine(
            Path.IsPathRooted(data) ? data : Path.Combine(home, ".local", "share"), "images", "clusters");
    }

    [GeneratedRegex(@"\A[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?\z")]
    private static partial Regex DnsLabel();
}
