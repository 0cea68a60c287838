using System.Diagnostics;
using Images.TestSupport;

namespace Images.Lab.Machines;

/// <summary>
/// A process that does not outlive this program, however that ends: the kernel kills it when its parent is gone
/// (PR_SET_PDEATHSIG, see prctl(2)). The parent is the thread that started it, so that thread stays until the end.
/// </summary>
internal sealed class TetheredProcess : IDisposable
{
    private readonly ManualResetEventSlim _released = new();
    private readonly Process _process;

    /// <param name="entrance">What comes before the command to change its namespaces; that would undo the tether.</param>
    /// <param name="command">A full path and its arguments. It gets no input; its output can be read line by line.</param>
    /// <param name="readsOutput">Whether somebody reads the output; otherwise it goes where this program's goes.</param>
    public TetheredProcess(IEnumerable<string> entrance, IEnumerable<string> command, bool readsOutput = false)
    {
        string[] line = [.. entrance, Judge.Find("setpriv"), "--pdeathsig", "KILL", "--", .. command];
        ProcessStartInfo start = new(line[0], line[1..])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = readsOutput,
            RedirectStandardError = readsOutput,
        };
        TaskCompletionSource<Process> started = new();
        Thread keeper = new(() => Keep(start, started)) { IsBackground = true, Name = $"keeper of {line[0]}" };
        keeper.Start();
        _process = started.Task.GetAwaiter().GetResult();
        if (readsOutput)
        {
            _process.ErrorDataReceived += (_, _) => { };
            _process.BeginErrorReadLine();
        }
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>The next line of its output; null at the end.</summary>
    public string? ReadLine() => _process.StandardOutput.ReadLine();

    public bool WaitForExit(TimeSpan patience) => _process.WaitForExit(patience);

    /// <summary>Kills it if it still runs.</summary>
    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _released.Set();
        _process.Dispose();
    }

    private void Keep(ProcessStartInfo start, TaskCompletionSource<Process> started)
    {
        try
        {
            started.SetResult(Process.Start(start)!);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            started.SetException(e);
            return;
        }

        _released.Wait();
    }
}
