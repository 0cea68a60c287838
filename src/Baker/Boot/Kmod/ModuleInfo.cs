// A record and its JSON.
#pragma warning disable MA0048
using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Images.Baker.Boot.Kmod;

/// <summary>What one kernel module says of itself in its <c>.modinfo</c> section and its symbol table.</summary>
internal sealed record ModuleInfo
{
    /// <summary>With '_' for '-', as the kernel names it.</summary>
    public required string Name { get; init; }

    /// <summary>Relative to the kernel's module folder, such as <c>kernel/fs/ext4/ext4.ko.xz</c>.</summary>
    public required string Path { get; init; }

    /// <summary>Names of the modules whose symbols it uses, in its own order.</summary>
    public ImmutableArray<string> Depends { get; init; } = [];

    public ImmutableArray<string> Aliases { get; init; } = [];

    /// <summary>As written: <c>pre: a b post: c</c>.</summary>
    public ImmutableArray<string> SoftDependencies { get; init; } = [];

    /// <summary>As written: names, separated by blanks.</summary>
    public ImmutableArray<string> WeakDependencies { get; init; } = [];

    /// <summary>Relative to the firmware folder.</summary>
    public ImmutableArray<string> Firmware { get; init; } = [];

    /// <summary>Names of the symbols it exports.</summary>
    public ImmutableArray<string> Symbols { get; init; } = [];
}

[JsonSerializable(typeof(ImmutableArray<ModuleInfo>))]
internal sealed partial class ModuleInfoJson : JsonSerializerContext;
