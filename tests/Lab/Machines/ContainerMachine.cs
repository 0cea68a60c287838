using Images.Launcher.Clusters;

namespace Images.Lab.Machines;

/// <summary>A machine that is the image's root as a container, on the kernel of this machine; made by the product's own launcher.</summary>
internal sealed class ContainerMachine : Machine
{
    private readonly MachineOptions _options;
    private readonly Lazy<ClusterNode> _node;

    public ContainerMachine(MachineOptions options)
        : base(options)
    {
        _options = options;
        _node = new Lazy<ClusterNode>(AddNode);
    }

    public override bool IsRunning => _node.IsValueCreated && _node.Value.IsRunning;

    /// <summary>Of its latest start, all its processes together.</summary>
    public TimeSpan ProcessorTime => _node.Value.ProcessorTime;

    /// <summary>Of its processes and their shared memory, without what the machine can take back; 0 where nothing counts it.</summary>
    public long MemoryBytes => _node.Value.MemoryBytes ?? 0;

    public override void Wipe() => _node.Value.Wipe();

    /// <summary>A file below /etc, as if the image had it, from the next start on.</summary>
    public void GiveEtcFile(string path, string content) => _node.Value.GiveEtcFile(path, content);

    public override void CutPower()
    {
        if (_node.IsValueCreated)
        {
            _node.Value.CutPower();
        }
    }

    protected override string HowItEnded => $": {_node.Value.WaitForEnd(TimeSpan.FromSeconds(10))}";

    protected override ConsoleLog PowerOn()
    {
        ClusterNode node = _node.Value;
        FileInfo console = new(node.ConsoleFile);
        long from = console.Exists ? console.Length : 0;
        node.Start();
        return new ConsoleLog(node.ConsoleFile, from);
    }

    protected override bool EndsWithin(TimeSpan patience)
    {
        NodeEnd end = _node.Value.WaitForEnd(patience);
        return end.Kind is NodeEndKind.PowerOff or NodeEndKind.Reboot
            ? true
            : throw new MachineException($"{Name} ended, but not as a machine that is switched off or restarts: {end}");
    }

    /// <summary>Not before it is needed: until then the network may be told which DNS server it asks.</summary>
    private ClusterNode AddNode()
    {
        ClusterNode node = Network.AddNode(Name, _options.Address);
        node.GiveSeed(_options.Seed);
        if (_options.JournalOnConsole)
        {
            node.GiveEtcFile("systemd/journald.conf.d/console.conf", "[Journal]\nForwardToConsole=yes\n");
        }

        foreach ((string path, string content) in _options.EtcFiles)
        {
            node.GiveEtcFile(path, content);
        }

        return node;
    }
}
