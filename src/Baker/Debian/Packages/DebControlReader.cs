using System.Text;
using Images.Formats;
using Images.Formats.Tar;

namespace Images.Baker.Debian.Packages;

/// <summary>Reads the control archive of a package.</summary>
internal static class DebControlReader
{
    // the biggest members are md5sums, some MiB in the biggest packages
    private const long MaximumBytes = 64 << 20;

    private static readonly string[] _scripts = ["config", "postinst", "postrm", "preinst", "prerm"];

    public static DebControl Read(Stream tar, string name)
    {
        SortedDictionary<string, ReadOnlyMemory<byte>> members = ReadMembers(tar, name);
        string controlName = $"{name}/control";
        ControlParagraph[] paragraphs = members.TryGetValue("control", out ReadOnlyMemory<byte> control)
            ? [.. ControlFile.Parse(new MemoryStream(control.ToArray()), controlName)]
            : throw new MalformedDataException(name, -1, "the control archive lacks the file 'control'");
        if (paragraphs.Length != 1)
        {
            throw new MalformedDataException(
                controlName, -1, $"a package's control file has one paragraph, this one has {paragraphs.Length}");
        }

        return new DebControl
        {
            Fields = paragraphs[0],
            Package = paragraphs[0].Require("Package"),
            Version = ParseVersion(paragraphs[0].Require("Version"), controlName),
            Architecture = paragraphs[0].Require("Architecture"),
            Conffiles = ReadConffiles(members, name),
            MaintainerScripts = [.. _scripts.Where(members.ContainsKey)],
            Members = members,
        };
    }

    private static SortedDictionary<string, ReadOnlyMemory<byte>> ReadMembers(Stream tar, string name)
    {
        SortedDictionary<string, ReadOnlyMemory<byte>> members = new(StringComparer.Ordinal);
        long total = 0;
        foreach (TarEntry entry in new TarReader(tar, name))
        {
            string path = entry.ParsePath().Value;
            if (entry.Kind == TarEntryKind.Directory && path.Length == 0)
            {
                continue;
            }

            total += entry.Size;
            if (entry.Kind != TarEntryKind.File || path.Contains('/', StringComparison.Ordinal) || total > MaximumBytes)
            {
                throw new MalformedDataException(
                    name, entry.Offset,
                    $"the control member '{entry.Path}' is no plain file, or goes beyond {MaximumBytes} bytes");
            }

            byte[] content = new byte[entry.Size];
            entry.Content.ReadExactly(content);
            if (!members.TryAdd(path, content))
            {
                throw new MalformedDataException(name, entry.Offset, $"the control member '{entry.Path}' occurs twice");
            }
        }

        return members;
    }

    private static DebVersion ParseVersion(string text, string name)
    {
        try
        {
            return DebVersion.Parse(text);
        }
        catch (FormatException e)
        {
            throw new MalformedDataException(name, -1, e.Message, e);
        }
    }

    // deb-conffiles(5): a path a line, "remove-on-upgrade " before paths that the package no longer brings
    private static string[] ReadConffiles(SortedDictionary<string, ReadOnlyMemory<byte>> members, string name)
    {
        string text =
            members.TryGetValue("conffiles", out ReadOnlyMemory<byte> bytes) ? Encoding.UTF8.GetString(bytes.Span) : "";
        string[] lines = text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        string[] conffiles = [.. lines.Where(line => !line.StartsWith("remove-on-upgrade ", StringComparison.Ordinal))];
        string? odd = Array.Find(conffiles, path => !path.StartsWith('/'));
        return odd is null
            ? conffiles
            : throw new MalformedDataException(name, -1, $"the configuration file '{odd}' is no absolute path");
    }
}
