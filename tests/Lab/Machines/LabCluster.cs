using Images.Lab.Networks;

namespace Images.Lab.Machines;

/// <summary>A network, seeds of one cluster, and the machines that a test starts from them. Disposing ends all of it.</summary>
internal sealed class LabCluster : IDisposable
{
    private readonly List<Machine> _machines = [];

    /// <param name="folder">For files of the run; the network's and the seeds' are made anew.</param>
    public LabCluster(string folder)
    {
        Folder = folder;
        Network = new LabNetwork(Path.Combine(folder, "network"));
        Seeds = new ClusterSeeds(Path.Combine(folder, "cluster"));
    }

    public string Folder { get; }

    public LabNetwork Network { get; }

    public ClusterSeeds Seeds { get; }

    /// <param name="name">Of the machine.</param>
    /// <param name="seed">The folder of a seed, beside which lies its ISO.</param>
    /// <param name="address">That the network gives it.</param>
    /// <param name="memoryMebibytes">A container has no limit.</param>
    /// <param name="processors">A container has all.</param>
    /// <param name="etcFiles">What is laid over a container's /etc.</param>
    public Machine Start(
        string name, string seed, string address, int memoryMebibytes = 2048, int processors = 2, IReadOnlyDictionary<string, string>? etcFiles = null)
    {
        Machine machine = Machine.New(new MachineOptions
        {
            Name = name,
            Folder = Folder,
            Seed = seed,
            Network = Network,
            Address = address,
            MemoryMebibytes = memoryMebibytes,
            Processors = processors,
            EtcFiles = etcFiles ?? new Dictionary<string, string>(),
        });
        _machines.Add(machine);
        machine.Start();
        return machine;
    }

    /// <summary>Runs a command on one of its machines as admin.</summary>
    public string Run(Machine machine, string command) => machine.Ssh(Seeds.SshKey, command);

    /// <summary>With rights of an administrator, at a master's address.</summary>
    public Kubectl Kubectl(string master) => new(Network, Seeds, master);

    public void Dispose()
    {
        foreach (Machine machine in _machines)
        {
            machine.Dispose();
        }

        Network.Dispose();
    }
}
