using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Reporting;
using Images.Formats;
using Images.NodeConfig.Upgrades;

namespace Images.Bootstrapper.Upgrade;

/// <summary>
/// From an upgrade to a whole image in the slot that does not run, and from that to an entry that the loader tries
/// next.
/// </summary>
internal sealed class Upgrader(NodeRoot root, TextWriter output, TimeProvider time)
{
    /// <summary>Writes the other slot; nothing leads to it yet.</summary>
    /// <returns>What is there now; null where the image runs already.</returns>
    /// <exception cref="BootFailure">It was not taken; what ran before runs after the next boot too.</exception>
    public async Task<StagedImage?> StageAsync(
        UpgradeSource source, UpgradeKeys keys, bool again, CancellationToken cancellationToken)
    {
        RequireNoTrial();
        string running = await RunningRoot.HashAsync(root, cancellationToken);
        try
        {
            using UpgradeArtefact artefact = UpgradeArtefact.Open(source.Stream, source.Name);
            UpgradeTrust.Require(keys, artefact);
            UpgradeManifest manifest = artefact.Manifest;
            UpgradeTrust.RequireNotBelow(UpgradeTrust.ReadMinimum(root), manifest);
            if (manifest.RootHash == running)
            {
                output.WriteLine($"image {manifest.Version} runs already (root hash {running})");
                return null;
            }

            UpgradeRule.Require(manifest, RunningImage.Read(root), running, UpgradeMemory.Read(root), again);
            using MachineSlots machine = await MachineSlots.OpenAsync(root, cancellationToken);
            return Write(artefact, source, machine.Slots);
        }
        catch (Exception e) when (e is MalformedDataException or EndOfStreamException)
        {
            throw new BootFailure(
                "NODE0804", source.Name, FaultText.Of(e).TrimEnd('.'),
                "take the .upgrade file that baker has made, and see that it arrives whole");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BootFailure(
                "NODE0811", source.Name, $"reading it or writing the slot failed: {FaultText.Of(e).TrimEnd('.')}",
                "mend that and try again; the machine still starts the image that runs");
        }
    }

    /// <summary>Makes the next boot try what is staged.</summary>
    /// <param name="rootHash">Of it, so that nobody starts what somebody else staged meanwhile.</param>
    /// <returns>False where it runs already.</returns>
    /// <exception cref="BootFailure">It is not staged.</exception>
    public async Task<bool> ArmAsync(string rootHash, CancellationToken cancellationToken)
    {
        RequireNoTrial();
        if (await RunningRoot.HashAsync(root, cancellationToken) == rootHash)
        {
            output.WriteLine($"root hash {rootHash} runs already");
            return false;
        }

        try
        {
            using MachineSlots machine = await MachineSlots.OpenAsync(root, cancellationToken);
            UpgradeMemory memory = UpgradeMemory.Read(root);
            if (memory.Staged is not { } staged
                || staged.RootHash != rootHash
                || staged.Slot != machine.Slots.Other)
            {
                throw new BootFailure(
                    "NODE0820", $"root hash {rootHash}",
                    memory.Staged is { } other
                        ? $"what is staged is image {other.Version} (root hash {other.RootHash})"
                        : "no image is staged",
                    "stage it first: 'bootstrapper upgrade --stage'");
            }

            staged = staged with
            {
                Number = new SlotEntries(machine.Slots.EspFolder, _ => { }).NextNumber(),
                Since = time.GetUtcNow(),
                FailedBefore = await ImageHealth.FailedUnitsAsync(cancellationToken),
                Roles = KnownRoles(),
            };
            // before the entry: a return must be known for one
            (memory with { Pending = staged, Staged = null }).Write(root);
            BootEntry entry = new SlotWriter(machine.Slots, output.WriteLine, _ => { })
                .Arm(staged.Title, staged.Number);
            output.WriteLine($"the next boot tries image {staged.Version} ({entry}, {BootEntries.Tries} tries)");
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BootFailure(
                "NODE0811", $"root hash {rootHash}", $"its entry cannot be written: {FaultText.Of(e).TrimEnd('.')}",
                "mend that and try again; the machine still starts the image that runs");
        }
    }

    private void RequireNoTrial()
    {
        if (BootTrial.Counted(root) is { } counted && BootTrial.IsOnTrial(root))
        {
            throw new BootFailure(
                "NODE0802", counted.FileName, "the running image is on trial, and the other slot is the way back",
                "wait until 'bootstrapper status' shows it as kept, and try again");
        }
    }

    private StagedImage Write(UpgradeArtefact artefact, UpgradeSource source, UpgradeSlots slots)
    {
        UpgradeManifest manifest = artefact.Manifest;
        SlotWriter writer = new(slots, output.WriteLine, _ => { });
        writer.RequireRoom(manifest);
        UpgradeMemory memory = UpgradeMemory.Read(root);
        if (memory.Staged is not null)
        {
            (memory with { Staged = null }).Write(root); // from now on it is no longer whole
        }

        output.WriteLine($"image {manifest.Version} goes into slot {slots.Other}; slot {slots.Running} runs");
        writer.Write(artefact, source.RequirePromised);
        StagedImage staged = new()
        {
            Number = 0,
            Title = $"{manifest.Name} {manifest.Version}",
            Slot = slots.Other,
            Version = manifest.Version,
            RootHash = manifest.RootHash,
            Since = time.GetUtcNow(),
        };
        (memory with { Staged = staged }).Write(root);
        return staged;
    }

    private IReadOnlyList<string> KnownRoles()
    {
        try
        {
            return new IdentityStore(root).LoadIdentity()?.Roles ?? [];
        }
        catch (BootFailure)
        {
            return []; // an upgrade may be what mends it
        }
    }
}
