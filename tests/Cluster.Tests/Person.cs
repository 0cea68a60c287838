using System.Globalization;
using Images.TestSupport;

namespace Images.Cluster.Tests;

/// <summary>
/// Whoever types <c>baker cluster</c> in a test: this machine's root, or a user that the test makes, with what a login
/// would have given him. Clusters are in a folder of their own.
/// </summary>
internal sealed class Person : IDisposable
{
    private const int FirstSubordinateId = 0x3000_0000;
    private const int SubordinateIds = 65536;

    private readonly TemporaryFolder _folder = new();
    private readonly string? _user;
    private readonly IReadOnlyList<string> _groups = [];
    private readonly string[] _prefix;

    private Person(string? user, string[]? around = null)
    {
        _prefix = around ?? [];
        _user = user;
        Judge.Run("chmod", "755", _folder.FullPath);
        Home = Directory.CreateDirectory(_folder["home"]).FullName;
        Environment = new Dictionary<string, string>
        {
            ["HOME"] = Home,
            ["IMAGES_CLUSTERS"] = Path.Combine(Home, "clusters"),
            ["DOTNET_CLI_HOME"] = Home,
        };
        if (user is null)
        {
            Program = Path.Combine(BakedClusters.Artifacts, "baker", "baker.dll");
            Image = BakedClusters.Image;
            return;
        }

        Environment["IMAGES_CACHE"] = Directory.CreateDirectory(_folder["cache"]).FullName;
        Judge.Run("cp", "--recursive", Path.Combine(BakedClusters.Artifacts, "baker"), _folder["baker"]);
        Judge.Run("cp", "--sparse=always", BakedClusters.Image, _folder["node.raw"]);
        Program = _folder["baker/baker.dll"];
        Image = _folder["node.raw"];
        Judge.Run("useradd", "--no-create-home", "--home-dir", Home, "--shell", "/bin/sh", user);
        try
        {
            Judge.Run("usermod", "--add-subuids", Range, "--add-subgids", Range, user);
            Judge.Run("chown", "--recursive", $"{user}:", _folder.FullPath);
            _groups = MakeLoginGroups(user);
        }
        catch
        {
            Dispose(); // this machine's accounts are not to keep him
            throw;
        }

        string enter = string.Concat(_groups.Select(group => $"echo $$ >'{group}/cgroup.procs'; "));
        _prefix = ["sh", "-ec", enter + "exec \"$@\"", "sh", Judge.Find("setpriv"), "--reuid", user, "--regid", user, "--init-groups", "--"];
    }

    /// <summary>Control groups that his session has; none of root, who makes his own.</summary>
    public IReadOnlyList<string> LoginGroups => _groups;

    public string Home { get; }

    /// <summary>Of every command that he runs.</summary>
    public Dictionary<string, string> Environment { get; }

    /// <summary>The published baker, where he may read it.</summary>
    public string Program { get; }

    /// <summary>The baked image, likewise.</summary>
    public string Image { get; }

    /// <param name="around">What comes before each of his commands.</param>
    public static Person Root(params string[] around) => new(null, around);

    /// <summary>A user with subordinate ids, and control groups of his own in every hierarchy, as a session of systemd has.</summary>
    public static Person OrdinaryUser() => new(string.Create(CultureInfo.InvariantCulture, $"images-{System.Environment.ProcessId}"));

    /// <summary>Runs a program as he would.</summary>
    public JudgeResult Try(string program, string[] arguments, byte[]? input = null)
    {
        string[] command = [.. _prefix, Judge.Find(program), .. arguments];
        return Judge.Try(Judge.Find(command[0]), command[1..], input, Home, Environment);
    }

    public string Run(string program, params string[] arguments)
    {
        JudgeResult result = Try(program, arguments);
        result.ExitCode.ShouldBe(0, $"{program} {string.Join(' ', arguments)}: {result.Output}{result.Error}");
        return result.Output;
    }

    public void Dispose()
    {
        if (_user is not null)
        {
            foreach (string group in _groups.Where(Directory.Exists))
            {
                Judge.Try("find", group, "-depth", "-type", "d", "-exec", "rmdir", "{}", ";");
            }

            Judge.Run("userdel", _user);
        }

        // whatever belongs to the range of ids too
        Judge.Run("rm", "-rf", _folder["home"], _folder["cache"]);
        _folder.Dispose();
    }

    private static string Range => string.Create(CultureInfo.InvariantCulture, $"{FirstSubordinateId}-{FirstSubordinateId + SubordinateIds - 1}");

    /// <summary>One in each hierarchy below this process's own, his to write.</summary>
    private static List<string> MakeLoginGroups(string user)
    {
        List<string> groups = [];
        foreach (string[] mount in File.ReadAllLines("/proc/self/mountinfo").Select(line => line.Split(' ')))
        {
            int dash = Array.IndexOf(mount, "-");
            if (mount[dash + 1] is not ("cgroup" or "cgroup2"))
            {
                continue;
            }

            string group = Path.Combine(mount[4], user);
            Directory.CreateDirectory(group);
            foreach (string file in new[] { "cpuset.cpus", "cpuset.mems" }.Where(file => File.Exists(Path.Combine(group, file))))
            {
                File.WriteAllText(Path.Combine(group, file), File.ReadAllText(Path.Combine(mount[4], file)));
            }

            Judge.Run("chown", "--recursive", $"{user}:", group);
            groups.Add(group);
        }

        return groups;
    }
}
