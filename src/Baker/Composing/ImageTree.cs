using Images.Baker.Composing.Fixups;
using Images.Baker.Manifest;
using Images.Baker.Merging;
using Images.Formats;
using Images.Formats.Tree;
using Images.NodeConfig;

namespace Images.Baker.Composing;

/// <summary>
/// Makes the root file system of an image out of its packages, without running anything of them. Reads nothing but its
/// input; the same input gives the same tree in whatever order it comes.
/// </summary>
public static class ImageTree
{
    private const int ProgramMode = 0b111_101_101;

    /// <exception cref="BakeException">Packages and roles/ do not fit together; the message says where.</exception>
    public static ComposedImage Compose(ImageContent content)
    {
        ArgumentNullException.ThrowIfNull(content);
        RoleSources roles = content.Roles.PlayableWith(content.Components);
        SystemDescription system = roles.System;
        IReadOnlyList<TreeLayer> layers =
            [.. content.Packages.Select(layer => new TreeLayer(layer.Package.Name, layer.Entries)), .. content.Extra];
        MergedTree merged = TreeMerger.Merge(layers, system.Winners, content.Image.SourceDateUnixSeconds);
        FileTreeBuilder tree = merged.Tree;

        PathRemoval.Apply(tree, system.Remove);
        SetIdBits.Clear(tree, system);
        OwnFiles.Add(merged, roles);
        DeclaredPaths.Add(tree, system);
        AccountFiles.Write(tree, system);
        UnitEnablement.Apply(tree, roles);
        RoleCompiler.Add(tree, roles, content.Roles.Roles, content.Components);
        tree.AddFile(NodePaths.Program, content.Bootstrapper, ProgramMode);
        ImageIdentity.Add(tree, content.Image);
        IReadOnlyList<InstalledPackage> packages = [.. content.Packages
            .Select(layer => layer.Package)
            .OrderBy(package => package.Name, StringComparer.Ordinal)];
        DpkgDatabase.Add(merged, packages);
        VarAsTmpfiles.Apply(tree);

        byte[] manifest = ImageManifest.Write(content.Image, packages, merged);
        tree.AddFile(ImageManifest.Path, new MemoryContent(manifest));
        IReadOnlyList<InstalledPackage> all = [.. packages
            .Concat(content.Beside)
            .DistinctBy(package => package.Name)
            .OrderBy(package => package.Name, StringComparer.Ordinal)];
        byte[] sbom = SpdxDocument.Write(
            content.Image, all, package => LicenceNames.Of(tree, package), content.Bootstrapper.Digest,
            Digest.Sha256(manifest));
        return new ComposedImage { Tree = tree.Build(), Manifest = manifest, Sbom = sbom };
    }
}
