using System.Collections.Immutable;
using System.Text;

namespace Images.Baker.Kubernetes;

/// <summary>Lists of modules: in a program, in a source tree that vendors them, and in the image.</summary>
internal static class GoModules
{
    /// <summary>
    /// The text that a linker in module mode puts into a program (runtime/debug.ParseBuildInfo): "dep", path, version
    /// and sum by tabs, and below it "=>" with what replaces it.
    /// </summary>
    public static IEnumerable<GoModule> OfBuildInfo(string text)
    {
        GoModule? last = null;
        foreach (string[] fields in text.Split('\n').Select(line => line.Split('\t')))
        {
            if (fields[0] == "=>" && fields.Length >= 3)
            {
                last = new GoModule(fields[1], fields[2]);
                continue;
            }

            if (last is { } module && IsOfElsewhere(module))
            {
                yield return module;
            }

            last = fields[0] == "dep" && fields.Length >= 3 ? new GoModule(fields[1], fields[2]) : null;
        }

        if (last is { } final && IsOfElsewhere(final))
        {
            yield return final;
        }
    }

    /// <summary>
    /// vendor/modules.txt (golang.org/ref/mod#vendoring): "# path version", perhaps "=> path version", and below it a
    /// line for each package that is vendored. Modules without such a line are in no program.
    /// </summary>
    public static IEnumerable<GoModule> OfVendor(string text)
    {
        GoModule? current = null;
        foreach (string line in text.Split(
            '\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("##", StringComparison.Ordinal))
            {
                continue;
            }

            if (!line.StartsWith("# ", StringComparison.Ordinal))
            {
                if (current is { } module && IsOfElsewhere(module))
                {
                    yield return module;
                }

                current = null;
                continue;
            }

            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            int arrow = Array.IndexOf(words, "=>");
            current = (arrow < 0 ? words[1..] : words[(arrow + 1)..]) is [string path, string version]
                ? new GoModule(path, version)
                : null;
        }
    }

    /// <summary>A line each, sorted: what the image keeps of them.</summary>
    public static byte[] Write(IEnumerable<GoModule> modules) => Encoding.UTF8.GetBytes(string.Concat(
        modules.Distinct().Select(module => $"{module.Path} {module.Version}\n").Order(StringComparer.Ordinal)));

    /// <summary>What <see cref="Write"/> wrote.</summary>
    public static ImmutableArray<GoModule> Read(byte[] text) =>
    [
        .. Encoding.UTF8.GetString(text)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' '))
            .Select(words => new GoModule(words[0], words[1])),
    ];

    /// <summary>Kubernetes' own modules lie in its tree (./staging) and have its version.</summary>
    private static bool IsOfElsewhere(GoModule module) =>
        !module.Path.StartsWith('.') && module.Version.StartsWith('v');
}
