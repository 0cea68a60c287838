using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Images.Bootstrapper.Tests.Reporting;

/// <summary>A terminal of the kernel whose other end is this test: pty(7).</summary>
internal sealed partial class PseudoTerminal : IDisposable
{
    private const int ReadWrite = 0x2;
    private const int NoControllingTerminal = 0x100;
    private const int NonBlocking = 0x800;

    private readonly SafeFileHandle _master = posix_openpt(ReadWrite | NoControllingTerminal | NonBlocking);
    private readonly SafeFileHandle _held;

    public PseudoTerminal()
    {
        byte[] name = new byte[64];
        (grantpt(_master), unlockpt(_master), ptsname_r(_master, name, (nuint)name.Length)).ShouldBe((0, 0, 0));
        Path = Encoding.ASCII.GetString(name).TrimEnd('\0');
        _held = File.OpenHandle(Path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite); // somebody has it open, so that XOFF counts
    }

    public string Path { get; }

    /// <summary>What a person's Ctrl-S does.</summary>
    public void Pause() => Send(0x13);

    public void Resume() => Send(0x11);

    /// <summary>All that has arrived.</summary>
    public string Read()
    {
        StringBuilder text = new();
        byte[] buffer = new byte[65536];
        while (read(_master, buffer, (nuint)buffer.Length) is > 0 and nint count)
        {
            text.Append(Encoding.UTF8.GetString(buffer, 0, (int)count));
        }

        return text.ToString();
    }

    public void Dispose()
    {
        _held.Dispose();
        _master.Dispose();
    }

    private void Send(byte control) => write(_master, [control], 1).ShouldBe(1);

    [LibraryImport("libc", SetLastError = true)]
    private static partial SafeFileHandle posix_openpt(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int grantpt(SafeFileHandle master);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int unlockpt(SafeFileHandle master);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ptsname_r(SafeFileHandle master, [Out] byte[] name, nuint size);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(SafeFileHandle master, [Out] byte[] buffer, nuint size);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(SafeFileHandle master, byte[] buffer, nuint size);
}
