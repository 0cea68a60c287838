using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Images.TestSupport;

namespace Images.Bench;

/// <summary>
/// What the start of the bootstrapper's host costs, against a Hosting program that does nothing: from the start of the process to
/// READY=1 on the socket where systemd would listen. Both run in the image's own root, so that they load the same libraries.
/// </summary>
internal sealed class StartBench : IDisposable
{
    private readonly string _notify = $"images-bench-{Environment.ProcessId}";
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 30_000 };
    private readonly Process _holder;

    /// <param name="root">The image's root as a folder.</param>
    /// <param name="emptyHost">The published program to compare with.</param>
    public StartBench(string root, string emptyHost)
    {
        _listener.Bind(new UnixDomainSocketEndPoint("\0" + _notify));
        File.Copy(emptyHost, Path.Combine(root, "usr/lib/bootstrapper/empty-host"), overwrite: true);
        string script = $"mount --rbind /proc '{root}/proc' && exec chroot '{root}' /bin/sh -c 'echo made; exec sleep infinity'";
        _holder = Process.Start(new ProcessStartInfo(Judge.Find("unshare"), ["--user", "--map-root-user", "--mount", "sh", "-c", script])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        })!;
        if (_holder.StandardOutput.ReadLine() != "made")
        {
            throw new InvalidOperationException("The image's root cannot be entered (unshare --user --mount, chroot); the kernel must allow user namespaces.");
        }
    }

    public Measured Run()
    {
        (double ratio, double ours, double empty) = Timed.Pairs(15,
            () => SecondsUntilReady("/usr/lib/bootstrapper/bootstrapper", "boot"),
            () => SecondsUntilReady("/usr/lib/bootstrapper/empty-host"));
        return Measured.Ratio("start of `bootstrapper boot` / start of an empty Hosting program", ratio, 3,
            $"medians {ours * 1000:0} ms and {empty * 1000:0} ms of fifteen pairs in turn, process start to READY=1 on $NOTIFY_SOCKET; both native programs, by the same compiler and linker, the empty one with .NET's settings otherwise, run in the image's root (chroot in a user namespace); "
            + "ours builds its host, reads the roles and begins to look for metadata; the empty one builds and starts a host and sends the same line");
    }

    public void Dispose()
    {
        _holder.Kill();
        _holder.WaitForExit();
        _holder.Dispose();
        _listener.Dispose();
    }

    private double SecondsUntilReady(params string[] program)
    {
        ProcessStartInfo start = new(Judge.Find("nsenter"),
            ["--target", $"{_holder.Id}", "--user", "--mount", "--root", "--wd", "--preserve-credentials", "--", .. program])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["NOTIFY_SOCKET"] = "@" + _notify;
        long begun = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> error = process.StandardError.ReadToEndAsync();
        bool ready = ReceiveReady();
        double seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        process.Kill(entireProcessTree: true);
        process.WaitForExit();
        while (_listener.Available > 0)
        {
            _listener.Receive(new byte[4096]); // what it said after READY
        }

        return ready ? seconds : throw new InvalidOperationException($"{program[0]} never said READY=1: {output.Result}{error.Result}");
    }

    private bool ReceiveReady()
    {
        byte[] message = new byte[4096];
        try
        {
            int length = _listener.Receive(message);
            return Encoding.UTF8.GetString(message, 0, length).StartsWith("READY=1", StringComparison.Ordinal);
        }
        catch (SocketException)
        {
            return false; // nothing came for as long as the listener waits
        }
    }
}
