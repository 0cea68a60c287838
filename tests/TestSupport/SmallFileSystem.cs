using System.Diagnostics;

namespace Images.TestSupport;

/// <summary>
/// A file system of a few MiB to fill up, without root: a tmpfs in a user and mount namespace that a waiting child
/// holds open, reached through /proc/PID/root.
/// </summary>
public sealed class SmallFileSystem : IDisposable
{
    private readonly Process _holder;

    private SmallFileSystem(Process holder, string fullPath)
    {
        _holder = holder;
        FullPath = fullPath;
    }

    public string FullPath { get; }

    public static SmallFileSystem Mount(int sizeMebibytes)
    {
        ProcessStartInfo start = new(
            Judge.Find("unshare"),
            ["-Urm", "sh", "-c", $"mount -t tmpfs -o size={sizeMebibytes}m none /mnt && echo mounted && read line"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        Process holder = Process.Start(start)!;
        string? answer = holder.StandardOutput.ReadLine();
        return answer == "mounted"
            ? new SmallFileSystem(holder, $"/proc/{holder.Id}/root/mnt")
            : throw new JudgeException("A tmpfs could not be mounted in a user namespace: this test needs unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1).");
    }

    public void Dispose()
    {
        _holder.StandardInput.Close();
        _holder.WaitForExit();
        _holder.Dispose();
    }
}
