using Images.Baker.Caching;
using Images.Baker.Layers;
using Images.Formats;

namespace Images.Baker.Baking;

/// <summary>
/// What a bake keeps for the next one, below the cache folder: unpacked packages, and smaller derived results.
/// </summary>
internal sealed record BakeCaches(LayerCache Layers, ResultCache Derived)
{
    /// <param name="folder">The cache folder; downloads lie there too.</param>
    /// <param name="clock">Marks what is used.</param>
    /// <param name="notice">Told when something damaged was made again.</param>
    public static BakeCaches In(string folder, TimeProvider clock, Action<string> notice) => new(
        new LayerCache(Path.Combine(folder, "layers"), WorkLimits.Compressors, notice, clock),
        new ResultCache(Path.Combine(folder, "derived"), clock));
}
