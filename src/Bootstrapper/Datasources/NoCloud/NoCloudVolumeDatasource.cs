using System.Globalization;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Machine;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Datasources.NoCloud;

/// <summary>
/// A disk or disc labelled <c>cidata</c> with the files user-data and meta-data. Where the machine remembers which one
/// its metadata came from, no other is even mounted while that is there.
/// </summary>
internal sealed class NoCloudVolumeDatasource(NodeRoot root, SeedVolumeAccess access) : IDatasource
{
    private const string SeedLabel = "cidata";
    private const string NetworkConfig = "network-config";
    private const int MostNames = 8;

    /// <summary>
    /// Never seeds, and slow or odd to read: RAM and loop devices, the verity mapping, floppy drives.
    /// </summary>
    private static readonly string[] _skipped = ["ram", "loop", "dm-", "md", "zram", "fd"];

    public string Name => "NoCloud";

    public async Task<DatasourceAnswer> AskAsync(SourceMemory memory, CancellationToken cancellationToken)
    {
        string[] devices = [.. Devices()];
        string[] remote = [.. devices.Where(name => BlockDevicePlace.IsOverNetwork(root, name))];
        string[] local = [.. devices.Except(remote, StringComparer.Ordinal)];
        List<string> notes = remote.Length == 0
            ? []
            : [$"not looked at, since they come over the network: {string.Join(", ", remote)}"];
        SeedDevice[] seeds = [.. local.Select(Look).OfType<SeedDevice>()];
        SeedDevice? known = seeds.FirstOrDefault(seed => seed.Origin == memory.Origin);
        List<string> failures = [];
        List<FoundMetadata> found = [];
        foreach (SeedDevice seed in known is null ? seeds : [known])
        {
            DatasourceAnswer answer = await OpenAsync(seed, cancellationToken);
            if (answer.Metadata is { } metadata)
            {
                found.Add(metadata);
                notes.AddRange(answer.Notes);
            }
            else
            {
                failures.Add(answer.Reason);
            }
        }

        notes.AddRange(
            seeds.Where(seed => known is not null && seed != known)
                .Select(seed => $"{seed.Shown} is left: this machine's metadata comes from {known!.Shown}"));
        DatasourceAnswer chosen = found.Count > 0 ? SeedChoice.Of(found, memory)
            : failures.Count > 0 ? DatasourceAnswer.Unusable(string.Join("; ", failures))
            : DatasourceAnswer.Absent(
                local.Length == 0
                    ? "no disk at all"
                    : $"no volume labelled {SeedLabel} on {string.Join(", ", local)}");
        return chosen with { Notes = [.. notes, .. found.Count > 0 ? failures : [], .. chosen.Notes] };
    }

    private IEnumerable<string> Devices() => Directory.Exists(root["/sys/class/block"])
        ? Directory.GetFileSystemEntries(root["/sys/class/block"])
            .Select(path => Path.GetFileName(path))
            .Where(
                name => !_skipped.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)) && HasMedium(name))
            .Order(StringComparer.Ordinal)
        : [];

    /// <summary>Null when the device has another label, or none.</summary>
    private SeedDevice? Look(string name) =>
        ReadLabel(name) is { } label && label.Label.Equals(SeedLabel, StringComparison.OrdinalIgnoreCase)
            ? new SeedDevice(name, label, new MetadataOrigin(Name, BlockDevicePlace.Of(root, name)))
            : null;

    private async Task<DatasourceAnswer> OpenAsync(SeedDevice seed, CancellationToken cancellationToken) =>
        seed.Label.FileSystem == VolumeLabel.Udf
            ? DatasourceAnswer.Unusable($"{seed.Shown} is UDF alone: make it as ISO 9660 or FAT")
            : await access(
                new SeedVolume(root[DevicePath(seed.Name)], seed.Label.FileSystem, seed.Label.Label),
                folder => Read(folder, seed),
                cancellationToken);

    private bool HasMedium(string name)
    {
        try
        {
            string size = File.ReadAllText(root[$"/sys/class/block/{name}/size"]);
            return long.TryParse(size, NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out long sectors)
                && sectors > 0;
        }
        catch (IOException)
        {
            return false; // a device that has gone
        }
    }

    /// <summary>sysfs writes '!' for the '/' of a name such as cciss/c0d0.</summary>
    private static string DevicePath(string name) => "/dev/" + name.Replace('!', '/');

    private VolumeLabel? ReadLabel(string name)
    {
        try
        {
            using FileStream device = new(
                root[DevicePath(name)], FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            return VolumeLabel.Read(device);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // an empty drive, a disk with a bad sector there, a device that has gone
        }
    }

    private static DatasourceAnswer Read(string folder, SeedDevice seed)
    {
        try
        {
            return (
                BoundedFile.Read(Path.Join(folder, "user-data"), "user-data"),
                BoundedFile.Read(Path.Join(folder, "meta-data"), "meta-data")) switch
            {
                (null, _) => DatasourceAnswer.Unusable($"{seed.Shown} has no file user-data{There(folder)}"),
                (_, null) => DatasourceAnswer.Unusable($"{seed.Shown} has no file meta-data{There(folder)}"),
                ({ } userData, { } metaData) => DatasourceAnswer.Found(
                    new FoundMetadata($"NoCloud ({seed.Place})", userData, metaData, seed.Origin)) with
                {
                    Notes = Unread(folder, seed),
                },
            };
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            return DatasourceAnswer.Unusable($"{seed.Shown}: {FaultText.Of(e)}");
        }
    }

    /// <summary>Of cloud-init's files that whoever wrote them expects to count.</summary>
    private static string[] Unread(string folder, SeedDevice seed) => Path.Exists(Path.Join(folder, NetworkConfig))
        ? [$"{seed.Shown}: {NetworkConfig} is not read; give files of systemd-networkd by write_files"]
        : [];

    /// <summary>A disc that was made without Rock Ridge or Joliet has user_dat in place of user-data.</summary>
    private static string There(string folder)
    {
        string[] names =
        [
            .. Directory.EnumerateFileSystemEntries(folder)
                .Take(MostNames)
                .Select(path => Path.GetFileName(path))
                .Order(StringComparer.Ordinal),
        ];
        string cut = names.Any(name => name.StartsWith("user_dat", StringComparison.OrdinalIgnoreCase))
            ? ". The disc was made without Rock Ridge and Joliet, which cuts names: make it again with -rock or -joliet"
            : "";
        return names.Length == 0 ? "" : $"; it has {string.Join(", ", names)}{cut}";
    }

    /// <summary>A device whose label says that it is a seed.</summary>
    private sealed record SeedDevice(string Name, VolumeLabel Label, MetadataOrigin Origin)
    {
        public string Shown => $"/dev/{Name} ({Label.Label})";

        public string Place => $"/dev/{Name}, {Label.Label}";
    }
}
