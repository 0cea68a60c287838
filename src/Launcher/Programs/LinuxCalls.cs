using System.Runtime.InteropServices;

namespace Images.Launcher.Programs;

/// <summary>The few calls of the C library that .NET does not offer.</summary>
internal static partial class LinuxCalls
{
    public const int SignalHangUp = 1;
    public const int SignalInterrupt = 2;
    public const int SignalKill = 9;

    private const int WriteAndSearch = 3;
    private const int AtWorkingFolder = -100;
    private const int NoFollow = 0x100;

    public static int UserId { get; } = (int)getuid();

    public static int GroupId { get; } = (int)getgid();

    public static int ProcessId => Environment.ProcessId;

    /// <summary>Nothing happens where the process is gone.</summary>
    public static void Signal(int process, int signal) => _ = kill(process, signal);

    /// <summary>Whether this user may make files in a folder.</summary>
    public static bool MayWrite(string folder) => access(folder, WriteAndSearch) == 0;

    /// <exception cref="IOException">The kernel refuses.</exception>
    public static void ChangeOwner(string path, int user, int group)
    {
        if (lchown(path, (uint)user, (uint)group) != 0)
        {
            throw Failure("lchown", path);
        }
    }

    /// <exception cref="IOException">The kernel refuses.</exception>
    public static void Link(string existing, string path)
    {
        if (link(existing, path) != 0)
        {
            throw Failure("link", path);
        }
    }

    /// <summary>Without following a link.</summary>
    /// <exception cref="IOException">The kernel refuses.</exception>
    public static void SetTime(string path, long unixSeconds)
    {
        Timespec[] times = [new(unixSeconds, 0), new(unixSeconds, 0)];
        if (utimensat(AtWorkingFolder, path, times, NoFollow) != 0)
        {
            throw Failure("utimensat", path);
        }
    }

    private static IOException Failure(string call, string path) =>
        new($"{path}: {call}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int access(string path, int mode);

    [LibraryImport("libc")]
    private static partial uint getuid();

    [LibraryImport("libc")]
    private static partial uint getgid();

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int process, int signal);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int lchown(string path, uint user, uint group);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int link(string existing, string path);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int utimensat(int folder, string path, Timespec[] times, int flags);

    private readonly record struct Timespec(long Seconds, long Nanoseconds);
}
