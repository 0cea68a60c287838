namespace Images.Bootstrapper.Etcd;

/// <summary>
/// How large etcd's database may become. A larger one takes long to read at each start and to send to a new member; one
/// that may fill the disk leaves no room for the log, for a snapshot and for its own defragmentation.
/// </summary>
internal static class EtcdQuota
{
    public const long MostBytes = 4L << 30;

    /// <summary>With less not even an empty cluster of Kubernetes gets far.</summary>
    public const long LeastBytes = 64L << 20;

    /// <summary>Of this machine's state partition.</summary>
    public static long Of(NodeRoot root)
    {
        try
        {
            return Of(new DriveInfo(root[EtcdPaths.DataFolder]).TotalSize);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return MostBytes; // the size cannot be asked for; etcd's own default would be half of that
        }
    }

    /// <summary>A quarter of the disk.</summary>
    public static long Of(long diskBytes) => Math.Clamp(diskBytes / 4, LeastBytes, MostBytes);
}
