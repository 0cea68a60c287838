using System.Globalization;

namespace Images.Bootstrapper.Datasources;

/// <summary>Reads small files whose size nobody vouches for.</summary>
internal static class BoundedFile
{
    /// <summary>Null when there is no such file.</summary>
    /// <param name="path">Of the file on this host.</param>
    /// <param name="name">How a message calls it.</param>
    /// <exception cref="InvalidDataException">It is larger than <see cref="FoundMetadata.MaximumBytes"/>.</exception>
    public static byte[]? Read(string path, string name)
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
            : throw new InvalidDataException(
                $"{name} has {Size(stream)} bytes; at most {FoundMetadata.MaximumBytes} (1 MiB) are read");
    }

    /// <summary>A file of the kernel need not know its length.</summary>
    private static string Size(FileStream stream) => stream.CanSeek && stream.Length > FoundMetadata.MaximumBytes
        ? stream.Length.ToString(CultureInfo.InvariantCulture)
        : $"more than {FoundMetadata.MaximumBytes}";
}
