using System.Diagnostics;
using System.Text;

namespace Images.TestSupport;

/// <summary>Debian's containerd with everything it keeps in a folder of the test, in a user namespace of its own: no root.</summary>
public sealed class ContainerdDaemon : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly StringBuilder _log = new();
    private readonly Process _process;

    /// <param name="folder">An empty one with a short path: sockets have at most 107 characters.</param>
    public ContainerdDaemon(string folder)
    {
        Address = Path.Combine(folder, "c.sock");
        string configuration = Path.Combine(folder, "containerd.toml");
        File.WriteAllText(configuration, $$"""
            version = 2
            root = "{{folder}}/root"
            state = "{{folder}}/state"
            disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.snapshotter.v1.devmapper"]
            [grpc]
              address = "{{Address}}"
            [ttrpc]
              address = "{{Address}}.ttrpc"
            """);
        _process = Process.Start(new ProcessStartInfo(Judge.Find("unshare"), ["--user", "--map-root-user", "--mount", "--propagation", "private", Judge.Find("containerd"), "-c", configuration])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _process.OutputDataReceived += (_, line) => Log(line.Data);
        _process.ErrorDataReceived += (_, line) => Log(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        WaitUntilItAnswers();
    }

    /// <summary>Path of the socket.</summary>
    public string Address { get; }

    /// <summary>Runs Debian's ctr on it, in the namespace that Kubernetes uses.</summary>
    public string Ctr(params string[] arguments) => Judge.Run("ctr", ["--address", Address, "--namespace", "k8s.io", .. arguments]);

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private void WaitUntilItAnswers()
    {
        Stopwatch waited = Stopwatch.StartNew();
        while (Judge.Try("ctr", "--address", Address, "--connect-timeout", "1s", "version").ExitCode != 0)
        {
            if (_process.HasExited || waited.Elapsed > _patience)
            {
                throw new JudgeException($"containerd does not answer:\n{_log}");
            }

            Thread.Sleep(100);
        }
    }

    private void Log(string? line)
    {
        lock (_log)
        {
            _log.AppendLine(line);
        }
    }
}
