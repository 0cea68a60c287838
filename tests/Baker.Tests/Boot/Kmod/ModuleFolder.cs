using Images.Baker.Boot.Kmod;
using Images.Formats.Tree;
using Images.TestSupport;

namespace Images.Baker.Tests.Boot.Kmod;

/// <summary>One module folder twice on disk: with our indexes and with those that depmod makes, to be compared.</summary>
internal sealed class ModuleFolder : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _release;

    public ModuleFolder(FileTree tree, string release)
    {
        _release = release;
        Modules = KernelModulesReader.Read(tree, release);
        foreach (string root in new[] { "ours", "theirs" })
        {
            HostFolderTree.Write(tree, _folder[root]);
            // kmod still looks below /lib/modules where it was built without --with-module-directory
            File.CreateSymbolicLink(_folder[root + "/lib"], "usr/lib");
        }

        Judge.Run("depmod", "-b", _folder["theirs"], "-a", release);
        Ours = ModuleIndex.Build(Modules);
        foreach ((string name, byte[] bytes) in Ours)
        {
            File.WriteAllBytes(PathOf("ours", name), bytes);
        }
    }

    public KernelModules Modules { get; }

    public IReadOnlyDictionary<string, byte[]> Ours { get; }

    public byte[] Theirs(string index) => File.ReadAllBytes(PathOf("theirs", index));

    /// <summary>What modprobe says to the same question with our indexes and with depmod's.</summary>
    public (string Ours, string Theirs) Ask(params string[] arguments) => (AskOne("ours", arguments), AskOne("theirs", arguments));

    public void Dispose() => _folder.Dispose();

    private string PathOf(string root, string index) => _folder[$"{root}/usr/lib/modules/{_release}/{index}"];

    private string AskOne(string root, string[] arguments)
    {
        JudgeResult result = Judge.Try("modprobe", ["-d", _folder[root], "-S", _release, "--config", "/dev/null", .. arguments]);
        return $"{result.ExitCode}\n{result.Output}{result.Error}".Replace(_folder[root], "", StringComparison.Ordinal);
    }
}
