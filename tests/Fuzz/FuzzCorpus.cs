using System.IO.Compression;
using Images.Formats;

namespace Images.Fuzz;

/// <summary>Inputs of a parser: the files of its folder, of which those called <c>found-…</c> once broke something.</summary>
internal sealed class FuzzCorpus
{
    private const string FindingPrefix = "found-";

    /// <summary>Large and mostly the same byte: kept packed.</summary>
    private const string PackedSuffix = ".packed";

    private FuzzCorpus(IReadOnlyList<(string Name, byte[] Bytes)> inputs) => Inputs = inputs;

    public IReadOnlyList<(string Name, byte[] Bytes)> Inputs { get; }

    /// <exception cref="FormatException">There are none, so nothing could be found.</exception>
    public static FuzzCorpus Load(FuzzedParser parser, string corpus)
    {
        string folder = FolderOf(parser, corpus);
        (string Name, byte[] Bytes)[] inputs =
        [
            .. parser.Samples().Select((bytes, index) => ($"sample {index + 1}", bytes)),
            .. Directory.Exists(folder)
                ? Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Select(file => (Path.GetFileName(file), ReadFile(file)))
                : [],
        ];
        return inputs.Length > 0 ? new FuzzCorpus(inputs) : throw new FormatException($"the corpus has no inputs for '{parser.Name}': {folder}");
    }

    public static byte[] ReadFile(string file)
    {
        byte[] bytes = File.ReadAllBytes(file);
        if (!file.EndsWith(PackedSuffix, StringComparison.Ordinal))
        {
            return bytes;
        }

        using GZipStream packed = new(new MemoryStream(bytes), CompressionMode.Decompress);
        using MemoryStream output = new();
        packed.CopyTo(output);
        return output.ToArray();
    }

    /// <summary>Keeps what broke something, and says how to read it again.</summary>
    /// <returns>The lines to print.</returns>
    public static string Keep(string parser, string corpus, string kind, byte[] input)
    {
        string folder = Path.Combine(corpus, parser);
        string file = Path.Combine(folder, $"{FindingPrefix}{kind}-{Digest.Sha256(input).Hex[..10]}");
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(file, input);
        return $"  kept: {file}\n  again: dotnet run --project tests/Fuzz -c Release -- --parser {parser} --input {file}";
    }

    private static string FolderOf(FuzzedParser parser, string corpus) => Path.Combine(corpus, parser.Name);
}
