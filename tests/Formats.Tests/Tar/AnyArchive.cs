using System.Formats.Tar;
using FsCheck;
using FsCheck.Fluent;
using Images.TestSupport;

namespace Images.Formats.Tests.Tar;

/// <summary>Random archives, written by .NET's own writer.</summary>
internal static class AnyArchive
{
    public static TarEntryFormat[] Formats => [TarEntryFormat.Ustar, TarEntryFormat.Pax, TarEntryFormat.Gnu];

    public static Arbitrary<Sample[]> Entries()
    {
        Gen<string> name = Gen.Elements("a", "ü", "usr/bin/x y", "./lib/", new string('n', 99), new string('n', 100), $"{new string('p', 120)}/{new string('n', 60)}");
        Gen<Sample> entry =
            from type in Gen.Elements(TarEntryType.RegularFile, TarEntryType.Directory, TarEntryType.SymbolicLink, TarEntryType.HardLink, TarEntryType.CharacterDevice, TarEntryType.BlockDevice, TarEntryType.Fifo)
            from path in name
            from mode in Gen.Choose(0, 0xFFF)
            from uid in Gen.Choose(0, 0x1FFFFF)
            from time in Gen.Choose(0, int.MaxValue)
            from size in Gen.Elements(0, 1, 511, 512, 513, 5000)
            from link in Gen.Elements("target", "../../up", new string('t', 100))
            from device in Gen.Choose(0, 255)
            select new Sample(type, path, mode, uid, time, type == TarEntryType.RegularFile ? size : 0, link, device);
        return entry.Select(Normalized).ArrayOf().ToArbitrary();
    }

    public static byte[] Write(Sample[] entries, TarEntryFormat format)
    {
        using MemoryStream archive = new();
        using (TarWriter writer = new(archive, format, leaveOpen: true))
        {
            foreach (Sample sample in entries)
            {
                writer.WriteEntry(sample.ToEntry(format));
            }
        }

        // an empty archive of .NET lacks the two blocks of zeros
        return entries.Length > 0 ? archive.ToArray() : TarBytes.End;
    }

    public static Sample From(Images.Formats.Tar.TarEntry entry, bool readsContent, byte[] expected)
    {
        if (readsContent)
        {
            byte[] content = new byte[entry.Size];
            entry.Content.ReadExactly(content);
            content.ShouldBe(expected);
        }

        return new Sample(
            _types[entry.Kind], entry.Path, entry.Mode, entry.Uid, entry.ModifiedUnixSeconds, (int)entry.Size,
            entry.LinkTarget.Length > 0 ? entry.LinkTarget : "target", entry.DeviceMinor);
    }

    private static readonly Dictionary<Images.Formats.Tar.TarEntryKind, TarEntryType> _types = new()
    {
        [Images.Formats.Tar.TarEntryKind.File] = TarEntryType.RegularFile,
        [Images.Formats.Tar.TarEntryKind.HardLink] = TarEntryType.HardLink,
        [Images.Formats.Tar.TarEntryKind.Symlink] = TarEntryType.SymbolicLink,
        [Images.Formats.Tar.TarEntryKind.CharacterDevice] = TarEntryType.CharacterDevice,
        [Images.Formats.Tar.TarEntryKind.BlockDevice] = TarEntryType.BlockDevice,
        [Images.Formats.Tar.TarEntryKind.Directory] = TarEntryType.Directory,
        [Images.Formats.Tar.TarEntryKind.Fifo] = TarEntryType.Fifo,
    };

    // what a kind of entry does not carry takes one value
    private static Sample Normalized(Sample sample) => sample with
    {
        Path = sample.Type == TarEntryType.RegularFile ? sample.Path.TrimEnd('/') : sample.Path,
        Link = sample.Type is TarEntryType.SymbolicLink or TarEntryType.HardLink ? sample.Link : "target",
        Device = sample.Type is TarEntryType.CharacterDevice or TarEntryType.BlockDevice ? sample.Device : 0,
    };

    public sealed record Sample(TarEntryType Type, string Path, int Mode, int Uid, long Time, int Size, string Link, int Device)
    {
        public byte[] Content => SampleData.Mixed(Size, Size + 1);

        public PosixTarEntry ToEntry(TarEntryFormat format)
        {
            PosixTarEntry entry = format switch
            {
                TarEntryFormat.Ustar => new UstarTarEntry(Type, Path),
                TarEntryFormat.Pax => new PaxTarEntry(Type, Path),
                _ => new GnuTarEntry(Type, Path),
            };
            entry.Mode = (UnixFileMode)Mode;
            entry.Uid = Uid;
            entry.Gid = Uid;
            entry.ModificationTime = DateTimeOffset.FromUnixTimeSeconds(Time);
            if (Type is TarEntryType.SymbolicLink or TarEntryType.HardLink)
            {
                entry.LinkName = Link;
            }

            if (Type is TarEntryType.CharacterDevice or TarEntryType.BlockDevice)
            {
                entry.DeviceMajor = 8;
                entry.DeviceMinor = Device;
            }

            if (Size > 0)
            {
                entry.DataStream = new MemoryStream(Content);
            }

            return entry;
        }
    }
}
