using Images.Formats;
using Images.Formats.Uki;
using Images.Formats.Verity;
using Images.NodeConfig.Upgrades;

namespace Images.Baker.Inspect;

/// <summary>Reads an upgrade: what it says of itself, or all of it.</summary>
internal static class UpgradeInspector
{
    private const int MagicOffset = 257; // of a tar header

    /// <summary>Whether the file is a tar archive rather than a disk.</summary>
    /// <exception cref="BakeException">The file cannot be read.</exception>
    public static bool IsOne(string path)
    {
        using FileStream file = OpenFile(path);
        Span<byte> start = stackalloc byte[MagicOffset + 5];
        return file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length
            && start[MagicOffset..].SequenceEqual("ustar"u8);
    }

    /// <exception cref="MalformedDataException">It is no upgrade.</exception>
    /// <inheritdoc cref="IsOne"/>
    public static UpgradeManifest Inspect(string path)
    {
        using FileStream file = OpenFile(path);
        using UpgradeArtefact upgrade = UpgradeArtefact.Open(file, path);
        return upgrade.Manifest;
    }

    /// <summary>Whether a signature stands behind the manifest; by whom, only the keys of a node can tell.</summary>
    /// <inheritdoc cref="Inspect"/>
    public static bool IsSigned(string path)
    {
        using FileStream file = OpenFile(path);
        using UpgradeArtefact upgrade = UpgradeArtefact.Open(file, path);
        return !upgrade.Signature.IsEmpty;
    }

    /// <summary>
    /// Digests of the parts; that the kernel image names this root; the root as <see cref="RootVerifier"/> reads it;
    /// and that the manifest inside is of the same image. Of a delta the root is not known: its parts alone are read.
    /// </summary>
    /// <param name="path">The upgrade.</param>
    /// <param name="passed">Hears of each check that passed: its name and what was checked.</param>
    /// <exception cref="MalformedDataException">The first thing wrong.</exception>
    public static void Verify(string path, Action<string, string> passed)
    {
        using FileStream file = OpenFile(path);
        using UpgradeArtefact upgrade = UpgradeArtefact.Open(file, path);
        if (upgrade.Manifest.Delta is not null)
        {
            ReadParts(upgrade);
            passed(
                "parts",
                $"{UpgradeArtefact.UkiDeltaName} and {UpgradeArtefact.RootDeltaName} have the manifest's digests");
            return;
        }

        UpgradeManifest manifest = upgrade.Manifest;
        VerityInfo verity = new()
        {
            RootHash = manifest.RootHash,
            Salt = manifest.Verity.Salt,
            DataBlocks = manifest.Verity.DataBlocks,
        };
        CheckKernelImage(upgrade, verity, $"{path}, {UpgradeArtefact.UkiName}");
        passed("kernel image", $"kernel {manifest.Kernel}, names root hash {manifest.RootHash}");

        Stream root = upgrade.OpenRoot();
        long start = file.Position; // the reader takes no byte that it was not asked for
        root.CopyTo(Stream.Null, 1 << 20);
        upgrade.Finish();
        passed("parts", $"{UpgradeArtefact.UkiName} and {UpgradeArtefact.RootName} have the manifest's digests");
        InspectedManifest image = RootVerifier.Verify(
            new StreamSection(file, start, manifest.RootBytes), verity, $"{path}, {UpgradeArtefact.RootName}", passed);
        RequireSame(manifest, image, path);
    }

    private static void ReadParts(UpgradeArtefact upgrade)
    {
        upgrade.OpenUki().CopyTo(Stream.Null, 1 << 20);
        upgrade.OpenRoot().CopyTo(Stream.Null, 1 << 20);
        upgrade.Finish();
    }

    private static void CheckKernelImage(UpgradeArtefact upgrade, VerityInfo verity, string name)
    {
        byte[] bytes = new byte[upgrade.Manifest.UkiBytes];
        upgrade.OpenUki().ReadExactly(bytes);
        UkiContent kernel = UkiReader.Read(bytes, name);
        if (VerityFile.Read(kernel.Initrd.Span, name) != verity || kernel.KernelRelease != upgrade.Manifest.Kernel)
        {
            throw new MalformedDataException(name, -1, "it names another root or another kernel than the manifest.");
        }
    }

    private static void RequireSame(UpgradeManifest manifest, InspectedManifest image, string path)
    {
        if (manifest.Name != image.Name
            || manifest.Version != image.Version
            || manifest.Kernel != image.Kernel
            || manifest.Kubernetes != image.Kubernetes?.Version)
        {
            throw new MalformedDataException(
                path, -1, $"the manifest says {manifest.Name} {manifest.Version}, the root {image.Name} "
                    + $"{image.Version}: or their kernels or Kubernetes differ.");
        }
    }

    private static FileStream OpenFile(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new ContentException(
                "BAKE0534", path, $"the image cannot be read: {fault.Message}",
                "Name a raw disk or an upgrade that baker made.", fault);
        }
    }
}
