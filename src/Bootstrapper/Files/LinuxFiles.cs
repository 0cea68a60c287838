using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Images.Bootstrapper.Files;

/// <summary>The few calls of the C library that .NET does not offer. Numbers are those of Linux on x86-64.</summary>
internal static partial class LinuxFiles
{
    private const int WriteOnly = 0x1;
    private const int NoControllingTerminal = 0x100;
    private const int NonBlocking = 0x800;
    private const int IsDirectory = 0x10000;
    private const int CloseOnExec = 0x80000;
    private const int Interrupted = 4;
    private const int TryAgain = 11;
    private const nuint OutputQueue = 0x5411; // TIOCOUTQ
    private const int FlushOutput = 1; // TCOFLUSH
    private const int DontNeed = 4; // POSIX_FADV_DONTNEED

    /// <summary>Makes the names in a folder durable, which renaming alone does not.</summary>
    public static void SyncFolder(string folder)
    {
        using SafeFileHandle handle = Open(folder, IsDirectory | CloseOnExec);
        if (fsync(handle) != 0)
        {
            throw Failure("fsync", folder);
        }
    }

    /// <summary>Makes the whole file system durable that the folder is on.</summary>
    public static void SyncFileSystem(string folder)
    {
        using SafeFileHandle handle = Open(folder, IsDirectory | CloseOnExec);
        if (syncfs(handle) != 0)
        {
            throw Failure("syncfs", folder);
        }
    }

    /// <summary>
    /// Lets the kernel forget what it holds of a file that is synced: what is read then comes from the disk.
    /// </summary>
    public static void ForgetCached(SafeFileHandle file)
    {
        int error = posix_fadvise(file, 0, 0, DontNeed);
        if (error != 0)
        {
            throw new IOException($"posix_fadvise: {Marshal.GetPInvokeErrorMessage(error)}", error);
        }
    }

    /// <summary>
    /// Opens a terminal for writing without making it ours, for a getty's hang-up would end this process otherwise, and
    /// without ever waiting for it: neither for a carrier nor for a reader who has paused it.
    /// </summary>
    public static SafeFileHandle OpenTerminal(string path) =>
        Open(path, WriteOnly | NoControllingTerminal | NonBlocking | CloseOnExec);

    /// <summary>Writes what there is room for; 0 when there is none.</summary>
    public static int WriteSome(SafeFileHandle handle, ReadOnlySpan<byte> bytes)
    {
        nint count = write(handle, bytes, (nuint)bytes.Length);
        return count >= 0 ? (int)count
            : Marshal.GetLastPInvokeError() is TryAgain or Interrupted ? 0
            : throw Failure("write", "console");
    }

    /// <summary>How many bytes a terminal has accepted and not sent; 0 for what is no terminal.</summary>
    public static int Unsent(SafeFileHandle handle) => ioctl(handle, OutputQueue, out int count) == 0 ? count : 0;

    /// <summary>Throws away what a terminal has not sent: closing it would wait for that otherwise.</summary>
    public static void DiscardUnsent(SafeFileHandle handle) => _ = tcflush(handle, FlushOutput);

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
    private static partial nint write(SafeFileHandle descriptor, ReadOnlySpan<byte> bytes, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(SafeFileHandle descriptor, nuint request, out int value);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int tcflush(SafeFileHandle descriptor, int queue);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(SafeFileHandle descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int syncfs(SafeFileHandle descriptor);

    [LibraryImport("libc")]
    private static partial int posix_fadvise(SafeFileHandle descriptor, long offset, long length, int advice);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int lchown(string path, uint user, uint group);
}
