using Images.Baker.Boot.Kmod;
using Images.Baker.Caching;
using Images.Baker.Locking;
using Images.Formats;
using Images.Formats.Tree;

namespace Images.Baker.Baking;

/// <summary>The kernel of the image, its modules, and the indexes that find them.</summary>
internal sealed class Kernel
{
    private readonly Lazy<KernelModules> _modules;

    private Kernel(Func<KernelModules> readModules) => _modules = new Lazy<KernelModules>(readModules);

    /// <summary>As <c>uname -r</c> prints it.</summary>
    public required string Release { get; init; }

    /// <summary>The bzImage.</summary>
    public required byte[] Program { get; init; }

    /// <summary>Read when first asked for: a bake whose results are kept never asks.</summary>
    public KernelModules Modules => _modules.Value;

    /// <summary>The packages that brought it, as they came.</summary>
    public required FileTree Packages { get; init; }

    /// <summary>All that <see cref="Modules"/> and <see cref="MakeIndexes"/> depend on.</summary>
    public required Digest ModuleInputs { get; init; }

    /// <summary>Finds the one kernel that the packages bring.</summary>
    /// <param name="unpacked">Those of the root are searched.</param>
    /// <param name="cache">Keeps what was read from the modules.</param>
    /// <param name="timeUnixSeconds">Of the files.</param>
    /// <exception cref="BakeException">There is none, or there are several.</exception>
    public static Kernel Find(UnpackedPackages unpacked, ResultCache cache, long timeUnixSeconds)
    {
        TreePath modulesFolder = TreePath.Parse("usr/lib/modules");
        FileTree packages = unpacked.TreeOf(PackageUse.Root, timeUnixSeconds, package => package.Layer.Entries.Keys.Any(
            path => path.IsBelow(modulesFolder)));
        string release = KernelModulesReader.FindRelease(packages);
        string program = $"boot/vmlinuz-{release}";
        if (packages.Find(program) is not FileNode)
        {
            throw new BakeException(
                "BAKE0401", $"/{program}", "is in no package, though its modules are.",
                "Do not prune /boot of the kernel's package in image.yaml; the bake moves it into the UKI.");
        }

        return new Kernel(() => KernelModulesReader.Read(packages, release, cache))
        {
            Release = release,
            Program = packages.ReadFile(program),
            Packages = packages,
            ModuleInputs = KernelModulesReader.InputsOf(packages, release),
        };
    }

    /// <summary>modules.dep.bin and its kin, by full path in the image.</summary>
    public FileTree MakeIndexes(long timeUnixSeconds)
    {
        FileTreeBuilder indexes = new(timeUnixSeconds);
        foreach ((string name, byte[] content) in ModuleIndex.Build(Modules))
        {
            indexes.AddFile($"{KernelModulesReader.FolderOf(Release)}/{name}", new MemoryContent(content));
        }

        return indexes.Build();
    }
}
