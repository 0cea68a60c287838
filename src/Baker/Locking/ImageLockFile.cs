using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Images.Baker.Locking;

/// <summary>Reads and writes image.lock.json.</summary>
internal static class ImageLockFile
{
    // '+' stands in many versions and needs no escape: the file is no HTML
    private static readonly ImageLockJson _json = new(new JsonSerializerOptions(ImageLockJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <exception cref="BakeException">There is none, or it is no lock of this format.</exception>
    public static ImageLock Read(string path) =>
        ReadIfAny(path) ?? throw Missing(path);

    /// <summary>What to say where there is no lock.</summary>
    public static BakeException Missing(string path) =>
        new("BAKE0301", path, "There is no lock.", "Run 'baker lock' first.");

    /// <summary>The lock, or null where the file is absent.</summary>
    /// <exception cref="BakeException">It is no lock of this format.</exception>
    public static ImageLock? ReadIfAny(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            ImageLock imageLock = JsonSerializer.Deserialize(File.ReadAllBytes(path), _json.ImageLock)
                ?? throw new JsonException("the file holds nothing");
            imageLock = imageLock with
            {
                Containers = imageLock.Containers.IsDefault ? [] : imageLock.Containers,
                Toolchain = imageLock.Toolchain.IsDefault ? [] : imageLock.Toolchain,
            };
            Check(imageLock);
            return imageLock;
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new BakeException(
                "BAKE0301", path, $"The lock cannot be read: {exception.Message}",
                "Restore it from version control, or run 'baker lock'.", inner: exception);
        }
    }

    /// <summary>Writes the lock so that at no time a half-written one has its name.</summary>
    /// <exception cref="BakeException">It cannot be written.</exception>
    public static void Write(string path, ImageLock imageLock)
    {
        string partial = path + ".partial";
        imageLock = imageLock with
        {
            Containers = imageLock.Containers.IsDefaultOrEmpty ? default : imageLock.Containers,
            Toolchain = imageLock.Toolchain.IsDefaultOrEmpty ? default : imageLock.Toolchain,
        };
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            File.WriteAllBytes(
                partial, [.. JsonSerializer.SerializeToUtf8Bytes(imageLock, _json.ImageLock), (byte)'\n']);
            File.Move(partial, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (File.Exists(partial))
            {
                File.Delete(partial);
            }

            throw new BakeException(
                "BAKE0303", path, $"The lock cannot be written: {exception.Message}",
                "Make the folder writable, or make room.", BakeFault.Output, exception);
        }
    }

    private static void Check(ImageLock imageLock)
    {
        if (imageLock.Format != ImageLock.CurrentFormat)
        {
            throw new JsonException(
                $"its format is {imageLock.Format}; this baker reads format {ImageLock.CurrentFormat}");
        }

        if (imageLock.Releases.IsDefaultOrEmpty || imageLock.Packages.IsDefault)
        {
            throw new JsonException("it names no release");
        }

        if (imageLock.Releases.Select(release => (release.Archive, release.Suite)).Distinct().Count()
            < imageLock.Releases.Length)
        {
            throw new JsonException("a release stands twice");
        }

        CheckPackages(imageLock.Packages);
        CheckPackages(imageLock.Toolchain);

        if (!imageLock.Containers.Select(container => container.Name).SequenceEqual(
            imageLock.Containers
                .Select(container => container.Name)
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal),
            StringComparer.Ordinal)
            || imageLock.Containers.Any(container => container.Size <= 0 || container.Digest.Algorithm != "sha256"))
        {
            throw new JsonException(
                "a container image stands twice or out of order, or has a size or digest that cannot be");
        }

        if (imageLock.Kubernetes is { } kubernetes)
        {
            LockedKubernetesCheck.Check(kubernetes);
        }
    }

    private static void CheckPackages(ImmutableArray<LockedPackage> packages)
    {
        string previous = "";
        foreach (LockedPackage package in packages)
        {
            if (string.CompareOrdinal(previous, package.Name) >= 0)
            {
                throw new JsonException($"package '{package.Name}' stands twice or out of order");
            }

            if (package.Size <= 0 || package.Uses.IsDefaultOrEmpty || !IsPoolPath(package.Path))
            {
                throw new JsonException($"package '{package.Name}' has a size, path or use that cannot be");
            }

            previous = package.Name;
        }
    }

    internal static bool IsPoolPath(string path) => path.StartsWith("pool/", StringComparison.Ordinal)
        && path.Split('/').All(part => part is not ("" or "." or ".."));
}
