using Images.Lab.Machines;

namespace Images.EndToEnd.Tests;

/// <summary>Starts again whoever has ended: the Lab's machines end where one with firmware would begin anew.</summary>
internal sealed class PoweredMachines : IDisposable
{
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _thread;

    public PoweredMachines(IReadOnlyCollection<Machine> machines)
    {
        _thread = new Thread(() => Watch(machines)) { IsBackground = true, Name = "power of the machines" };
        _thread.Start();
    }

    public void Dispose()
    {
        _stop.Set();
        _thread.Join();
        _stop.Dispose();
    }

    private void Watch(IReadOnlyCollection<Machine> machines)
    {
        while (!_stop.Wait(TimeSpan.FromMilliseconds(100)))
        {
            foreach (Machine machine in machines.Where(machine => !machine.IsRunning))
            {
                machine.Start();
            }
        }
    }
}
