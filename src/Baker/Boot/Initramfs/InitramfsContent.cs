using Images.Baker.Boot.Kmod;
using Images.Formats;
using Images.Formats.Tree;

namespace Images.Baker.Boot.Initramfs;

/// <summary>Everything that goes into the initramfs, the verity parameters aside.</summary>
internal sealed record InitramfsContent
{
    /// <summary><c>roles/initramfs/init</c>.</summary>
    public required FileContent Init { get; init; }

    /// <summary>
    /// The merged packages of image.yaml's <c>initramfs.packages</c>: busybox-static, dmsetup, and the libraries that
    /// dmsetup needs. What they need is taken, nothing else.
    /// </summary>
    public required FileTree Tools { get; init; }

    /// <summary>
    /// A tree with the kernel's module files and, where there is any, firmware: the image's or the kernel package's.
    /// </summary>
    public required FileTree Kernel { get; init; }

    /// <summary>All modules of that tree; asked for only where the result is not kept.</summary>
    public required Func<KernelModules> Modules { get; init; }

    /// <summary>All that <see cref="Modules"/> depends on.</summary>
    public required Digest ModuleInputs { get; init; }

    /// <summary>image.yaml's <c>initramfs.modules</c>. Dependencies come by themselves.</summary>
    public required IReadOnlyList<string> ModuleNames { get; init; }
}
