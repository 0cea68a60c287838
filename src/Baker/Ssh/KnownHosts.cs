using System.Security.Cryptography;
using System.Text;

namespace Images.Baker.Ssh;

/// <summary>
/// What a server must show, in OpenSSH's known_hosts (sshd(8)): names plainly or hashed, and a key each. A key that is
/// marked as revoked is nobody's; lines with another marker count for nothing.
/// </summary>
internal sealed class KnownHosts
{
    private const string Hashed = "|1|";
    private const string Revoked = "@revoked";

    private readonly (string Names, byte[] Key)[] _entries;

    public KnownHosts(IEnumerable<string> lines)
    {
        string[][] all = [.. lines.Select(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))];
        HashSet<string> revoked = new(
            all.Where(fields => fields is [Revoked, ..])
                .Select(fields => Parse(fields[1..])).OfType<(string Names, byte[] Key)>()
                .Select(entry => Convert.ToHexString(entry.Key)),
            StringComparer.Ordinal);
        _entries =
        [
            .. all.Select(Parse).OfType<(string Names, byte[] Key)>()
                .Where(entry => !revoked.Contains(Convert.ToHexString(entry.Key))),
        ];
    }

    public static KnownHosts Read(string path)
    {
        try
        {
            return new KnownHosts(File.ReadLines(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BakeException(
                "BAKE0842", path, $"cannot be read: {e.Message}",
                "Give --known-hosts a file of OpenSSH, or leave it out: then each node is asked over TLS.", inner: e);
        }
    }

    /// <summary>Whether it is known that this server has this key.</summary>
    public bool Has(string host, int port, ReadOnlySpan<byte> key)
    {
        string name = new SshPlace(host, port).KnownName;
        foreach ((string names, byte[] known) in _entries)
        {
            if (known.AsSpan().SequenceEqual(key) && names.Split(',').Any(pattern => Means(pattern, name)))
            {
                return true;
            }
        }

        return false;
    }

    private static (string Names, byte[] Key)? Parse(string[] fields) =>
        fields.Length >= 3 && fields[0][0] is not ('#' or '@') && Decode(fields[2]) is { } key
            ? (fields[0], key)
            : null;

    private static bool Means(string pattern, string name)
    {
        if (!pattern.StartsWith(Hashed, StringComparison.Ordinal))
        {
            return pattern.Equals(name, StringComparison.OrdinalIgnoreCase);
        }

        string[] parts = pattern[Hashed.Length..].Split('|');
#pragma warning disable CA5350 // OpenSSH's own form; it hides names and proves nothing
        return parts.Length == 2 && Decode(parts[0]) is { } salt && Decode(parts[1]) is { } hash
            && HMACSHA1.HashData(salt, Encoding.UTF8.GetBytes(name)).AsSpan().SequenceEqual(hash);
#pragma warning restore CA5350
    }

    private static byte[]? Decode(string base64)
    {
        byte[] bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out int count) ? bytes[..count] : null;
    }
}
