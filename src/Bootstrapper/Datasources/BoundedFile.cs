namespace Images.Bootstrapper.Datasources;

/// <summary>Reads small files whose size nobody vouches for.</summary>
internal static class BoundedFile
{
    /// <summary>Null when there is no such file.</summary>
    /// <exception cref="InvalidDataException">It is larger than <see cref="FoundMetadata.MaximumBytes"/>.</exception>
    public static byte[]? Read(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        byte[] buffer = new byte[FoundMetadata.MaximumBytes + 1];
        int count = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        return count <= FoundMetadata.MaximumBytes
            ? buffer[..count]
            : throw new InvalidDataException($"{Path.GetFileName(path)} is larger than 1 MiB");
    }
}
