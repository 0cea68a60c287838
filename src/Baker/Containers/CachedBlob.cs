using Images.Baker.Caching;
using Images.Formats;
using Images.Formats.Tree;

namespace Images.Baker.Containers;

/// <summary>A blob in the download cache; its bytes are compared with its digest whenever it is opened.</summary>
internal sealed class CachedBlob(ContentCache cache, Digest digest, long size, string name) : FileContent
{
    public override long Length => size;

    public override Digest Digest => digest;

    public override Stream OpenRead() => cache.TryOpen(digest, size) ?? throw new BakeException(
        "BAKE0335", cache.PathOf(digest), $"'{name}' is gone from the cache, or damaged there.",
        "Bake again; it is fetched again.");
}
