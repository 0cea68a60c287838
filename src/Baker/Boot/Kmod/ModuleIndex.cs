using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Images.Baker.Boot.Kmod;

/// <summary>
/// Makes what <c>depmod</c> makes: kmod reads the binary indexes and modules.softdep/weakdep, systemd reads
/// modules.devname, busybox reads the text files and no binary one.
/// </summary>
internal static class ModuleIndex
{
    /// <summary>Goes up when the same modules are to give other bytes: what was made before is kept under it.</summary>
    public const string FormatVersion = "1";

    /// <summary>Every index, by its file name in the kernel's module folder.</summary>
    public static ImmutableSortedDictionary<string, byte[]> Build(KernelModules modules) =>
        BuildText(modules).AddRange(new Dictionary<string, byte[]>(StringComparer.Ordinal)
        {
            ["modules.dep.bin"] = BuildDependencies(modules),
            ["modules.alias.bin"] = BuildAliases(modules),
            ["modules.symbols.bin"] = BuildSymbols(modules),
            ["modules.builtin.bin"] = BuildBuiltIn(modules),
            ["modules.builtin.alias.bin"] = BuildBuiltInAliases(modules),
        });

    /// <summary>The text files alone, for busybox.</summary>
    public static ImmutableSortedDictionary<string, byte[]> BuildText(KernelModules modules) =>
        new Dictionary<string, IEnumerable<string>>
        {
            ["modules.dep"] = modules.Modules.Select(module => DependencyLine(modules, module)),
            ["modules.alias"] = modules.Modules
                .SelectMany(module => module.Aliases.Select(alias => $"alias {alias} {module.Name}"))
                .Prepend("# Aliases extracted from modules themselves."),
            ["modules.symbols"] = modules.Modules
                .SelectMany(module => module.Symbols.Select(symbol => $"alias symbol:{symbol} {module.Name}"))
                .Prepend("# Aliases for symbols, used by symbol_request()."),
            ["modules.softdep"] = modules.Modules
                .SelectMany(module => module.SoftDependencies.Select(value => $"softdep {module.Name} {value}"))
                .Prepend("# Soft dependencies extracted from modules themselves."),
            ["modules.weakdep"] = modules.Modules
                .SelectMany(module => module.WeakDependencies.Select(value => $"weakdep {module.Name} {value}"))
                .Prepend("# Weak dependencies extracted from modules themselves."),
            ["modules.devname"] = DeviceLines(modules),
        }.ToImmutableSortedDictionary(entry => entry.Key, entry => Lines(entry.Value), StringComparer.Ordinal);

    private static byte[] Lines(IEnumerable<string> lines) =>
        Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")));

    private static string DependencyLine(KernelModules modules, ModuleInfo module) =>
        $"{module.Path}:{string.Concat(modules.DependenciesOf(module).Select(dependency => " " + dependency.Path))}";

    /// <summary>depmod leaves the file empty where no module names a device.</summary>
    private static IEnumerable<string> DeviceLines(KernelModules modules)
    {
        string[] lines = [.. modules.Modules.SelectMany(DeviceLine)];
        return lines.Length == 0 ? [] : lines.Prepend("# Device nodes to trigger on-demand module loading.");
    }

    /// <summary>A module that names both a device node and its number may be loaded when the node is opened.</summary>
    private static IEnumerable<string> DeviceLine(ModuleInfo module)
    {
        string? device = module.Aliases.LastOrDefault(alias => alias.StartsWith("devname:", StringComparison.Ordinal));
        string[]? number = module.Aliases
            .Select(alias => alias.Split('-'))
            .FirstOrDefault(parts =>
                parts is ["char" or "block", "major", var major, var minor] && IsNumber(major) && IsNumber(minor));
        if (device is not null && number is not null)
        {
            yield return $"{module.Name} {device["devname:".Length..]} {number[0][0]}{number[2]}:{number[3]}";
        }
    }

    private static bool IsNumber(string text) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static byte[] BuildDependencies(KernelModules modules)
    {
        ModuleIndexTrie trie = new();
        foreach ((int order, ModuleInfo module) in modules.Modules.Index())
        {
            trie.Add(module.Name, DependencyLine(modules, module), order);
        }

        return trie.ToBytes();
    }

    private static byte[] BuildAliases(KernelModules modules)
    {
        ModuleIndexTrie trie = new();
        foreach ((int order, ModuleInfo module) in modules.Modules.Index())
        {
            foreach (string alias in module.Aliases)
            {
                trie.Add(ModuleName.NormalizeAlias(alias), module.Name, order);
            }
        }

        return trie.ToBytes();
    }

    private static byte[] BuildSymbols(KernelModules modules)
    {
        ModuleIndexTrie trie = new();
        foreach ((int order, ModuleInfo module) in modules.Modules.Index())
        {
            foreach (string symbol in module.Symbols)
            {
                trie.Add("symbol:" + symbol, module.Name, order);
            }
        }

        return trie.ToBytes();
    }

    private static byte[] BuildBuiltIn(KernelModules modules)
    {
        ModuleIndexTrie trie = new();
        foreach (string path in modules.BuiltInPaths)
        {
            trie.Add(ModuleName.FromPath(path), "", priority: 0);
        }

        return trie.ToBytes();
    }

    private static byte[] BuildBuiltInAliases(KernelModules modules)
    {
        ModuleIndexTrie trie = new();
        foreach (BuiltInAlias alias in modules.BuiltInAliases)
        {
            trie.Add(ModuleName.NormalizeAlias(alias.Alias), alias.Module, priority: 0);
        }

        return trie.ToBytes();
    }
}
