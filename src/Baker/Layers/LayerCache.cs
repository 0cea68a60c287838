using Images.Baker.Sources;

namespace Images.Baker.Layers;

/// <summary>
/// Layers in a folder, each under its key. Two bakes may use it at once: a layer is written beside its place and renamed,
/// and both would write the same bytes. What is read is compared with its digests; a damaged layer is made again.
/// </summary>
/// <param name="folder">Created when a layer is stored.</param>
/// <param name="workerCount">Threads that compress one layer.</param>
/// <param name="notice">Told, in one sentence, when a layer had to be made again.</param>
internal sealed class LayerCache(string folder, int workerCount, Action<string> notice)
{
    /// <summary>Opens the key's layer, or has it built and stored first. The caller disposes the layer.</summary>
    /// <param name="key">Made of the artefact's digest and the rules.</param>
    /// <param name="name">The artefact, for messages.</param>
    /// <param name="build">Adds the artefact's entries; runs only when the layer is not there.</param>
    /// <exception cref="BakeException">The folder cannot be written.</exception>
    public Layer GetOrAdd(LayerKey key, string name, Action<LayerBuilder> build)
    {
        string path = Path.Combine(folder, $"{key.Hex}.layer");
        Layer? known = TryOpen(path, name);
        if (known is not null)
        {
            return known;
        }

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

    private Layer? TryOpen(string path, string name)
    {
        try
        {
            return File.Exists(path) ? Layer.Open(path, name) : null;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (MalformedDataException e)
        {
            notice($"The cached layer of {name} is damaged ({e.Rule}) and is made again.");
            return null;
        }
    }

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

    /// <summary>A file of this bake's own: another bake that makes the same layer has taken the lower numbers.</summary>
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
