using Images.Baker.Composing;
using Images.Formats.Tree;
using Images.TestSupport;

namespace Images.Baker.Tests.Tree;

public class DpkgDatabaseTests
{
    [Fact]
    public void Dpkg_query_reads_the_packages_and_who_owns_what()
    {
        ImageContent content = SampleImage.Content(tree => tree.AddText("usr/bin/tool", "t"));
        ImageContent withLibrary = content with
        {
            Packages = [.. content.Packages, SampleImage.Package("libsample1", tree => tree.AddText("lib/libsample.so.1", "l"), "Multi-Arch: same\n")],
        };
        using TemporaryFolder folder = new();
        string database = WriteDatabase(ImageTree.Compose(withLibrary).Tree, folder);

        Judge.Run("dpkg-query", $"--admindir={database}", "-W", "-f", "${Package} ${Version} ${db:Status-Abbrev}\n").Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .ShouldBe(
                withLibrary.Packages.Select(layer => $"{layer.Package.Name} {layer.Package.Version} ii ").Order(StringComparer.Ordinal));
        Judge.Run("dpkg-query", $"--admindir={database}", "-S", "/usr/bin/tool").ShouldBe("extra: /usr/bin/tool\n");
        Judge.Run("dpkg-query", $"--admindir={database}", "-S", "/usr/lib/libsample.so.1").ShouldBe("libsample1:amd64: /usr/lib/libsample.so.1\n");
        Judge.Try("dpkg-query", [$"--admindir={database}", "-L", "libsample1"]).Error.ShouldBeEmpty();
    }

    private static string WriteDatabase(FileTree tree, TemporaryFolder folder)
    {
        const string Prefix = "usr/lib/sysimage/dpkg/";
        foreach (TreePath path in tree.Nodes.Keys.Where(path => path.Value.StartsWith(Prefix, StringComparison.Ordinal) && tree.Find(path.Value) is FileNode))
        {
            string file = folder[path.Value[Prefix.Length..]];
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, tree.ReadFile(path.Value));
        }

        return folder.FullPath;
    }
}
