using System.Collections.Immutable;

namespace Images.Baker.Debian.Archive;

/// <summary>
/// Finds the packages that an image needs: those asked for, Essential ones, and what they depend on. The first
/// alternative that can be had is taken, unless a later one is there already; nothing is ever taken back. So the same
/// indexes and the same plan give the same set.
/// </summary>
/// <param name="universe">What the suites offer.</param>
/// <param name="dropped">Names that are never taken; a dependency on one of them counts as met.</param>
/// <param name="planName">How errors call the plan.</param>
internal sealed class PackageResolver(PackageUniverse universe, IReadOnlySet<string> dropped, string planName)
{
    private readonly SortedDictionary<string, ArchivePackage> _taken = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _takenFor = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<PackageRelation>> _provided = new(StringComparer.Ordinal);
    private readonly Queue<ArchivePackage> _unfinished = [];

    /// <summary>The packages, sorted by name.</summary>
    /// <param name="universe">What the suites offer.</param>
    /// <param name="dropped">Names that are never taken, unless they are asked for by name here.</param>
    /// <param name="planName">How errors call the plan.</param>
    /// <param name="asked">Names asked for.</param>
    /// <param name="withEssential">Whether Essential packages come too.</param>
    /// <exception cref="BakeException">
    /// A package or a dependency cannot be had, or two taken packages exclude one another.
    /// </exception>
    public static ImmutableArray<ArchivePackage> Resolve(
        PackageUniverse universe, IReadOnlySet<string> dropped, string planName, IReadOnlyList<string> asked,
        bool withEssential)
    {
        PackageResolver resolver = new(universe, dropped, planName);
        resolver.TakeAsked(asked);
        if (withEssential)
        {
            resolver.TakeEssential();
        }

        resolver.TakeDependencies();
        resolver.RefuseConflicts();
        return [.. resolver._taken.Values];
    }

    /// <summary>One package alone.</summary>
    /// <exception cref="BakeException">No suite has it.</exception>
    public static ArchivePackage Find(PackageUniverse universe, string planName, string name) =>
        universe.Find(name) ?? throw new BakeException(
            "BAKE0310", planName, $"The package '{name}' is in none of the suites.",
            "Correct its name, or add the suite or component that holds it.");

    private void TakeAsked(IReadOnlyList<string> asked)
    {
        foreach (string name in asked)
        {
            Take(Find(universe, planName, name), planName);
        }
    }

    private void TakeEssential()
    {
        foreach (ArchivePackage package in universe.Essential.Where(package => !dropped.Contains(package.Name)))
        {
            Take(package, "being Essential");
        }
    }

    private void TakeDependencies()
    {
        while (_unfinished.TryDequeue(out ArchivePackage? package))
        {
            foreach (ImmutableArray<PackageRelation> alternatives in package.Depends())
            {
                if (!alternatives.Any(IsMet) && !alternatives.Any(IsMetByFiat))
                {
                    Take(Candidate(alternatives) ?? throw Unsatisfiable(package, alternatives), package.Name);
                }
            }
        }
    }

    private void Take(ArchivePackage package, string wantedBy)
    {
        if (!_taken.TryAdd(package.Name, package))
        {
            return;
        }

        _takenFor.Add(package.Name, wantedBy);
        _unfinished.Enqueue(package);
        foreach (PackageRelation provided in package.Provides())
        {
            if (!_provided.TryGetValue(provided.Name, out List<PackageRelation>? list))
            {
                _provided.Add(provided.Name, list = []);
            }

            list.Add(provided);
        }
    }

    private bool IsMet(PackageRelation relation) =>
        (_taken.TryGetValue(relation.Name, out ArchivePackage? package) && relation.Allows(package.Version))
            || (_provided.TryGetValue(relation.Name, out List<PackageRelation>? provided)
                && provided.Any(entry => relation.AllowsProvided(entry.Version)));

    // by name alone: nobody unpacks the dropped package, so its version says nothing
    private bool IsMetByFiat(PackageRelation relation) =>
        dropped.Contains(relation.Name)
            || (universe.Find(relation.Name) is null
                && universe.ProvidersOf(relation).Any(provider => dropped.Contains(provider.Name)));

    private ArchivePackage? Candidate(ImmutableArray<PackageRelation> alternatives)
    {
        foreach (PackageRelation relation in alternatives)
        {
            ArchivePackage? real = universe.Find(relation.Name);
            if (real is not null && relation.Allows(real.Version))
            {
                return real;
            }

            if (universe.ProvidersOf(relation).FirstOrDefault() is { } provider)
            {
                return provider;
            }
        }

        return null;
    }

    private BakeException Unsatisfiable(ArchivePackage package, ImmutableArray<PackageRelation> alternatives)
    {
        string needed = string.Join(" | ", alternatives);
        string offered = string.Join("; ", alternatives.Select(Offer));
        return new BakeException(
            "BAKE0311",
            planName,
            $"The package '{package.Name}' {package.Version} ({Chain(package.Name)}) needs '{needed}'; {offered}.",
            "Add a suite that holds it, ask for another package, or name it under 'drop' if the image can do without.");
    }

    private string Offer(PackageRelation relation) => universe.Find(relation.Name) is { } other
        ? $"the newest '{relation.Name}' in the suites is {other.Version}"
        : $"'{relation.Name}' is in none of the suites";

    /// <summary>Who wants the package, as "wanted by kubelet, wanted by image.yaml".</summary>
    private string Chain(string name)
    {
        List<string> chain = [];
        for (string? wanted = name; wanted is not null && _takenFor.TryGetValue(wanted, out string? by); wanted = by)
        {
            chain.Add($"wanted by {by}");
        }

        return string.Join(", ", chain);
    }

    private void RefuseConflicts()
    {
        foreach (ArchivePackage package in _taken.Values)
        {
            foreach (PackageRelation conflict in package.Conflicts())
            {
                ArchivePackage? other = _taken.Values.FirstOrDefault(
                    candidate => candidate != package && Excludes(conflict, candidate));
                if (other is not null)
                {
                    throw new BakeException(
                        "BAKE0312",
                        planName,
                        $"The package '{package.Name}' ({Chain(package.Name)}) excludes '{conflict}', "
                            + $"and '{other.Name}' {other.Version} ({Chain(other.Name)}) is one.",
                        "Ask for only one of them.");
                }
            }
        }
    }

    private static bool Excludes(PackageRelation conflict, ArchivePackage candidate) =>
        (candidate.Name == conflict.Name && conflict.Allows(candidate.Version))
            || candidate
                .Provides()
                .Any(provided => provided.Name == conflict.Name && conflict.AllowsProvided(provided.Version));
}
