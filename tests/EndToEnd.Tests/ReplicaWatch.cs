using System.Globalization;
using Images.Lab.Machines;

namespace Images.EndToEnd.Tests;

/// <summary>Asks every second how many pods of a Deployment serve.</summary>
internal sealed class ReplicaWatch : IDisposable
{
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _thread;
    private int _fewest = int.MaxValue;

    public ReplicaWatch(Kubectl kubectl, string deployment)
    {
        _thread = new Thread(() => Watch(kubectl, deployment)) { IsBackground = true, Name = $"watch of {deployment}" };
        _thread.Start();
    }

    /// <summary>At any moment so far.</summary>
    public int Fewest => Volatile.Read(ref _fewest);

    public void Dispose()
    {
        _stop.Set();
        _thread.Join();
        _stop.Dispose();
    }

    private void Watch(Kubectl kubectl, string deployment)
    {
        while (!_stop.Wait(TimeSpan.FromSeconds(1)))
        {
            try
            {
                string available = kubectl.Run("get", "deployment", deployment, "-o", "jsonpath={.status.availableReplicas}");
                Volatile.Write(ref _fewest, Math.Min(_fewest, available.Length == 0 ? 0 : int.Parse(available, CultureInfo.InvariantCulture)));
            }
            catch (MachineException)
            {
                // the API does not answer at the moment, which others measure
            }
        }
    }
}
