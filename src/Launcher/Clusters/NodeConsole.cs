using System.Diagnostics;
using Images.Launcher.Programs;

namespace Images.Launcher.Clusters;

/// <summary>
/// A node's console: a terminal inside the namespaces, whose other end this program keeps and writes to a file.
/// </summary>
internal sealed class NodeConsole : IDisposable
{
    private readonly Lock _lock = new();
    private readonly string _file;
    private readonly Process _process;
    private readonly List<Action<ReadOnlyMemory<byte>>> _listeners = [];
    private readonly Task _reading;
    private int _disposed;

    private NodeConsole(Process process, string file)
    {
        _process = process;
        _file = file;
        process.BeginErrorReadLine();
        _reading = Task.Factory.StartNew(
            Read, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>What is written there appears as <c>/run/images/consoles/NODE</c>.</summary>
    public static NodeConsole Open(ClusterNamespaces namespaces, string node, string file) => new(
        HostProgram.Start(namespaces.Enter(
        [
            // A console that nobody has opened yet waits; one that was and is closed ends. A node that ends within the
            // second after which socat would look by default has been here all the same.
            "/bin/sh",
            "-c",
            "rm -f \"$1\"; exec socat \"PTY,link=$1,rawer,wait-slave,pty-interval=0.02\" STDIO",
            "sh",
            $"/run/images/consoles/{node}",
        ])),
        file);

    /// <summary>Types on the console.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _process.StandardInput.BaseStream.Write(bytes);
            _process.StandardInput.BaseStream.Flush();
        }
        catch (IOException)
        {
            // the node has ended
        }
    }

    /// <summary>Hears what is written from now on, until the returned is disposed.</summary>
    public IDisposable Listen(Action<ReadOnlyMemory<byte>> listener)
    {
        lock (_lock)
        {
            _listeners.Add(listener);
        }

        return new Listening(this, listener);
    }

    /// <summary>Ends it; what the node wrote last is in the file.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        if (!_reading.Wait(TimeSpan.FromSeconds(2)))
        {
            _process.Kill(entireProcessTree: true);
            _reading.Wait(TimeSpan.FromSeconds(5));
        }

        _process.WaitForExit(TimeSpan.FromSeconds(5));
        _process.Dispose();
    }

    private void Read()
    {
        using FileStream file = new(
            _file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, 0);
        byte[] buffer = new byte[1 << 14];
        while (true)
        {
            int count = _process.StandardOutput.BaseStream.Read(buffer);
            if (count == 0)
            {
                return;
            }

            file.Write(buffer, 0, count);
            lock (_lock)
            {
                foreach (Action<ReadOnlyMemory<byte>> listener in _listeners)
                {
                    listener(buffer.AsMemory(0, count));
                }
            }
        }
    }

    private void Forget(Action<ReadOnlyMemory<byte>> listener)
    {
        lock (_lock)
        {
            _listeners.Remove(listener);
        }
    }

    private sealed class Listening(NodeConsole console, Action<ReadOnlyMemory<byte>> listener) : IDisposable
    {
        public void Dispose() => console.Forget(listener);
    }
}
