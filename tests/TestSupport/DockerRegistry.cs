using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Images.TestSupport;

/// <summary>Debian's docker-registry on 127.0.0.1, with its storage in a folder of the test.</summary>
public sealed class DockerRegistry : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly StringBuilder _log = new();
    private readonly Process _process;
    private bool _isDisposed;

    /// <param name="folder">An empty one.</param>
    /// <param name="authentication">The <c>auth:</c> section of its configuration, if any.</param>
    public DockerRegistry(string folder, string authentication = "")
    {
        Storage = Path.Combine(folder, "storage");
        Directory.CreateDirectory(Storage);
        int port = FreePort.Next();
        Host = $"127.0.0.1:{port}";
        string configuration = Path.Combine(folder, "registry.yml");
        File.WriteAllText(configuration, $$"""
            version: 0.1
            log: { level: warn, accesslog: { disabled: true } }
            storage:
              filesystem: { rootdirectory: {{Storage}} }
              delete: { enabled: true }
            http: { addr: "{{Host}}", secret: test }
            {{authentication}}
            """);
        _process = Process.Start(new ProcessStartInfo(Judge.Find("docker-registry"), ["serve", configuration]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        _process.OutputDataReceived += (_, line) => Log(line.Data);
        _process.ErrorDataReceived += (_, line) => Log(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        WaitUntilItListens(port);
    }

    /// <summary>Address and port.</summary>
    public string Host { get; }

    /// <summary>The folder with blobs and links to them.</summary>
    public string Storage { get; }

    /// <summary>The file that holds a blob's bytes.</summary>
    public string BlobFile(string hex) => Path.Combine(Storage, "docker/registry/v2/blobs/sha256", hex[..2], hex, "data");

    /// <summary>Ends it, which a test may want to do early.</summary>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            _process.Kill();
            _process.WaitForExit();
            _process.Dispose();
        }
    }

    private void WaitUntilItListens(int port)
    {
        Stopwatch waited = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using TcpClient client = new("127.0.0.1", port);
                return;
            }
            catch (SocketException) when (!_process.HasExited && waited.Elapsed < _patience)
            {
                Thread.Sleep(50);
            }
            catch (SocketException)
            {
                throw new JudgeException($"docker-registry does not listen on port {port}:\n{_log}");
            }
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
