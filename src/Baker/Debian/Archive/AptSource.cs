namespace Images.Baker.Debian.Archive;

/// <summary>An entry of the host's apt sources that serves Debian.</summary>
/// <param name="Archive">debian or debian-security.</param>
/// <param name="Address">The archive's root; may hold credentials, so it is never printed.</param>
internal sealed record AptSource(string Archive, Uri Address)
{
    /// <summary>Whether the archive's folder has its usual name, so that the other archive may lie beside it.</summary>
    public bool HasUsualName => Address.AbsolutePath.TrimEnd('/').EndsWith($"/{Archive}", StringComparison.Ordinal);
}
