using Images.Baker.Caching;
using Images.Formats;

namespace Images.Baker.Layers;

/// <summary>
/// Layers in a folder, each under its key. Two bakes may use it at once: a layer is written beside its
/// place and renamed, and both would write the same bytes. What is read is compared with its digests; a
/// damaged layer is made again.
/// </summary>
/// <param name="folder">Created when a layer is stored.</param>
/// <param name="workerCount">Threads that compress one layer.</param>
/// <param name="notice">Told, in one sentence, when a layer had to be made again.</param>
/// <param name="clock">Marks a layer that is used: what nobody uses is removed in time.</param>
internal sealed class LayerCache(string folder, int workerCount, Action<string> notice, TimeProvider clock)
{
    /// <summary>Opens the key's layer, or has it built and stored first. The caller disposes the layer.</summary>
    /// <param name="key">Made of the artefact's digest and the rules.</param>
    /// <param name="name">The artefact, for messages.</param>
    /// <param name="build">Adds the artefact's entries; runs only when the layer is not there.</param>
    /// <exception cref="BakeException">The folder cannot be written.</exception>
    public Layer GetOrAdd(LayerKey key, string name, Action<LayerBuilder> build) =>
        TryOpen(key, name) ?? Add(key, name, build);

    /// <summary>The key's layer; null where it is not there or damaged.</summary>
    public Layer? TryOpen(LayerKey key, string name)
    {
        string path = PathOf(key);
        try
        {
            Layer layer = Layer.Open(path, name);
            CacheFolder.MarkUsed(path, clock);
            return layer;
        }
        catch (Exception absence) when (absence is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (MalformedDataException e)
        {
            notice($"The cached layer of {name} is damaged ({e.Rule}) and is made again.");
            return null;
        }
    }

    /// <summary>Has a layer built and stored, in place of one that is there.</summary>
    /// <inheritdoc cref="GetOrAdd"/>
    public Layer Add(LayerKey key, string name, Action<LayerBuilder> build)
    {
        string path = PathOf(key);
        try
        {
            Build(path, key, name, build);
            return Layer.Open(path, name);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw CacheFolder.NotWritable(path, fault);
        }
    }

    private string PathOf(LayerKey key) => Path.Combine(folder, $"{key.Hex}.layer");

    private void Build(string path, LayerKey key, string name, Action<LayerBuilder> build)
    {
        Directory.CreateDirectory(folder);
        string partial;
        using (FileStream output = CreatePartial(path))
        {
            partial = output.Name;
            try
            {
                using LayerBuilder builder = new(output, name, key.Rules, workerCount);
                build(builder);
                builder.Complete();
            }
            catch
            {
                File.Delete(partial);
                throw;
            }
        }

        File.Move(partial, path, overwrite: true);
    }

    /// <summary>
    /// A file of this bake's own: another bake that makes the same layer has taken the lower numbers.
    /// </summary>
    private static FileStream CreatePartial(string path)
    {
        for (int number = 0; ; number++)
        {
            string partial = $"{path}.partial-{number}";
            if (!File.Exists(partial))
            {
                try
                {
                    return new FileStream(partial, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
                }
                catch (IOException) when (File.Exists(partial))
                {
                    // taken between the two calls; the next number is tried
                }
            }
        }
    }
}
