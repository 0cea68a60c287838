using System.Runtime.InteropServices;
using Images.TestSupport;

namespace Images.Baker.Tests.Cli;

/// <summary>
/// This host's runtime with another compressor: its files linked into a folder, but for the native library with zlib-ng, in
/// which level 9 gives up its search for matches earlier. It compresses soundly, to other bytes.
/// </summary>
internal static class OtherRuntime
{
    private const string Library = "libSystem.IO.Compression.Native.so";

    /// <summary>zlib-ng's settings for level 9: good length 32, lazy 258, nice 258, chain 4096; as four 16-bit numbers.</summary>
    private static readonly byte[] _levelNine = [0x20, 0, 2, 1, 2, 1, 0, 0x10];

    private static readonly byte[] _lessEager = [0x20, 0, 2, 1, 2, 1, 4, 0];

    /// <returns>The path of its <c>dotnet</c>.</returns>
    public static string Make(TemporaryFolder folder)
    {
        DirectoryInfo framework = new(RuntimeEnvironment.GetRuntimeDirectory());
        DirectoryInfo root = framework.Parent!.Parent!.Parent!;
        string resolvers = Path.Combine("host", "fxr");
        SampleProject.CopyFolder(Path.Combine(root.FullName, resolvers), folder[$"runtime/{resolvers}"]);
        File.Copy(Path.Combine(root.FullName, "dotnet"), folder["runtime/dotnet"]);
        string copy = folder[$"runtime/shared/{framework.Parent.Name}/{framework.Name}"];
        Directory.CreateDirectory(copy);
        foreach (FileInfo file in framework.GetFiles().Where(file => file.Name != Library))
        {
            File.CreateSymbolicLink(Path.Combine(copy, file.Name), file.FullName);
        }

        byte[] library = File.ReadAllBytes(Path.Combine(framework.FullName, Library));
        int place = library.AsSpan().IndexOf(_levelNine);
        place.ShouldBeGreaterThan(0, "zlib-ng's table of levels is not where this test expects it");
        _lessEager.CopyTo(library, place);
        File.WriteAllBytes(Path.Combine(copy, Library), library);
        return folder["runtime/dotnet"];
    }
}
