using System.Globalization;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Datasources.NoCloud;

/// <summary>A disk or disc labelled <c>cidata</c> with the files user-data and meta-data.</summary>
internal sealed class NoCloudVolumeDatasource(NodeRoot root, SeedVolumeAccess access) : IDatasource
{
    private const string SeedLabel = "cidata";
    private const int MostNames = 8;

    /// <summary>
    /// Never seeds, and slow or odd to read: RAM and loop devices, the verity mapping, floppy drives.
    /// </summary>
    private static readonly string[] _skipped = ["ram", "loop", "dm-", "md", "zram", "fd", "nbd"];

    public string Name => "NoCloud";

    public async Task<DatasourceAnswer> AskAsync(CancellationToken cancellationToken)
    {
        List<string> seen = [];
        List<string> failures = [];
        foreach (string name in Devices())
        {
            seen.Add(name);
            if (ReadLabel(name) is { } label && label.Label.Equals(SeedLabel, StringComparison.OrdinalIgnoreCase))
            {
                if (label.FileSystem == VolumeLabel.Udf)
                {
                    failures.Add($"/dev/{name} ({label.Label}) is UDF alone: make it as ISO 9660 or FAT");
                    continue;
                }

                SeedVolume volume = new(root[DevicePath(name)], label.FileSystem, label.Label);
                DatasourceAnswer answer = await access(
                    volume, folder => Read(folder, name, label.Label), cancellationToken);
                if (answer.Metadata is not null)
                {
                    return answer;
                }

                failures.Add(answer.Reason);
            }
        }

        return (failures.Count, seen.Count) switch
        {
            ( > 0, _) => DatasourceAnswer.Unusable(string.Join("; ", failures)),
            (_, 0) => DatasourceAnswer.Absent("no disk at all"),
            _ => DatasourceAnswer.Absent($"no volume labelled {SeedLabel} on {string.Join(", ", seen)}"),
        };
    }

    private IEnumerable<string> Devices() => Directory.Exists(root["/sys/class/block"])
        ? Directory.GetFileSystemEntries(root["/sys/class/block"])
            .Select(path => Path.GetFileName(path))
            .Where(
                name => !_skipped.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)) && HasMedium(name))
            .Order(StringComparer.Ordinal)
        : [];

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

    private static DatasourceAnswer Read(string folder, string name, string label)
    {
        try
        {
            return (
                BoundedFile.Read(Path.Join(folder, "user-data"), "user-data"),
                BoundedFile.Read(Path.Join(folder, "meta-data"), "meta-data")) switch
            {
                (null, _) => DatasourceAnswer.Unusable($"/dev/{name} ({label}) has no file user-data{There(folder)}"),
                (_, null) => DatasourceAnswer.Unusable($"/dev/{name} ({label}) has no file meta-data{There(folder)}"),
                ({ } userData, { } metaData) =>
                    DatasourceAnswer.Found(new FoundMetadata($"NoCloud (/dev/{name}, {label})", userData, metaData)),
            };
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            return DatasourceAnswer.Unusable($"/dev/{name} ({label}): {FaultText.Of(e)}");
        }
    }

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
}
