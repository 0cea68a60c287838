using System.Diagnostics;
using System.Globalization;
using Images.Launcher.Hosts;
using Images.Launcher.Programs;

namespace Images.Launcher.Roots;

/// <summary>
/// Unpacked roots of images, in the cache: <c>roots/FIRST-ID/trees/NAME</c>, with <c>objects/</c> beside it that they
/// share by hard links and <c>locks/</c>. Their files belong to the range of ids that nodes have, so a range has a
/// store of its own.
/// </summary>
internal sealed class RootStore
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);

    private readonly string _folder;
    private readonly IdRange _ids;
    private readonly IReadOnlyList<string> _unpackCommand;

    /// <param name="cache">The cache's folder.</param>
    /// <param name="ids">Whom files of the roots belong to.</param>
    /// <param name="unpackCommand">
    /// A command of this program that passes its arguments to <see cref="RootUnpacker.RunAsChild"/>; it is run in a
    /// user namespace where an ordinary user unpacks.
    /// </param>
    public RootStore(string cache, IdRange ids, IReadOnlyList<string> unpackCommand)
    {
        _folder = FolderOf(cache, ids);
        _ids = ids;
        _unpackCommand = unpackCommand;
    }

    public string Trees => Path.Combine(_folder, "trees");

    private string Objects => Path.Combine(_folder, "objects");

    /// <summary>
    /// The root of an image, unpacked if it is not there yet. It stays until the lease on it is disposed.
    /// </summary>
    /// <exception cref="LauncherException">It cannot be written.</exception>
    public RootLease Obtain(string image, Action<string> notice) => Obtain(image, notice, isTrusted: true);

    /// <summary>
    /// Likewise of a file that a node wrote. All of it is read first, so that nobody finds other files under the name
    /// of an image that he has.
    /// </summary>
    /// <exception cref="Formats.MalformedDataException">It is no whole root.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="LauncherException">It cannot be written.</exception>
    public RootLease ObtainWritten(string root, Action<string> notice) => Obtain(root, notice, isTrusted: false);

    private RootLease Obtain(string image, Action<string> notice, bool isTrusted)
    {
        Directory.CreateDirectory(Trees);
        Directory.CreateDirectory(Objects);
        Directory.CreateDirectory(Locks);
        using RootFile root = RootFile.Open(image);
        RootIdentity identity = RootIdentity.Of(root.Content);
        string name = identity.Name;
        FileStream lease = StoreLock.Share(LockOf(name), _patience);
        try
        {
            File.SetLastWriteTimeUtc(LockOf(name), DateTime.UtcNow);
            if (!Directory.Exists(Path.Combine(Trees, name)))
            {
                using FileStream store = StoreLock.Take(Path.Combine(Locks, "store"), _patience);
                if (!Directory.Exists(Path.Combine(Trees, name)))
                {
                    if (!isTrusted)
                    {
                        identity.Require(root.Content, root.Name);
                    }

                    RemoveUnfinished();
                    Stopwatch clock = Stopwatch.StartNew();
                    Unpack(image, name);
                    notice(string.Create(
                        CultureInfo.InvariantCulture,
                        $"root {name[..8]} unpacked in {clock.Elapsed.TotalSeconds:0.0} s"));
                }
            }

            return new RootLease(name, Path.Combine(Trees, name), identity.Verity.RootHash, lease);
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Removes roots that nobody holds and that were used last before a time, and the files that only they had.
    /// </summary>
    /// <returns>How many roots went.</returns>
    public int Sweep(DateTime usedBefore)
    {
        if (!Directory.Exists(_folder))
        {
            return 0;
        }

        using FileStream store = StoreLock.Take(Path.Combine(Locks, "store"), _patience);
        int count = 0;
        IEnumerable<string> trees = Directory.GetDirectories(Trees).Where(tree => Path.GetFileName(tree)[0] != '.');
        foreach (string tree in trees.Order(StringComparer.Ordinal))
        {
            string file = LockOf(Path.GetFileName(tree));
            if (File.Exists(file) && File.GetLastWriteTimeUtc(file) >= usedBefore)
            {
                continue;
            }

            using FileStream? alone = StoreLock.TryTake(file);
            if (alone is not null)
            {
                Remove(tree);
                File.Delete(file);
                count++;
            }
        }

        RemoveUnfinished();
        if (count > 0)
        {
            InRange.Run(
                _ids, [HostProgram.Require("find"), Objects, "-type", "f", "-links", "1", "-delete"], _patience);
        }

        return count;
    }

    /// <summary>Likewise, in the store of whoever runs this; 0 where he has none.</summary>
    public static int Sweep(string cache, DateTime usedBefore) =>
        IdRange.Find() is { } ids ? new RootStore(cache, ids, []).Sweep(usedBefore) : 0;

    private void Unpack(string image, string name)
    {
        string partial = Path.Combine(Trees, $".{name}");
        try
        {
            if (_ids.IsApart)
            {
                RootUnpacker.Unpack(image, Objects, partial, new TreeOwners(_ids.FirstUser, _ids.FirstGroup));
            }
            else
            {
                InRange.Run(_ids, [.. _unpackCommand, Path.GetFullPath(image), Objects, partial], _patience);
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            Remove(partial);
            throw new LauncherException(
                "BAKE0930",
                partial,
                $"the root cannot be unpacked: {fault.Message}",
                "Free some space, or name another cache with IMAGES_CACHE.",
                fault);
        }
        catch
        {
            Remove(partial);
            throw;
        }

        Directory.Move(partial, Path.Combine(Trees, name));
    }

    /// <summary>What a killed program left.</summary>
    private void RemoveUnfinished()
    {
        foreach (string partial in Directory.GetDirectories(Trees, ".*"))
        {
            Remove(partial);
        }
    }

    private void Remove(string tree)
    {
        if (Directory.Exists(tree))
        {
            InRange.Run(_ids, ["/bin/rm", "-rf", "--one-file-system", tree], _patience);
        }
    }

    private string Locks => Path.Combine(_folder, "locks");

    private string LockOf(string tree) => Path.Combine(Locks, tree);

    private static string FolderOf(string cache, IdRange ids) =>
        Path.Combine(Path.GetFullPath(cache), "roots", ids.UserOf(1).ToString(CultureInfo.InvariantCulture));
}
