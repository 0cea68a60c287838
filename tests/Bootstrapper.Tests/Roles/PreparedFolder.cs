using System.Text.RegularExpressions;
using Images.Bootstrapper.Pki;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Tests.Roles;

/// <summary>
/// What the bootstrapper prepares for all services of a machine, files and certificates, below a folder that stands for the root: in the
/// files, too, what would be /etc and /var is there.
/// </summary>
internal sealed partial class PreparedFolder
{
    private static readonly string[] _moved = ["/etc/kubernetes", "/etc/etcd", "/var/lib/bootstrapper", "/var/lib/etcd", "/var/log/kubernetes"];

    private readonly SampleMachine _machine;
    private readonly string _folder;

    /// <param name="machine">Of the roles etcd and master.</param>
    /// <param name="folder">Exists.</param>
    /// <param name="changes">Of the files' text, where the test's network is not a machine's; in this order.</param>
    public PreparedFolder(SampleMachine machine, string folder, params (string From, string To)[] changes)
    {
        _machine = machine;
        _folder = folder;
        foreach ((RoleDefinition role, RoleService service) in machine.Services)
        {
            Prepare(role, service, changes);
        }

        foreach (string data in new[] { "/var/lib/etcd", "/var/log/kubernetes" })
        {
            Directory.CreateDirectory(this[data], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    public NodeCertificates Certificates =>
        new(new NodeRoot(_folder), _machine.State.Metadata.Node.Secrets, CertificateLife.Usual, TimeProvider.System, DateTimeOffset.UnixEpoch);

    /// <summary>Where a path of the node lies.</summary>
    public string this[string path] => Path.Combine(_folder, path[1..]);

    public Dictionary<string, string> EtcdEnvironment() =>
        File.ReadLines(this["/etc/etcd/etcd.env"]).Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);

    /// <summary>With which a program's unit starts it.</summary>
    public string[] ArgumentsOf(string program)
    {
        string[] files = [this[$"/etc/kubernetes/{program}.env"], this[$"/etc/kubernetes/{program}-version.env"], this[$"/etc/kubernetes/{program}-lease.env"]];
        return [.. files.Where(File.Exists).SelectMany(Arguments)];
    }

    private static IEnumerable<string> Arguments(string environmentFile)
    {
        string text = File.ReadAllText(environmentFile).Replace("\\\n", "", StringComparison.Ordinal);
        return Assignment().Matches(text).SelectMany(match => match.Groups[1].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    private void Prepare(RoleDefinition role, RoleService service, (string From, string To)[] changes)
    {
        foreach (string name in service.Certificates)
        {
            Certificates.Ensure(CertificateCatalogue.Find(name, _machine.State));
        }

        foreach ((ServiceFile file, string whole) in _machine.Files(role, service))
        {
            string text = _moved.Aggregate(whole, (changed, folder) => changed.Replace(folder, this[folder], StringComparison.Ordinal));
            Directory.CreateDirectory(Path.GetDirectoryName(this[file.Path])!);
            File.WriteAllText(this[file.Path], changes.Aggregate(text, (changed, change) => changed.Replace(change.From, change.To, StringComparison.Ordinal)));
        }
    }

    [GeneratedRegex("^[A-Z_]+=(.*)$", RegexOptions.Multiline)]
    private static partial Regex Assignment();
}
