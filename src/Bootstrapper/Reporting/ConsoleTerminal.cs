using System.Diagnostics;
using Images.Bootstrapper.Files;
using Microsoft.Win32.SafeHandles;

namespace Images.Bootstrapper.Reporting;

/// <summary>
/// One console device. Whoever watches it may pause it (XOFF), and a line may be slow; neither must hold up a boot. So
/// a line gets a second, or a moment once the device was found stuck, and then what was not sent of it is dropped.
/// </summary>
internal sealed class ConsoleTerminal(string path)
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _patienceWhenStuck = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(5);

    private bool _isStuck;

    /// <summary>A line was cut short, so that the next one must begin anew.</summary>
    private bool _isCut;

    public void Write(ReadOnlySpan<byte> line)
    {
        try
        {
            using SafeFileHandle handle = LinuxFiles.OpenTerminal(path);
            Send(handle, _isCut ? [.. "\r\n"u8, .. line] : line);
        }
        catch (IOException)
        {
            // a console that is listed and cannot be written (no such port) must not stop a boot;
            // the journal has the line
        }
    }

    private void Send(SafeFileHandle handle, ReadOnlySpan<byte> bytes)
    {
        long started = Stopwatch.GetTimestamp();
        TimeSpan patience = _isStuck ? _patienceWhenStuck : _patience;
        int sent = LinuxFiles.WriteSome(handle, bytes);
        while (sent < bytes.Length || LinuxFiles.Unsent(handle) > 0)
        {
            if (Stopwatch.GetElapsedTime(started) >= patience)
            {
                _isStuck = true;
                _isCut |= sent is > 0;
                LinuxFiles.DiscardUnsent(handle);
                return;
            }

            Thread.Sleep(_pause);
            sent += LinuxFiles.WriteSome(handle, bytes[sent..]);
        }

        _isStuck = _isCut = false;
    }
}
