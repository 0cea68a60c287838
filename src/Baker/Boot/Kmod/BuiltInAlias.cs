namespace Images.Baker.Boot.Kmod;

/// <summary>A name under which something built into the kernel would be asked for.</summary>
/// <param name="Module">Normalized name.</param>
/// <param name="Alias">As written.</param>
internal sealed record BuiltInAlias(string Module, string Alias);
