namespace Images.Baker.Debian.Archive;

/// <summary>All packages of all suites; of each name the newest version only.</summary>
internal sealed class PackageUniverse
{
    private readonly Dictionary<string, ArchivePackage> _newest = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<(ArchivePackage Package, PackageRelation Provided)>> _providers =
        new(StringComparer.Ordinal);

    /// <param name="packages">In the order of the plan's suites: of equal versions the first one stays.</param>
    public PackageUniverse(IEnumerable<ArchivePackage> packages)
    {
        foreach (ArchivePackage package in packages)
        {
            if (!_newest.TryGetValue(package.Name, out ArchivePackage? known)
                || package.Version.CompareTo(known.Version) > 0)
            {
                _newest[package.Name] = package;
            }
        }

        foreach (ArchivePackage package in _newest.Values.OrderBy(package => package.Name, StringComparer.Ordinal))
        {
            AddProvides(package);
        }
    }

    public IEnumerable<ArchivePackage> Essential =>
        _newest.Values.Where(package => package.IsEssential).OrderBy(package => package.Name, StringComparer.Ordinal);

    public ArchivePackage? Find(string name) => _newest.GetValueOrDefault(name);

    /// <summary>Packages that provide the name in a version that the relation allows, sorted by name.</summary>
    public IEnumerable<ArchivePackage> ProvidersOf(PackageRelation relation) =>
        _providers.TryGetValue(relation.Name, out List<(ArchivePackage Package, PackageRelation Provided)>? providers)
            ? providers.Where(entry => relation.AllowsProvided(entry.Provided.Version)).Select(entry => entry.Package)
            : [];

    private void AddProvides(ArchivePackage package)
    {
        foreach (PackageRelation provided in package.ProvidesField.Length == 0 ? [] : package.Provides())
        {
            if (!_providers.TryGetValue(
                provided.Name, out List<(ArchivePackage Package, PackageRelation Provided)>? list))
            {
                _providers.Add(provided.Name, list = []);
            }

            list.Add((package, provided));
        }
    }
}
