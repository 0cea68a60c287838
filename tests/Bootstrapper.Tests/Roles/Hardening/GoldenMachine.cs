using System.Text.RegularExpressions;

namespace Images.Bootstrapper.Tests.Roles.Hardening;

/// <summary>The files of a machine as a golden of <see cref="RoleGoldenTests"/> lists them.</summary>
internal sealed partial class GoldenMachine
{
    public GoldenMachine(string golden)
    {
        string[] parts = Heading().Split(golden);
        // before the first heading stands what no file is; then mode, owner and text follow each path
        Files = parts.Skip(1).Chunk(4).ToDictionary(
            part => part[0], part => new GoldenFile(part[1], part[2], part[3].Split("\n##### ")[0].TrimEnd('\n') + "\n"), StringComparer.Ordinal);
    }

    public IReadOnlyDictionary<string, GoldenFile> Files { get; }

    /// <summary>Of a file that there may be none of.</summary>
    public string Text(string path) => Files.TryGetValue(path, out GoldenFile? file) ? file.Text : "";

    [GeneratedRegex(@"^=== (\S+) ([0-7]{4}) ([a-z:-]+)(?:, [^\n]*)?\n", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
