using System.Text;

namespace Images.Baker.Boot;

/// <summary>
/// Which systemd-boot goes into an image. An upgrade that does not boot returns by the loader's counting of tries, and
/// releases after 257 count the entries that a node has differently or not at all (systemd issues 40192 and 40405): one
/// that was not tried would be noticed by the first bad upgrade.
/// </summary>
internal static class BootLoader
{
    private const string KnownRelease = "257";

    /// <summary>Where the loader keeps its version for other programs.</summary>
    private static readonly byte[] _mark = "#### LoaderInfo: systemd-boot "u8.ToArray();

    /// <exception cref="BakeException">It is no systemd-boot, or one whose counting was not tried.</exception>
    public static byte[] Require(byte[] loader, string path)
    {
        string? version = VersionOf(loader);
        return version?.Split('.', '-', '~')[0] == KnownRelease
            ? loader
            : throw new BakeException(
                "BAKE0650", path,
                version is null
                    ? "It is no systemd-boot: it does not say its version."
                    : $"The boot loader is systemd-boot {version}; upgrades were tried with {KnownRelease} only.",
                $"Pin a package with systemd-boot {KnownRelease} in image.yaml and run 'baker lock'.");
    }

    private static string? VersionOf(ReadOnlySpan<byte> loader)
    {
        int at = loader.IndexOf(_mark);
        ReadOnlySpan<byte> rest = at < 0 ? [] : loader[(at + _mark.Length)..];
        int end = rest.IndexOf((byte)' ');
        return end is > 0 and < 64 && rest[..end].IndexOfAnyExceptInRange((byte)'!', (byte)'~') < 0
            ? Encoding.ASCII.GetString(rest[..end])
            : null;
    }
}
