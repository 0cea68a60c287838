using System.Globalization;
using Images.Bootstrapper.Files;
using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Reporting;
using Images.Bootstrapper.Systemd;
using Images.NodeConfig;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Upgrade;

/// <summary>
/// Whether a new image is well on this machine: the image's own health, not the cluster's, for peers, names and servers
/// are as they are whatever image runs.
/// </summary>
internal sealed class ImageHealth(NodeRoot root, StagedImage? staged)
{
    private const long LeastFreeBytes = 16L << 20;

    /// <summary>It fails where no card has an address within half a minute: a network is as it is.</summary>
    private const string AsksTheNetwork = "systemd-networkd-wait-online.service";

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    /// <summary>Units that systemd could not start or that have ended badly.</summary>
    public static async Task<IReadOnlyList<string>> FailedUnitsAsync(CancellationToken cancellationToken)
    {
        CommandResult failed = await CommandRunner.RunAsync(
            "systemctl", ["list-units", "--failed", "--plain", "--no-legend", "--no-pager"], cancellationToken);
        return
        [
            .. failed.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Select(line => line.Split(' ', 2)[0])
                .Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>What is amiss; nothing where the image is well.</summary>
    public async Task<IReadOnlyList<string>> LookAsync(CancellationToken cancellationToken)
    {
        List<string> faults = [];
        foreach (string unit in (string[])["multi-user.target", "bootstrapper-boot.service"])
        {
            CommandResult state = await CommandRunner.RunAsync("systemctl", ["is-active", unit], cancellationToken);
            if (!state.Succeeded)
            {
                faults.Add($"{unit} is {state.Reason}");
            }
        }

        IReadOnlyList<string> failed = await FailedUnitsAsync(cancellationToken);
        faults.AddRange(failed.Except([AsksTheNetwork, .. staged?.FailedBefore ?? []], StringComparer.Ordinal)
            .Select(unit => $"{unit} has failed"));
        faults.AddRange(LookAtState());
        faults.AddRange(await LookAtRolesAsync(cancellationToken));
        return faults;
    }

    /// <summary>
    /// Whether a program could not even begin: it or a library is missing, or the processor lacks an instruction. What
    /// it says of its arguments is its own affair.
    /// </summary>
    public static bool CannotStart(int exitCode) => exitCode is 126 or 127 or > 128;

    /// <param name="execStart">What <c>systemctl show --property=ExecStart --value</c> prints.</param>
    public static string? ProgramOf(string execStart)
    {
        const string Key = "path=";
        int start = execStart.IndexOf(Key, StringComparison.Ordinal);
        string? path = start < 0 ? null : execStart[(start + Key.Length)..].Split(' ', ';')[0];
        return path is not null && path.StartsWith('/') && path != NodePaths.Program ? path : null;
    }

    private IEnumerable<string> LookAtState()
    {
        string? fault = null;
        try
        {
            string file = root[NodePaths.StateFolder + "/written"];
            AtomicFile.Write(file, "health"u8, AtomicFile.OwnerOnly);
            File.Delete(file);
            long free = new DriveInfo(root[NodePaths.StateFolder]).AvailableFreeSpace;
            fault = free >= LeastFreeBytes ? null : string.Create(
                CultureInfo.InvariantCulture, $"the state partition has {free >> 10} KiB free");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            fault = $"the state partition cannot be written: {FaultText.Of(e)}";
        }

        return fault is null ? [] : [fault];
    }

    private async Task<IReadOnlyList<string>> LookAtRolesAsync(CancellationToken cancellationToken)
    {
        NodeIdentity? identity;
        CompiledRoles roles;
        try
        {
            identity = new IdentityStore(root).LoadIdentity();
            roles = NodeState.LoadRoles(root);
        }
        catch (Exception e) when (e is BootFailure or ConfigurationException)
        {
            return [BootFailure.Describe(e)];
        }

        IReadOnlyList<string> own = identity?.Roles ?? [];
        List<string> faults = [];
        if (staged is not null && !staged.Roles.SequenceEqual(own, StringComparer.Ordinal))
        {
            faults.Add($"the machine had the role {Name(staged.Roles)} and has {Name(own)}");
        }

        RoleDefinition[] known =
            [.. roles.Roles.Where(role => own.Contains(role.Role, StringComparer.Ordinal))];
        faults.AddRange(own.Except(known.Select(role => role.Role), StringComparer.Ordinal)
            .Select(role => $"this image does not know the role {role}"));
        IEnumerable<string> units =
            known.SelectMany(role => role.Services).Select(service => service.Unit).Distinct(StringComparer.Ordinal);
        HashSet<string> asked = new(StringComparer.Ordinal);
        foreach (string unit in units)
        {
            CommandResult start = await CommandRunner.RunAsync(
                "systemctl", ["show", "--property=ExecStart", "--value", unit], cancellationToken);
            if (ProgramOf(start.Output) is { } program && asked.Add(program) && !await StartsAsync(program))
            {
                faults.Add($"{program} of {unit} cannot start");
            }
        }

        return faults;
    }

    private static async Task<bool> StartsAsync(string program)
    {
        CommandResult version = await CommandRunner.RunAsync(
            "timeout",
            ["--kill-after=5", _patience.TotalSeconds.ToString(CultureInfo.InvariantCulture), program, "--version"],
            CancellationToken.None);
        return !CannotStart(version.ExitCode);
    }

    private static string Name(IReadOnlyList<string> roles) => roles.Count == 0 ? "none" : string.Join('+', roles);
}
