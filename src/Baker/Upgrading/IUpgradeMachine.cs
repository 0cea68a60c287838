namespace Images.Baker.Upgrading;

/// <summary>
/// One machine, as an upgrade of its cluster looks at it and moves it. Each call may throw a
/// <see cref="BakeException"/>; its fault is <see cref="BakeFault.Source"/> where the machine could not be asked.
/// </summary>
internal interface IUpgradeMachine
{
    /// <summary>What the user calls it.</summary>
    string Host { get; }

    Task<MachineLook> LookAsync(CancellationToken cancellationToken);

    Task<MachineHealth> HealthAsync(CancellationToken cancellationToken);

    /// <summary>Writes the image into the other slot; nothing leads to it yet.</summary>
    Task StageAsync(CancellationToken cancellationToken);

    /// <summary>Lets another member of etcd lead where this one does.</summary>
    /// <returns>What the machine says of it.</returns>
    Task<string> HandOverAsync(CancellationToken cancellationToken);

    /// <summary>Makes the next boot try what is staged.</summary>
    Task ArmAsync(CancellationToken cancellationToken);

    Task RestartAsync(CancellationToken cancellationToken);
}
