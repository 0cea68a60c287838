using Images.Baker.Boot;
using Images.Baker.Boot.Initramfs;
using Images.Baker.Locking;
using Images.Baker.Manifest;
using Images.Baker.Plan;
using Images.Formats.Tree;
using Images.Formats.Uki;
using Images.Formats.Verity;

namespace Images.Baker.Baking;

/// <summary>What the firmware starts: the boot loader, and the kernel image that names the root.</summary>
internal sealed record BootFiles
{
    public required byte[] Loader { get; init; }

    public required byte[] Uki { get; init; }

    /// <exception cref="BakeException">The boot loader is not the one that upgrades were tried with.</exception>
    public static BootFiles Make(
        UnpackedPackages packages, Kernel kernel, byte[] initramfs, FileTree root, VerityInfo verity, ImagePlan plan,
        ImageFacts facts)
    {
        FileTree boot = packages.TreeOf(PackageUse.Boot, facts.SourceDateUnixSeconds);
        byte[] stub = boot.ReadFile(plan.Boot.Stub), initrd = InitramfsBuilder.Combine(initramfs, verity);
        using MemoryStream uki = new(stub.Length + initrd.Length + kernel.Program.Length + (1 << 20));
        UkiWriter.Write(
            new UkiContent
            {
                Stub = stub,
                OsRelease = root.ReadFile("usr/lib/os-release"),
                CommandLine = plan.Boot.CommandLine,
                KernelRelease = kernel.Release,
                Initrd = initrd,
                Kernel = kernel.Program,
            },
            uki);
        return new BootFiles
        {
            Loader = BootLoader.Require(boot.ReadFile(plan.Boot.Loader), plan.Boot.Loader),
            Uki = uki.ToArray(),
        };
    }
}
