namespace Images.Baker.Debian.Archive;

/// <summary>A name that a package stands for beside its own.</summary>
internal readonly record struct ProvidedName(ArchivePackage Package, PackageRelation Provided)
{
    public override string ToString() => Provided.Version is { } version
        ? $"'{Package.Name}' {Package.Version} provides '{Provided.Name}' in {version} only"
        : $"'{Package.Name}' {Package.Version} provides '{Provided.Name}' without a version, which meets none";
}
