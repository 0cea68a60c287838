using System.Collections.Immutable;

namespace Images.Baker.Debian.Archive;

/// <summary>
/// Finds the packages that an image needs: those asked for, Essential ones, and what they depend on. The first
/// alternative that can be had is taken, unless a later one is there already; nothing is ever taken back. So the same
/// indexes and the same plan give the same set. Suites that are NotAutomatic give only what no other satisfies.
/// </summary>
/// <param name="universe">What the suites offer.</param>
/// <param name="dropped">Names that are never taken; a dependency on one of them counts as met.</param>
/// <param name="planName">How errors call the plan.</param>
/// <param name="lifted">Names whose version of last resort is taken, because no other satisfies.</param>
internal sealed class PackageResolver(
    PackageUniverse universe, IReadOnlySet<string> dropped, string planName, HashSet<string> lifted)
{
    private const int MostOffers = 5;

    private readonly SortedDictionary<string, ArchivePackage> _taken = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _takenFor = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<PackageRelation>> _provided = new(StringComparer.Ordinal);
    private readonly Queue<ArchivePackage> _unfinished = [];

    /// <summary>The packages of each request, sorted by name; each name in one version in all of them.</summary>
    /// <param name="universe">What the suites offer.</param>
    /// <param name="dropped">Names that are never taken, unless they are asked for by name here.</param>
    /// <param name="planName">How errors call the plan.</param>
    /// <param name="requests">One a use.</param>
    /// <exception cref="BakeException">
    /// A package or a dependency cannot be had, or two taken packages exclude one another.
    /// </exception>
    public static ImmutableArray<ImmutableArray<ArchivePackage>> Resolve(
        PackageUniverse universe, IReadOnlySet<string> dropped, string planName, params PackageRequest[] requests)
    {
        // who finds that a name must be lifted begins anew with it: what was taken before may want another version
        HashSet<string> lifted = new(StringComparer.Ordinal);
        while (true)
        {
            int known = lifted.Count;
            ImmutableArray<ImmutableArray<ArchivePackage>> resolved =
            [
                .. requests.Select(
                    request => new PackageResolver(universe, dropped, planName, lifted).Resolve(request)),
            ];
            if (lifted.Count == known)
            {
                return resolved;
            }
        }
    }

    /// <summary>One package alone.</summary>
    /// <exception cref="BakeException">No suite has it.</exception>
    public static ArchivePackage Find(PackageUniverse universe, string planName, string name) =>
        universe.Find(name) ?? throw new BakeException(
            "BAKE0310", planName, $"The package '{name}' is in none of the suites.",
            "Correct its name, or add the suite or component that holds it.");

    private ImmutableArray<ArchivePackage> Resolve(PackageRequest request)
    {
        int known = lifted.Count;
        foreach (string name in request.Asked)
        {
            Take(FindLifted(name) ?? Find(universe, planName, name), planName);
        }

        IEnumerable<ArchivePackage> essential = request.WithEssential ? universe.Essential : [];
        foreach (ArchivePackage package in essential.Where(package => !dropped.Contains(package.Name)))
        {
            Take(FindLifted(package.Name) ?? package, "being Essential");
        }

        TakeDependencies(known);
        if (lifted.Count == known)
        {
            RefuseConflicts();
        }

        return [.. _taken.Values];
    }

    /// <summary>Until all are there, or a name was lifted.</summary>
    private void TakeDependencies(int known)
    {
        while (lifted.Count == known && _unfinished.TryDequeue(out ArchivePackage? package))
        {
            foreach (ImmutableArray<PackageRelation> alternatives in package.Depends())
            {
                if (!alternatives.Any(IsMet) && !alternatives.Any(IsMetByFiat))
                {
                    ArchivePackage found = Candidate(alternatives) ?? throw Unsatisfiable(package, alternatives);
                    if (found.NotAutomatic && universe.Find(found.Name) != found && lifted.Add(found.Name))
                    {
                        return;
                    }

                    Take(found, package.Name);
                }
            }
        }
    }

    private ArchivePackage? FindLifted(string name) => lifted.Contains(name) ? universe.FindLastResort(name) : null;

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

    /// <summary>Of suites that are asked by themselves, whichever alternative that is; else of the others.</summary>
    private ArchivePackage? Candidate(ImmutableArray<PackageRelation> alternatives) =>
        alternatives.SelectMany(Satisfying).OrderBy(package => package.NotAutomatic && !lifted.Contains(package.Name))
            .FirstOrDefault();

    /// <summary>The package of that name, then those that provide it.</summary>
    private IEnumerable<ArchivePackage> Satisfying(PackageRelation relation) =>
        new[] { FindLifted(relation.Name), universe.Find(relation.Name), universe.FindLastResort(relation.Name) }
            .OfType<ArchivePackage>()
            .Where(package => relation.Allows(package.Version))
            .Concat(universe.ProvidersOf(relation))
            .Where(package => package.NotAutomatic || !lifted.Contains(package.Name));

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

    private string Offer(PackageRelation relation)
    {
        IEnumerable<ArchivePackage> real =
            new[] { universe.Find(relation.Name), universe.FindLastResort(relation.Name) }
                .OfType<ArchivePackage>();
        string[] offers =
        [
            .. real.MaxBy(package => package.Version) is { } newest
                ? (string[])[$"the newest '{relation.Name}' in the suites is {newest.Version}"]
                : [],
            .. universe.ProvidersOf(relation.Name).Select(provider => provider.ToString()).Take(MostOffers),
        ];
        return offers is [] ? $"'{relation.Name}' is in none of the suites" : string.Join("; ", offers);
    }

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
