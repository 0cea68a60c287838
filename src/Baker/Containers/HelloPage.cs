using System.Reflection;
using Images.Baker.Containers.Oci;
using Images.Baker.Plan;
using Images.Formats.Tree;

namespace Images.Baker.Containers;

/// <summary>
/// The container image <c>images.local/hello:1</c>: busybox's web server and the page of the folder hello/, so that a
/// pod of a new cluster answers without a registry. It is no part of a node's image.
/// </summary>
internal static class HelloPage
{
    /// <summary>The package that the web server comes from.</summary>
    public const string Package = "busybox-static";

    private const string Program = "usr/bin/busybox";
    private const string Port = "8080";

    /// <summary>busybox httpd runs it where a folder has no index.html.</summary>
    private const string Page = "www/cgi-bin/index.cgi";
    private const int Executable = 0b111_101_101;

    /// <summary>A user that owns nothing.</summary>
    private const string User = "65535:65535";

    public static ContainerReference Name { get; } = ContainerReference.TryParse("images.local/hello:1")!;

    /// <summary>The page as it lies in hello/index.cgi.</summary>
    public static byte[] ReadPage()
    {
        using Stream page = Assembly.GetExecutingAssembly().GetManifestResourceStream("hello/index.cgi")!;
        byte[] bytes = new byte[page.Length];
        page.ReadExactly(bytes);
        return bytes;
    }

    /// <param name="version">Of the package.</param>
    /// <param name="entries">The package's files.</param>
    /// <param name="architecture">amd64.</param>
    /// <exception cref="BakeException">The package holds no static busybox.</exception>
    public static ContainerImage Make(
        string version, IReadOnlyDictionary<TreePath, TreeNode> entries, string architecture)
    {
        FileTreeBuilder tree = new(modifiedUnixSeconds: 0);
        if (entries.TryGetValue(TreePath.Parse(Program), out TreeNode? program))
        {
            tree.Set(TreePath.Parse(Program), program with { ModifiedUnixSeconds = 0 });
        }

        tree.AddFile(Page, new MemoryContent(ReadPage()), Executable);
        return PlainContainer.Make(
            Name,
            [$"/{Program}", "httpd", "-f", "-p", Port, "-h", "/www"],
            User,
            tree.Build(),
            $"{Package} {version} of Debian and a page",
            architecture);
    }
}
