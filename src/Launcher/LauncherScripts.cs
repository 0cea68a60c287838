using System.Text;

namespace Images.Launcher;

/// <summary>The shell scripts of this library (Scripts/), which run inside a cluster's namespaces.</summary>
internal static class LauncherScripts
{
    public const string LendPaths = "lend-paths";
    public const string SetUp = "set-up";
    public const string StartNode = "start-node";

    private static readonly string[] _inNamespaces = [StartNode, "begin-node", "root-steps"];

    public static string Text(string name)
    {
        using Stream stream = typeof(LauncherScripts).Assembly.GetManifestResourceStream(name)!;
        using StreamReader reader = new(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>Writes what nodes start with into a folder that the namespaces see.</summary>
    public static void WriteTo(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (string name in _inNamespaces)
        {
            File.WriteAllText(Path.Combine(folder, name), Text(name));
        }
    }
}
