using System.Globalization;
using System.Text;
using Images.Baker.Baking;
using Images.Baker.Debian.Packages;
using Images.Baker.Inspect;
using Images.Formats;
using Images.Formats.Disk;
using Images.Formats.SquashFs;
using Images.Formats.Tree;
using Images.NodeConfig;
using Images.NodeConfig.Upgrades;

namespace Images.Baker.Comparing;

/// <summary>Compares two disks by their manifests, and reads the files that differ where their text matters.</summary>
internal static class ImageComparer
{
    private const string UnitsFolder = "usr/lib/systemd/";
    private const string TemplatesFolder = "usr/lib/bootstrapper/templates/";

    /// <summary>What is longer is no text of a role.</summary>
    private const int MaxTextBytes = 1 << 20;

    /// <exception cref="BakeException">A file cannot be read.</exception>
    /// <exception cref="MalformedDataException">A file is no image of ours, or damaged where it was read.</exception>
    public static ImageDiff Compare(string oldPath, string newPath)
    {
        (ImageReport older, ImageReport newer) = (ImageInspector.Inspect(oldPath), ImageInspector.Inspect(newPath));
        IReadOnlyList<FileChange> files = FilesOf(older.Manifest, newer.Manifest);
        FileChange[] roles = [.. files.Where(IsOfRoles)];
        (string? oldKubernetes, string? newKubernetes) =
            (older.Manifest.Kubernetes?.Version, newer.Manifest.Kubernetes?.Version);
        return new ImageDiff
        {
            OldVersion = older.Manifest.Version,
            NewVersion = newer.Manifest.Version,
            IsSame = older.Verity.RootHash == newer.Verity.RootHash,
            OldKernel = older.Manifest.Kernel,
            NewKernel = newer.Manifest.Kernel,
            Kubernetes = SkewRules.Kubernetes(oldKubernetes, newKubernetes),
            Etcd = SkewRules.Etcd(EtcdOf(older.Manifest), EtcdOf(newer.Manifest)),
            RemovedApis = oldKubernetes is null || newKubernetes is null
                ? []
                : RemovedApis.Between(MinorOf(oldKubernetes), MinorOf(newKubernetes)),
            RootBytes = newer.Verity.TotalBytes,
            SlotBytes = older.Partitions.Single(partition => partition.Name == NodeDisk.RootA).SizeBytes,
            Packages = PackagesOf(older.Manifest, newer.Manifest),
            Units = [.. files.Where(IsUnit)],
            RoleFiles = roles,
            Flags = FlagsOf(oldPath, older, newPath, newer, roles),
            OtherFiles = files.Count(file => !IsUnit(file) && !IsOfRoles(file)),
        };
    }

    private static bool IsUnit(FileChange file) => file.Path.StartsWith(UnitsFolder, StringComparison.Ordinal);

    private static bool IsOfRoles(FileChange file) =>
        file.Path.StartsWith(TemplatesFolder, StringComparison.Ordinal)
            || file.Path == NodePaths.CompiledRoles.TrimStart('/');

    private static int MinorOf(string version) => int.Parse(version.Split('.')[1], CultureInfo.InvariantCulture);

    private static string? EtcdOf(InspectedManifest manifest) => manifest.Packages
        .Where(package => package.Name == UpgradeFacts.EtcdPackage)
        .Select(package => DebVersion.Parse(package.Version).Upstream)
        .FirstOrDefault();

    private static PackageChange[] PackagesOf(InspectedManifest older, InspectedManifest newer)
    {
        Dictionary<string, string> before = older.Packages.ToDictionary(
            package => package.Name, package => package.Version),
            after = newer.Packages.ToDictionary(package => package.Name, package => package.Version);
        return
        [
            .. before.Keys.Union(after.Keys).Order(StringComparer.Ordinal)
                .Select(name => new PackageChange(name, before.GetValueOrDefault(name), after.GetValueOrDefault(name)))
                .Where(package => package.Old != package.New),
        ];
    }

    private static FileChange[] FilesOf(InspectedManifest older, InspectedManifest newer) =>
    [
        .. older.Files.Keys.Union(newer.Files.Keys)
            .Select(path => new FileChange(
                path.ToString().TrimStart('/'),
                !older.Files.ContainsKey(path) ? '+' : !newer.Files.ContainsKey(path) ? '-'
                    : older.Files[path] == newer.Files[path] ? '=' : '~'))
            .Where(file => file.Change != '=')
            .OrderBy(file => file.Path, StringComparer.Ordinal),
    ];

    private static FlagChange[] FlagsOf(
        string oldPath, ImageReport older, string newPath, ImageReport newer, IReadOnlyList<FileChange> roles)
    {
        string[] templates = [.. roles.Select(file => file.Path)
            .Where(path => path.StartsWith(TemplatesFolder, StringComparison.Ordinal))];
        Dictionary<string, HashSet<string>> before = ReadFlags(oldPath, older, templates),
            after = ReadFlags(newPath, newer, templates);
        return
        [
            .. templates.SelectMany(path =>
                before[path].Except(after[path])
                    .Order(StringComparer.Ordinal)
                    .Select(flag => new FlagChange(path, '-', flag))
                    .Concat(after[path].Except(before[path])
                        .Order(StringComparer.Ordinal)
                        .Select(flag => new FlagChange(path, '+', flag)))),
        ];
    }

    /// <summary>Words that begin with two hyphens, of each file; none of one that is not there.</summary>
    private static Dictionary<string, HashSet<string>> ReadFlags(
        string image, ImageReport report, IReadOnlyList<string> paths)
    {
        Dictionary<string, HashSet<string>> flags = paths.ToDictionary(
            path => path, _ => new HashSet<string>(StringComparer.Ordinal), StringComparer.Ordinal);
        if (paths.Count == 0)
        {
            return flags;
        }

        using DiskImage disk = DiskImage.Open(image);
        using PartitionStream slot = disk.OpenPartition(report.RootSlot);
        SquashFsImage root = SquashFsReader.Read(slot, image);
        foreach (string path in paths)
        {
            if (root.Tree.Find(path) is FileNode { Content.Length: <= MaxTextBytes })
            {
                flags[path].UnionWith(Encoding.UTF8.GetString(root.Tree.ReadFile(path))
                    .Split([' ', '\n', '\r', '\t', '"', '\''], StringSplitOptions.RemoveEmptyEntries)
                    .Where(word => word.StartsWith("--", StringComparison.Ordinal)
                        && word.Length > 2
                        && char.IsAsciiLetter(word[2])));
            }
        }

        return flags;
    }
}
