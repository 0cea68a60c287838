using Images.Baker.Upgrading;
using Images.NodeConfig.Upgrades;

namespace Images.Baker.Tests.Upgrading;

/// <summary>
/// A cluster of machines that do what machines do: they are away when they restart, try an image, keep it or come back
/// from it. It notes what was done, and fails where two are away at once.
/// </summary>
internal sealed class FakeFleet : IClusterNodes
{
    public const string Old = "0.1.0", New = "0.2.0", Cluster = "demo.k8s";

    public static readonly string OldHash = new('a', 64), NewHash = new('b', 64);

    private readonly Dictionary<string, bool> _closed = new(StringComparer.Ordinal);
    private int _calls;

    public FakeFleet(params (string Name, string Roles)[] machines) => Machines =
        [.. machines.Select(machine => new FakeMachine(this, machine.Name, machine.Roles.Split(',')))];

    public static FakeFleet OfNine() => new(
        ("etcd1", "etcd"), ("etcd2", "etcd"), ("etcd3", "etcd"), ("master1", "master"), ("master2", "master"),
        ("lb1", "lb"), ("lb2", "lb"), ("worker1", "worker"), ("worker2", "worker"));

    public IReadOnlyList<FakeMachine> Machines { get; }

    /// <summary>What changed, in order: "etcd1 arm".</summary>
    public List<string> Story { get; } = [];

    /// <summary>What the user is told.</summary>
    public List<string> Said { get; } = [];

    public int Calls => _calls;

    /// <summary>The number of the call at which the program is killed; null for none.</summary>
    public int? KilledAt { get; set; }

    /// <summary>Whether that call has done its work.</summary>
    public bool KilledAfter { get; set; }

    /// <summary>A pod that no disruption budget lets go, by its Node.</summary>
    public string? Stuck { get; set; }

    public IEnumerable<string> Closed => _closed.Keys;

    public UpgradeTarget Target { get; set; } = new("node.upgrade", Manifest());

    public static UpgradeManifest Manifest() => new()
    {
        Name = "node",
        Version = New,
        Architecture = "amd64",
        RootHash = NewHash,
        RootBytes = 8192,
        RootSha256 = NewHash,
        Verity = new UpgradeVerity { Salt = NewHash, DataBlocks = 1, HashStartBlock = 1 },
        SlotBytes = 1 << 20,
        UkiBytes = 4096,
        UkiSha256 = NewHash,
        Kernel = "6.1.0",
        Kubernetes = "1.20.2",
        Etcd = "3.4.23",
    };

    public FakeMachine this[string name] => Machines.Single(machine => machine.Host == name);

    /// <summary>One run of the program, which asks and then does.</summary>
    public async Task<UpgradePlan> RunAsync(bool again = false, UpgradeLimits? limits = null)
    {
        (ClusterUpgrade upgrade, UpgradePlan plan) = await PlanAsync(again, limits);
        if (plan.Faults is [BakeException first, ..])
        {
            throw first;
        }

        await upgrade.RunAsync(plan, new FakeLock(this), this, CancellationToken.None);
        return plan;
    }

    public async Task<(ClusterUpgrade Upgrade, UpgradePlan Plan)> PlanAsync(bool again = false, UpgradeLimits? limits = null)
    {
        ClusterUpgrade upgrade = new(
            Target, Machines, (limits ?? new UpgradeLimits()) with { Pause = TimeSpan.Zero }, (who, what) => Said.Add($"{who}: {what}"), new HurryingTime());
        return (upgrade, await upgrade.PlanAsync(Cluster, again, CancellationToken.None));
    }

    public void BeginAnew()
    {
        (KilledAt, _calls) = (null, 0);
    }

    /// <summary>Around each call.</summary>
    public T Call<T>(Func<T> work)
    {
        int number = _calls++;
        if (KilledAt is { } end && (number > end || (number == end && !KilledAfter)))
        {
            throw new KilledException();
        }

        T done = work();
        return number == KilledAt ? throw new KilledException() : done;
    }

    public void Note(string what)
    {
        Story.Add(what);
        Machines.Count(machine => machine.IsAway).ShouldBeLessThanOrEqualTo(1, string.Join('\n', Story));
    }

    public Task<bool> CloseAsync(string node, CancellationToken cancellationToken) => Task.FromResult(Call(() =>
    {
        if (!Machines.Any(machine => machine.Node is { } other && other != node && !_closed.ContainsKey(other)))
        {
            return false;
        }

        _closed[node] = true;
        Note($"{node} close");
        return true;
    }));

    public Task<IReadOnlyList<string>> EvictAsync(string node, CancellationToken cancellationToken) => Task.FromResult(Call<IReadOnlyList<string>>(() =>
    {
        _closed.ContainsKey(node).ShouldBeTrue("pods would come back");
        FakeMachine machine = Machines.Single(machine => machine.Node == node);
        if (Stuck == node)
        {
            return ["default/web-1 (kept by a disruption budget)"];
        }

        machine.Pods = Math.Max(0, machine.Pods - 1);
        return [.. Enumerable.Range(1, machine.Pods).Select(number => $"default/web-{number} (ending)")];
    }));

    public Task<bool> OpenAsync(string node, CancellationToken cancellationToken) => Task.FromResult(Call(() =>
    {
        bool wasClosed = _closed.Remove(node);
        if (wasClosed)
        {
            Note($"{node} open");
        }

        return wasClosed;
    }));

    public Task<bool> IsReadyAsync(string node, CancellationToken cancellationToken) =>
        Task.FromResult(Call(() => !Machines.Single(machine => machine.Node == node).IsAway));

    private sealed class FakeLock(FakeFleet fleet) : IUpgradeLock
    {
        public Task RequireAsync(CancellationToken cancellationToken) => Task.FromResult(fleet.Call(() => true));

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
