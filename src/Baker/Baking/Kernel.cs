using Images.Baker.Boot;
using Images.Baker.Boot.Kmod;
using Images.Baker.Sources;
using Images.Baker.Tree;

namespace Images.Baker.Baking;

/// <summary>The kernel of the image, its modules, and the indexes that find them.</summary>
internal sealed record Kernel
{
    /// <summary>As <c>uname -r</c> prints it.</summary>
    public required string Release { get; init; }

    /// <summary>The bzImage.</summary>
    public required byte[] Program { get; init; }

    public required KernelModules Modules { get; init; }

    /// <summary>The packages that brought it, as they came.</summary>
    public required FileTree Packages { get; init; }

    /// <summary>modules.dep.bin and its kin, by full path in the image.</summary>
    public required FileTree Indexes { get; init; }

    /// <summary>Finds the one kernel that the packages bring.</summary>
    /// <param name="unpacked">Those of the root are searched.</param>
    /// <param name="cache">Keeps what was read from the modules.</param>
    /// <param name="timeUnixSeconds">Of the indexes.</param>
    /// <exception cref="BakeException">There is none, or there are several.</exception>
    public static Kernel Find(UnpackedPackages unpacked, BootCache cache, long timeUnixSeconds)
    {
        TreePath modulesFolder = TreePath.Parse("usr/lib/modules");
        FileTree packages = unpacked.TreeOf(PackageUse.Root, timeUnixSeconds, package => package.Layer.Entries.Keys.Any(path => path.IsBelow(modulesFolder)));
        string release = KernelModulesReader.FindRelease(packages);
        string program = $"boot/vmlinuz-{release}";
        if (packages.Find(program) is not FileNode)
        {
            throw new BakeException("BAKE0401", $"/{program}", "is in no package, though its modules are.", "Do not prune /boot of the kernel's package in image.yaml; the bake moves it into the UKI.");
        }

        KernelModules modules = KernelModulesReader.Read(packages, release, cache);
        FileTreeBuilder indexes = new(timeUnixSeconds);
        foreach ((string name, byte[] content) in ModuleIndex.Build(modules))
        {
            indexes.AddFile($"{KernelModulesReader.FolderOf(release)}/{name}", new MemoryContent(content));
        }

        return new Kernel { Release = release, Program = packages.ReadFile(program), Modules = modules, Packages = packages, Indexes = indexes.Build() };
    }
}
