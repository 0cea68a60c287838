namespace Images.Baker.Debian.Archive;

/// <summary>
/// All packages of all suites; of each name the newest version only, and beside it the newest of the suites that are
/// asked only where no other has what is needed (NotAutomatic: backports, experimental).
/// </summary>
internal sealed class PackageUniverse
{
    private readonly Dictionary<string, ArchivePackage> _newest = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ArchivePackage> _lastResort = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<ProvidedName>> _providers = new(StringComparer.Ordinal);

    /// <param name="packages">In the order of the plan's suites: of equal versions the first one stays.</param>
    public PackageUniverse(IEnumerable<ArchivePackage> packages)
    {
        foreach (ArchivePackage package in packages)
        {
            Dictionary<string, ArchivePackage> tier = package.NotAutomatic ? _lastResort : _newest;
            if (!tier.TryGetValue(package.Name, out ArchivePackage? known)
                || package.Version.CompareTo(known.Version) > 0)
            {
                tier[package.Name] = package;
            }
        }

        foreach (Dictionary<string, ArchivePackage> tier
            in (Dictionary<string, ArchivePackage>[])[_newest, _lastResort])
        {
            foreach (ArchivePackage package in tier.Values.OrderBy(package => package.Name, StringComparer.Ordinal))
            {
                AddProvides(package);
            }
        }
    }

    /// <summary>Those of suites that are asked by themselves: nobody asked for backports' Essential packages.</summary>
    public IEnumerable<ArchivePackage> Essential =>
        _newest.Values.Where(package => package.IsEssential).OrderBy(package => package.Name, StringComparer.Ordinal);

    /// <summary>What a name alone means.</summary>
    public ArchivePackage? Find(string name) => _newest.GetValueOrDefault(name) ?? FindLastResort(name);

    /// <summary>The newest of the suites that are asked only where no other has what is needed.</summary>
    public ArchivePackage? FindLastResort(string name) => _lastResort.GetValueOrDefault(name);

    /// <summary>
    /// Packages that provide the name in a version that the relation allows, sorted by name, those of last resort last.
    /// </summary>
    public IEnumerable<ArchivePackage> ProvidersOf(PackageRelation relation) =>
        ProvidersOf(relation.Name)
            .Where(entry => relation.AllowsProvided(entry.Provided.Version))
            .Select(entry => entry.Package);

    /// <summary>The same, whatever the version.</summary>
    public IEnumerable<ProvidedName> ProvidersOf(string name) => _providers.GetValueOrDefault(name) ?? [];

    private void AddProvides(ArchivePackage package)
    {
        foreach (PackageRelation provided in package.ProvidesField.Length == 0 ? [] : package.Provides())
        {
            if (!_providers.TryGetValue(provided.Name, out List<ProvidedName>? list))
            {
                _providers.Add(provided.Name, list = []);
            }

            list.Add(new ProvidedName(package, provided));
        }
    }
}
