using Images.Baker.Debian.Archive;
using Images.Baker.Debian.Packages;
using Images.Baker.Locking;
using Images.Formats;
using Images.Formats.Tar;
using Images.Formats.Tree;

namespace Images.Baker.Kubernetes.GoBuild;

/// <summary>
/// Unpacks a tar archive into a folder of this machine. Nothing can land elsewhere: paths and links that lead out are
/// refused, and so is whatever lies behind a link of the archive. Owners and times are left to the host.
/// </summary>
internal sealed class TarUnpacker(string folder)
{
    private readonly HashSet<TreePath> _links = [];
    private readonly string _folder = Path.GetFullPath(folder);

    /// <param name="tar">The decompressed archive; read to its end.</param>
    /// <param name="stripped">How many leading components every path loses; what has no more is left out.</param>
    /// <param name="cancellationToken">Stops between two entries.</param>
    /// <exception cref="MalformedDataException">No sound archive, or an entry that may not be unpacked.</exception>
    public void Unpack(Stream tar, string name, int stripped, CancellationToken cancellationToken)
    {
        foreach (TarEntry entry in new TarReader(tar, name))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Strip(entry.ParsePath(), stripped) is { } path)
            {
                RefuseBehindLink(entry, path);
                Write(entry, path, stripped);
            }
        }
    }

    /// <summary>The files of a Debian package.</summary>
    /// <param name="deb">Its bytes.</param>
    /// <param name="pinned">What the lock says of it.</param>
    /// <param name="cancellationToken">Stops between two entries.</param>
    /// <exception cref="BakeException">It is another package than the lock says.</exception>
    /// <exception cref="MalformedDataException">It is damaged, or holds what may not be unpacked.</exception>
    public void UnpackDeb(Stream deb, LockedPackage pinned, CancellationToken cancellationToken)
    {
        DebPackage package = DebPackage.Open(deb, pinned.FileName());
        LockedControl.Require(pinned, package.Control.Fields);
        using Stream data = package.OpenData();
        Unpack(data, package.DataName, stripped: 0, cancellationToken);
    }

    private static TreePath? Strip(TreePath path, int stripped)
    {
        string[] parts = path.IsRoot ? [] : path.Value.Split('/');
        return parts.Length > stripped ? TreePath.Parse(string.Join('/', parts[stripped..])) : null;
    }

    private void Write(TarEntry entry, TreePath path, int stripped)
    {
        string target = Path.Combine(_folder, path.Value);
        Directory.CreateDirectory(entry.Kind == TarEntryKind.Directory ? target : Path.GetDirectoryName(target)!);
        switch (entry.Kind)
        {
            case TarEntryKind.Directory:
                break;
            case TarEntryKind.File:
                WriteFile(entry, target);
                break;
            case TarEntryKind.Symlink:
                RefuseLeadingOut(entry, path);
                File.CreateSymbolicLink(target, entry.LinkTarget);
                _links.Add(path);
                break;
            case TarEntryKind.HardLink when Strip(entry.ParseHardLinkTarget(), stripped) is { } original:
                RefuseBehindLink(entry, original);
                File.Copy(Path.Combine(_folder, original.Value), target);
                break;
            default:
                throw Refused(entry, $"it is a {entry.Kind}, which is not unpacked here");
        }
    }

    private static void WriteFile(TarEntry entry, string target)
    {
        using (FileStream file = new(target, FileMode.CreateNew))
        {
            entry.Content.CopyTo(file);
        }

        if ((entry.Mode & 0b001_001_001) != 0 && !OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(target, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private void RefuseBehindLink(TarEntry entry, TreePath path)
    {
        for (TreePath above = path; !above.IsRoot; above = above.Parent)
        {
            if (_links.Contains(above))
            {
                throw Refused(entry, $"it lies at or behind the link {above}");
            }
        }
    }

    private static void RefuseLeadingOut(TarEntry entry, TreePath path)
    {
        int depth = path.Value.Count(character => character == '/');
        foreach (string part in entry.LinkTarget.Split('/'))
        {
            depth += part switch { ".." => -1, "" or "." => 0, _ => 1 };
            if (depth < 0 || entry.LinkTarget.StartsWith('/'))
            {
                throw Refused(entry, $"its target '{entry.LinkTarget}' leads out of the archive");
            }
        }
    }

    private static MalformedDataException Refused(TarEntry entry, string why) =>
        new(entry.Archive, entry.Offset, $"the entry '{entry.Path}' is refused: {why}");
}
