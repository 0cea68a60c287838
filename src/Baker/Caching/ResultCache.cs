using System.Security.Cryptography;
using Images.Formats;

namespace Images.Baker.Caching;

/// <summary>
/// Results that take long to make, kept in a folder by a key that names everything they were made from.
/// Each file begins with the SHA-256 of its content and is checked when read; a broken one is made again.
/// Safe for bakes side by side.
/// </summary>
internal sealed class ResultCache(string folder, TimeProvider clock)
{
    private const int DigestSize = 32;

    /// <summary>What is kept under the key, else what <paramref name="make"/> makes.</summary>
    /// <param name="kind">Word for the kind of result; part of the file's name.</param>
    /// <param name="key">Digest over all inputs and the version of the code that makes the result.</param>
    /// <param name="make">Makes the result.</param>
    /// <exception cref="BakeException">The folder cannot be written.</exception>
    public byte[] GetOrMake(string kind, Digest key, Func<byte[]> make)
    {
        if (TryGet(kind, key) is { } kept)
        {
            return kept;
        }

        byte[] made = make();
        Add(kind, key, made);
        return made;
    }

    /// <summary>What is kept under the key; null where nothing is, or where it is damaged.</summary>
    public byte[]? TryGet(string kind, Digest key)
    {
        string path = PathOf(kind, key);
        byte[]? kept = TryRead(path);
        if (kept is not null)
        {
            CacheFolder.MarkUsed(path, clock);
        }

        return kept;
    }

    /// <exception cref="BakeException">The folder cannot be written.</exception>
    public void Add(string kind, Digest key, byte[] made)
    {
        string path = PathOf(kind, key);
        try
        {
            Write(path, made);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw CacheFolder.NotWritable(path, fault);
        }
    }

    private string PathOf(string kind, Digest key) => Path.Combine(folder, $"{kind}-{key.Hex}");

    private static byte[]? TryRead(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        byte[] file = File.ReadAllBytes(path);
        return file.Length >= DigestSize
            && SHA256.HashData(file.AsSpan(DigestSize)).AsSpan().SequenceEqual(file.AsSpan(0, DigestSize))
            ? file[DigestSize..]
            : null;
    }

    private void Write(string path, byte[] content)
    {
        Directory.CreateDirectory(folder);
        using FileStream partial = CreatePartial(path);
        try
        {
            partial.Write(SHA256.HashData(content));
            partial.Write(content);
            partial.Close();
            File.Move(partial.Name, path, overwrite: true);
        }
        catch
        {
            File.Delete(partial.Name);
            throw;
        }
    }

    /// <summary>A name of its own, so that two bakes that make the same result do not write into one file.</summary>
    private static FileStream CreatePartial(string path)
    {
        for (int attempt = 0; ; attempt++)
        {
            string name = $"{path}.{attempt}.partial";
            if (!File.Exists(name))
            {
                try
                {
                    return new FileStream(name, FileMode.CreateNew, FileAccess.Write);
                }
                catch (IOException) when (File.Exists(name))
                {
                    // another bake was faster; the next number is tried
                }
            }
        }
    }
}
