namespace Images.Baker.Kubernetes.GoBuild;

/// <summary>Open files of a source build, by name: verified, at their start, seekable.</summary>
internal sealed class SourceBuildFiles : IDisposable
{
    private readonly Dictionary<string, Stream> _files = new(StringComparer.Ordinal);

    public Stream this[string name] => _files[name];

    public void Add(string name, Stream file) => _files.Add(name, file);

    public void Dispose()
    {
        foreach (Stream file in _files.Values)
        {
            file.Dispose();
        }
    }
}
