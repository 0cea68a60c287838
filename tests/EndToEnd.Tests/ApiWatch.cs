using Images.Lab.Machines;
using Images.TestSupport;

namespace Images.EndToEnd.Tests;

/// <summary>Asks a machine's API server once a second whether it is ready, in a connection of its own each time.</summary>
internal sealed class ApiWatch : IDisposable
{
    /// <summary>It asks etcd and has two seconds for that, on processors that are busy.</summary>
    private const int MissesOfAnOutage = 3;

    private readonly LoneMachine _one;
    private readonly ClientIdentity _identity;
    private readonly ManualResetEventSlim _stop = new();
    private readonly List<string> _outages = [];
    private readonly Thread _thread;
    private int _answers;

    public ApiWatch(LoneMachine one)
    {
        _one = one;
        _identity = one.Seeds.Client("kubernetes");
        _thread = new Thread(Ask) { IsBackground = true, Name = "watch of the API" };
        _thread.Start();
    }

    public int Answers => Volatile.Read(ref _answers);

    /// <summary>When, by this host's clock, several questions in a row had no good answer, and the last of them.</summary>
    public IReadOnlyList<string> Outages
    {
        get
        {
            lock (_outages)
            {
                return [.. _outages];
            }
        }
    }

    public void Dispose()
    {
        _stop.Set();
        _thread.Join();
        _stop.Dispose();
    }

    /// <summary>Whose clock differs takes no certificate by its dates, so they are not looked at here.</summary>
    private void Ask()
    {
        int misses = 0;
        while (!_stop.Wait(TimeSpan.FromSeconds(1)))
        {
            JudgeResult answer = _one.Network.Try(
                "curl", "--silent", "--show-error", "--insecure", "--max-time", "30", "--cert", _identity.Certificate, "--key", _identity.Key, $"https://{LoneMachine.Address}:6443/readyz");
            if (answer is { ExitCode: 0, Output: "ok" })
            {
                misses = 0;
                Interlocked.Increment(ref _answers);
            }
            else if (++misses == MissesOfAnOutage)
            {
                lock (_outages)
                {
                    _outages.Add($"{DateTime.UtcNow:HH:mm:ss} {answer.Output}{answer.Error}");
                }
            }
        }
    }
}
