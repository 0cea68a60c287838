using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Images.Bootstrapper.Files;

/// <summary>The few calls of the C library that .NET does not offer. Numbers are those of Linux on x86-64.</summary>
internal static partial class LinuxFiles
{
    private const int WriteOnly = 0x1;
    private const int NoControllingTerminal = 0x100;
    private const int IsDirectory = 0x10000;
    private const int CloseOnExec = 0x80000;

    /// <summary>Makes the names in a folder durable, which renaming alone does not.</summary>
    public static void SyncFolder(string folder)
    {
        using SafeFileHandle handle = Open(folder, IsDirectory | CloseOnExec);
        if (fsync(handle) != 0)
        {
            throw Failure("fsync", folder);
        }
    }

    /// <summary>Opens a terminal for writing without making it ours: a getty's hang-up would end this process otherwise.</summary>
    public static SafeFileHandle OpenTerminal(string path) => Open(path, WriteOnly | NoControllingTerminal | CloseOnExec);

    public static void ChangeOwner(string path, uint user, uint group)
    {
        if (lchown(path, user, group) != 0)
        {
            throw Failure("chown", path);
        }
    }

    private static SafeFileHandle Open(string path, int flags)
    {
        int descriptor = open(path, flags);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw Failure("open", path);
    }

    private static IOException Failure(string call, string path) =>
        new($"{call} {path}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(SafeFileHandle descriptor);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int lchown(string path, uint user, uint group);
}
