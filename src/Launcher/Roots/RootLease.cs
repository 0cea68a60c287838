namespace Images.Launcher.Roots;

/// <summary>An unpacked root that nobody removes until this is disposed, or its program ends.</summary>
/// <param name="name">Of the folder among the trees.</param>
/// <param name="folder">Full path.</param>
/// <param name="rootHash">Of its dm-verity tree: 64 digits of lower-case hexadecimal.</param>
/// <param name="lease">The lock.</param>
internal sealed class RootLease(string name, string folder, string rootHash, FileStream lease) : IDisposable
{
    public string Name { get; } = name;

    public string Folder { get; } = folder;

    public string RootHash { get; } = rootHash;

    public void Dispose() => lease.Dispose();
}
