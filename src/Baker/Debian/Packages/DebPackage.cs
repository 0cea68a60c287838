using System.Text;
using Images.Baker.Zstd;
using Images.Formats;
using Images.Formats.Ar;
using Images.Formats.Gzip;
using Images.Formats.Xz;

namespace Images.Baker.Debian.Packages;

/// <summary>A Debian binary package in format 2.0 (deb(5)): an ar archive of two compressed tar archives.</summary>
public sealed class DebPackage
{
    private const string FormatMember = "debian-binary";
    private const int MaximumFormatBytes = 1024;

    private readonly ArMember _data;

    private DebPackage(string name, DebControl control, ArMember data)
    {
        Name = name;
        Control = control;
        _data = data;
    }

    /// <summary>What the errors call the package.</summary>
    public string Name { get; }

    public DebControl Control { get; }

    /// <summary>What the errors call the archive of the package's files.</summary>
    public string DataName => $"{Name}/{_data.Name}";

    /// <summary>Reads everything but the data. Leaves the stream open; it is needed as long as data are read.</summary>
    /// <param name="package">Seekable.</param>
    /// <exception cref="MalformedDataException">Not a whole, sound package.</exception>
    public static DebPackage Open(Stream package, string name)
    {
        // members that begin with '_' are for others to ignore
        ArMember[] members = [.. ArReader.Read(package, name).Where(member => !member.Name.StartsWith('_'))];
        if (members.Length != 3
            || members[0].Name != FormatMember
            || !IsTar(members[1], "control")
            || !IsTar(members[2], "data"))
        {
            string found = string.Join(", ", members.Select(member => member.Name));
            throw new MalformedDataException(
                name, -1, $"a package consists of debian-binary, control.tar and data.tar; this one of: {found}");
        }

        CheckFormat(members[0], name);
        string controlName = $"{name}/{members[1].Name}";
        using Stream control = OpenTar(members[1], controlName);
        return new DebPackage(name, DebControlReader.Read(control, controlName), members[2]);
    }

    /// <summary>
    /// The decompressed archive of the package's files, forwards only; sound once it was read to its end.
    /// </summary>
    public Stream OpenData() => OpenTar(_data, DataName);

    private static bool IsTar(ArMember member, string name) =>
        member.Name == $"{name}.tar" || member.Name.StartsWith($"{name}.tar.", StringComparison.Ordinal);

    private static void CheckFormat(ArMember member, string name)
    {
        byte[] text = new byte[(int)Math.Min(member.Size, MaximumFormatBytes)];
        using Stream content = member.OpenRead();
        content.ReadExactly(text);
        if (!text.AsSpan().StartsWith("2."u8) || !text.AsSpan().Contains((byte)'\n'))
        {
            throw new MalformedDataException(
                name, member.Offset, $"the package format '{Encoding.Latin1.GetString(text).TrimEnd()}' is not 2.0");
        }
    }

    private static Stream OpenTar(ArMember member, string name) => Path.GetExtension(member.Name) switch
    {
        ".xz" => new XzStream(member.OpenRead(), name),
        ".zst" => new ZstdStream(member.OpenRead(), name),
        ".gz" => new GzipMemberStream(member.OpenRead(), name),
        ".tar" => member.OpenRead(),
        string compression => throw new MalformedDataException(
            name, member.Offset, $"the compression '{compression}' is not supported; xz, zst, gz and none are"),
    };
}
