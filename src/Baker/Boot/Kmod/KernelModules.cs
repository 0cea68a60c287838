using System.Collections.Frozen;
using System.Collections.Immutable;
using Images.Formats;

namespace Images.Baker.Boot.Kmod;

/// <summary>All modules of one kernel, in the kernel's own order, and what is built into it.</summary>
internal sealed class KernelModules
{
    private readonly FrozenDictionary<string, ModuleInfo> _byName;
    private readonly FrozenSet<string> _builtIn;
    private readonly Lazy<Dictionary<string, int>> _ranks;

    public KernelModules(
        string kernelRelease, IEnumerable<ModuleInfo> modules, IEnumerable<string> builtInPaths,
        IEnumerable<BuiltInAlias> builtInAliases)
    {
        KernelRelease = kernelRelease;
        Modules = [.. modules];
        BuiltInPaths = [.. builtInPaths];
        BuiltInAliases = [.. builtInAliases];
        if (Modules.GroupBy(module => module.Name, StringComparer.Ordinal)
            .FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new MalformedDataException(
                twice.Last().Path, -1, $"{twice.First().Path} is a module of the same name.");
        }

        _byName = Modules.ToFrozenDictionary(module => module.Name, StringComparer.Ordinal);
        _builtIn = BuiltInPaths.Select(ModuleName.FromPath).ToFrozenSet(StringComparer.Ordinal);
        _ranks = new Lazy<Dictionary<string, int>>(RankModules);
    }

    /// <summary>As <c>uname -r</c> prints it.</summary>
    public string KernelRelease { get; }

    /// <summary>In the order of modules.order, which decides between modules that serve the same device.</summary>
    public ImmutableArray<ModuleInfo> Modules { get; }

    /// <summary>Paths as in modules.builtin.</summary>
    public ImmutableArray<string> BuiltInPaths { get; }

    public ImmutableArray<BuiltInAlias> BuiltInAliases { get; }

    public ModuleInfo? Find(string name) => _byName.GetValueOrDefault(ModuleName.Normalize(name));

    public bool IsBuiltIn(string name) => _builtIn.Contains(ModuleName.Normalize(name));

    /// <summary>
    /// What must be loaded for the module, itself left out: each module stands before those that it needs.
    /// </summary>
    /// <exception cref="MalformedDataException">It depends on a module that is not there.</exception>
    public ImmutableArray<ModuleInfo> DependenciesOf(ModuleInfo module)
    {
        HashSet<string> found = new(StringComparer.Ordinal);
        Stack<ModuleInfo> open = new([module]);
        while (open.TryPop(out ModuleInfo? current))
        {
            foreach (ModuleInfo needed in DirectDependenciesOf(current).Where(needed => found.Add(needed.Name)))
            {
                open.Push(needed);
            }
        }

        return found.Contains(module.Name)
            ? throw new MalformedDataException(module.Path, -1, "it depends on itself.")
            : [.. found.Select(name => _byName[name]).OrderBy(needed => _ranks.Value[needed.Name])];
    }

    /// <summary>
    /// The modules of these names, with everything they need, also softly or weakly; names that
    /// are built in are left out.
    /// </summary>
    /// <exception cref="MalformedDataException">
    /// A dependency is not there. Soft and weak ones may be missing.
    /// </exception>
    public KernelModules Select(IEnumerable<string> names)
    {
        HashSet<string> wanted = new(StringComparer.Ordinal);
        Stack<string> open = new(names.Select(ModuleName.Normalize));
        while (open.TryPop(out string? name))
        {
            if (Find(name) is not { } module || !wanted.Add(name))
            {
                continue;
            }

            foreach (string next in DependenciesOf(module)
                .Select(dependency => dependency.Name)
                .Concat(LooseDependenciesOf(module)))
            {
                open.Push(next);
            }
        }

        return new KernelModules(
            KernelRelease, Modules.Where(module => wanted.Contains(module.Name)), BuiltInPaths, BuiltInAliases);
    }

    /// <summary>The same modules under other paths.</summary>
    public KernelModules WithPaths(Func<string, string> rename) =>
        new(
            KernelRelease, Modules.Select(module => module with { Path = rename(module.Path) }), BuiltInPaths,
            BuiltInAliases);

    private IEnumerable<ModuleInfo> DirectDependenciesOf(ModuleInfo module) => module.Depends
        .Where(name => !IsBuiltIn(name))
        .Select(name => Find(name) ?? throw new MalformedDataException(
            module.Path, -1, $"it depends on the module {name}, which is not in the tree."));

    /// <summary>
    /// One order over all modules in which users stand before what they use: a topological sort with a stack. depmod
    /// differs only where two modules do not depend on each other, because it walks symbols where we walk names.
    /// </summary>
    private Dictionary<string, int> RankModules()
    {
        Dictionary<string, int> users = Modules.ToDictionary(module => module.Name, _ => 0, StringComparer.Ordinal);
        foreach (ModuleInfo needed in Modules.SelectMany(DirectDependenciesOf))
        {
            users[needed.Name]++;
        }

        Dictionary<string, int> ranks = new(StringComparer.Ordinal);
        Stack<ModuleInfo> unused = new(Modules.Where(module => users[module.Name] == 0));
        while (unused.TryPop(out ModuleInfo? module))
        {
            ranks.Add(module.Name, ranks.Count);
            foreach (ModuleInfo needed in DirectDependenciesOf(module))
            {
                if (--users[needed.Name] == 0)
                {
                    unused.Push(needed);
                }
            }
        }

        return ranks;
    }

    private static IEnumerable<string> LooseDependenciesOf(ModuleInfo module) => module.SoftDependencies
        .Concat(module.WeakDependencies)
        .SelectMany(text => text.Split([' ', '\t', ','], StringSplitOptions.RemoveEmptyEntries))
        .Where(word => !word.EndsWith(':'))
        .Select(ModuleName.Normalize);
}
