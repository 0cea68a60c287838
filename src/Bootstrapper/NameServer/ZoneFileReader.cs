using Images.Bootstrapper.Reporting;
using Images.Formats;

namespace Images.Bootstrapper.NameServer;

/// <summary>
/// The zones of a file that another process replaces: looked at for each question, so that nothing has to signal and
/// nothing wakes an idle machine. A file that is gone or damaged leaves what was known.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="say">Told of a file that cannot be used, once for each.</param>
internal sealed class ZoneFileReader(string path, Action<string> say)
{
    private readonly Lock _gate = new();
    private ClusterZones? _zones;
    private (long Length, DateTime Written)? _seen;

    /// <summary>Null before there was a file that can be used.</summary>
    public ClusterZones? Current
    {
        get
        {
            lock (_gate)
            {
                FileInfo file = new(path);
                (long Length, DateTime Written)? state = file.Exists ? (file.Length, file.LastWriteTimeUtc) : null;
                if (state is not null && state != _seen)
                {
                    _seen = state;
                    Read();
                }

                return _zones;
            }
        }
    }

    private void Read()
    {
        try
        {
            _zones = ZoneFile.Read(File.ReadAllText(path), path);
            // the text is several times what is kept of it, and questions leave too little behind for the
            // collector to come
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
        catch (Exception e) when (e is MalformedDataException or IOException or UnauthorizedAccessException)
        {
            say(new BootFailure(
                "NODE0701", path, $"the cluster's names cannot be read ({FaultText.Of(e)})",
                "delete it and restart bootstrapper-agent.service, which writes it anew").Message);
        }
    }
}
