using Images.Baker.Boot.Kmod;
using Images.Baker.Kubernetes;
using Images.Baker.Zstd;
using Images.Formats;
using Images.Formats.Ar;
using Images.Formats.Elf;
using Images.Formats.Gzip;
using Images.Formats.Tar;
using Images.Formats.Uki;
using Images.Formats.Xz;
using Images.TestSupport;

namespace Images.Fuzz.Parsers;

/// <summary>Compressions, archives and programs.</summary>
internal static class FormatParsers
{
    private static readonly Type[] _malformed = [typeof(MalformedDataException)];

    public static IEnumerable<FuzzedParser> All =>
    [
        new() { Name = "xz", Declared = _malformed, MostBytes = 600 << 20, Read = bytes => ReadWhole(new XzStream(new MemoryStream(bytes), "fuzz")) },
        new() { Name = "zstd", Declared = _malformed, Read = bytes => ReadWhole(new ZstdStream(new MemoryStream(bytes), "fuzz")) },
        new() { Name = "gzip-member", Declared = _malformed, Read = bytes => ReadWhole(new GzipMemberStream(new MemoryStream(bytes), "fuzz")) },
        new() { Name = "ar", Declared = _malformed, Read = ReadAr },
        new() { Name = "tar", Declared = _malformed, Repair = Checksums.RepairTar, Read = bytes => ReadTar(new MemoryStream(bytes), "fuzz") },
        new() { Name = "elf", Declared = _malformed, Read = ReadElf },
        new() { Name = "kernel-module", Declared = _malformed, Read = bytes => ModuleInfoReader.Read(bytes, "kernel/fuzz.ko") },
        new() { Name = "go-build-info", Declared = _malformed, Read = ReadGoProgram },
        new() { Name = "pe", Declared = _malformed, Samples = () => [HandMadeStub.Create(), MakeUki()], Read = bytes => UkiReader.ReadSections(bytes, "fuzz") },
        new() { Name = "uki", Declared = _malformed, Samples = () => [MakeUki()], Read = bytes => UkiReader.Read(bytes, "fuzz") },
    ];

    /// <summary>To its end, or until it has given so much that no limit can have been kept.</summary>
    public static void ReadWhole(Stream stream)
    {
        using (stream)
        {
            byte[] buffer = new byte[1 << 16];
            for (long total = 0; total < 256 << 20;)
            {
                int count = stream.ReadAtLeast(buffer, 1, throwOnEndOfStream: false);
                if (count == 0)
                {
                    return;
                }

                total += count;
            }
        }
    }

    public static void ReadTar(Stream archive, string name)
    {
        foreach (TarEntry entry in new TarReader(archive, name))
        {
            entry.ParsePath();
            if (entry.Kind == TarEntryKind.HardLink)
            {
                entry.ParseHardLinkTarget();
            }
            else if (entry.Kind == TarEntryKind.File)
            {
                ReadWhole(entry.Content);
            }
        }
    }

    private static void ReadAr(byte[] bytes)
    {
        foreach (ArMember member in ArReader.Read(new MemoryStream(bytes), "fuzz"))
        {
            ReadWhole(member.OpenRead());
        }
    }

    private static void ReadElf(byte[] bytes)
    {
        ElfFile file = ElfFile.Parse(bytes, "fuzz");
        _ = file.Machine;
        file.FindSection(".modinfo"u8);
        file.ReadInterpreter();
        file.ReadNeeded();
        file.ReadSymbolNames("__"u8);
    }

    private static void ReadGoProgram(byte[] bytes)
    {
        if (GoBuildInfo.TryRead(bytes, "fuzz") is { } info)
        {
            GoModules.Write(GoModules.OfBuildInfo(info.Modules));
        }
    }

    private static byte[] MakeUki()
    {
        using MemoryStream output = new();
        UkiWriter.Write(
            new UkiContent
            {
                Stub = HandMadeStub.Create(),
                OsRelease = "ID=node\n"u8.ToArray(),
                CommandLine = "ro quiet",
                KernelRelease = "6.12.0",
                Initrd = "the initramfs"u8.ToArray(),
                Kernel = "the kernel"u8.ToArray(),
            },
            output);
        return output.ToArray();
    }
}
