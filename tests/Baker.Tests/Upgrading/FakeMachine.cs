using Images.Baker.Upgrading;

namespace Images.Baker.Tests.Upgrading;

internal sealed class FakeMachine(FakeFleet fleet, string name, string[] roles) : IUpgradeMachine
{
    private string _runs = FakeFleet.OldHash;
    private string? _staged, _pending;
    private bool _isOnTrial, _hasFailed;
    private int _silent, _trial, _unwell;

    public string Host => name;

    public string? Node => roles.Contains("worker") ? name : null;

    public int Pods { get; set; } = 2;

    /// <summary>Whether the new image is well on this machine.</summary>
    public bool IsGoodForIt { get; set; } = true;

    /// <summary>Whether its roles are ready on the new image.</summary>
    public bool IsWellOnIt { get; set; } = true;

    /// <summary>Whether its roles are not ready whatever it runs.</summary>
    public bool IsIll { get; set; }

    public bool IsAway => _silent > 0 || _isOnTrial || _unwell > 0;

    public bool RunsNew => _runs == FakeFleet.NewHash && !_isOnTrial;

    /// <summary>What it says; changed by a test.</summary>
    public Func<MachineLook, MachineLook> Say { get; set; } = look => look;

    public Task<MachineLook> LookAsync(CancellationToken cancellationToken) => Task.FromResult(fleet.Call(() =>
    {
        Pass();
        return Say(new MachineLook
        {
            Hostname = name,
            Address = $"10.0.0.{name.Length}{name[^1]}",
            Roles = roles,
            Cluster = FakeFleet.Cluster,
            Node = Node,
            Name = "node",
            Architecture = "amd64",
            Version = _runs == FakeFleet.OldHash ? FakeFleet.Old : FakeFleet.New,
            RootHash = _runs,
            Kubernetes = "1.20.2",
            Etcd = roles.Contains("etcd") ? "3.4.23" : null,
            SlotBytes = _pending is null ? 1 << 30 : null,
            KernelBytes = _pending is null ? 1 << 28 : null,
            IsOnTrial = _isOnTrial,
            Staged = _staged,
            Pending = _pending,
            Failed = _hasFailed ? [FakeFleet.NewHash] : [],
            LastFailure = _hasFailed ? "image 0.2.0 was tried 3 times and given up: ssh.service has failed" : null,
        });
    }));

    public Task<MachineHealth> HealthAsync(CancellationToken cancellationToken) => Task.FromResult(fleet.Call(() =>
    {
        Pass();
        if (_unwell > 0 && IsWellOnIt)
        {
            _unwell--;
        }

        return new MachineHealth(IsIll || _unwell > 0 || _isOnTrial ? [$"{roles[0]}.service: starting; it begins"] : [], []);
    }));

    public Task StageAsync(CancellationToken cancellationToken) => Task.FromResult(fleet.Call(() =>
    {
        (_staged, _pending) = (FakeFleet.NewHash, null);
        fleet.Note($"{name} stage");
        return true;
    }));

    public Task<string> HandOverAsync(CancellationToken cancellationToken) => Task.FromResult(fleet.Call(() =>
    {
        fleet.Note($"{name} hand over");
        return "Another member leads.";
    }));

    public Task ArmAsync(CancellationToken cancellationToken) => Task.FromResult(fleet.Call(() =>
    {
        _staged.ShouldBe(FakeFleet.NewHash);
        Pods.ShouldBe(Node is null || fleet.Machines.Count(machine => machine.Node is not null) == 1 ? Pods : 0, "it is drained");
        (_staged, _pending) = (null, FakeFleet.NewHash);
        fleet.Note($"{name} arm");
        return true;
    }));

    public Task RestartAsync(CancellationToken cancellationToken) => Task.FromResult(fleet.Call(() =>
    {
        _silent = 3;
        _trial = 2;
        fleet.Note($"{name} restart");
        return true;
    }));

    /// <summary>A moment goes by; a machine that restarts does not answer.</summary>
    private void Pass()
    {
        if (_silent > 0)
        {
            if (--_silent == 0 && _pending is not null)
            {
                Boot();
            }

            throw new BakeException("BAKE0843", name, "cannot be logged in to: connection refused.", "", BakeFault.Source);
        }

        if (_isOnTrial && --_trial == 0)
        {
            (_isOnTrial, _pending, _unwell) = (false, null, 2);
        }
    }

    private void Boot()
    {
        if (IsGoodForIt)
        {
            (_runs, _isOnTrial, _hasFailed) = (FakeFleet.NewHash, true, false);
        }
        else
        {
            (_pending, _hasFailed) = (null, true); // three tries, and back
        }
    }
}
