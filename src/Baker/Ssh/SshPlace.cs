namespace Images.Baker.Ssh;

/// <summary>Where a machine's sshd is.</summary>
/// <param name="Name">A name or an address.</param>
internal readonly record struct SshPlace(string Name, int Port)
{
    private const int UsualPort = 22;

    /// <summary>As known_hosts calls it (sshd(8)).</summary>
    public string KnownName => Port == UsualPort ? Name : $"[{Name}]:{Port}";

    /// <param name="host">A name or an address, perhaps with a port behind a colon.</param>
    public static SshPlace Parse(string host)
    {
        int colon = host.LastIndexOf(':');
        return colon > 0 && host.IndexOf(':', StringComparison.Ordinal) == colon
            && ushort.TryParse(host.AsSpan(colon + 1), out ushort port)
                ? new SshPlace(host[..colon], port)
                : new SshPlace(host, UsualPort);
    }
}
