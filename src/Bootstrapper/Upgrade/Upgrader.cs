using Images.Bootstrapper.Identity;
using Images.Bootstrapper.Reporting;
using Images.Formats;
using Images.NodeConfig.Upgrades;

namespace Images.Bootstrapper.Upgrade;

/// <summary>From an upgrade to an entry that the loader tries next.</summary>
internal sealed class Upgrader(NodeRoot root, TextWriter output, TimeProvider time)
{
    /// <summary>True where the next boot tries the image; false where it runs already.</summary>
    /// <exception cref="BootFailure">It was not taken; what ran before runs after the next boot too.</exception>
    public async Task<bool> RunAsync(
        UpgradeSource source, UpgradeKeys keys, bool again, CancellationToken cancellationToken)
    {
        if (BootTrial.Counted(root) is { } counted && BootTrial.IsOnTrial(root))
        {
            throw new BootFailure(
                "NODE0802", counted.FileName, "the running image is on trial, and the other slot is the way back",
                "wait until 'bootstrapper status' shows it as kept, and try again");
        }

        string running = await RunningRoot.HashAsync(cancellationToken);
        try
        {
            using UpgradeArtefact artefact = UpgradeArtefact.Open(source.Stream, source.Name);
            UpgradeTrust.Require(keys, artefact);
            UpgradeManifest manifest = artefact.Manifest;
            if (manifest.RootHash == running)
            {
                output.WriteLine($"image {manifest.Version} runs already (root hash {running})");
                return false;
            }

            UpgradeRule.Require(manifest, RunningImage.Read(root), UpgradeMemory.Read(root), again);
            StagedImage staged = await DescribeAsync(manifest, cancellationToken);
            using MachineSlots machine = await MachineSlots.OpenAsync(root, cancellationToken);
            Write(artefact, source, machine.Slots, staged);
            return true;
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

    private void Write(UpgradeArtefact artefact, UpgradeSource source, UpgradeSlots slots, StagedImage staged)
    {
        SlotWriter writer = new(slots, output.WriteLine, _ => { });
        writer.RequireRoom(artefact.Manifest);
        staged = staged with
        {
            Slot = slots.Other,
            Number = new SlotEntries(slots.EspFolder, _ => { }).NextNumber(),
        };
        output.WriteLine($"image {staged.Version} goes into slot {slots.Other}; slot {slots.Running} runs");
        writer.Write(artefact, source.RequirePromised);
        // before the entry: a return must be known for one
        (UpgradeMemory.Read(root) with { Pending = staged }).Write(root);
        BootEntry entry = writer.Arm(artefact.Manifest, staged.Number);
        output.WriteLine($"the next boot tries image {staged.Version} ({entry}, {BootEntries.Tries} tries)");
    }

    private async Task<StagedImage> DescribeAsync(UpgradeManifest manifest, CancellationToken cancellationToken)
    {
        return new StagedImage
        {
            Number = 0,
            Slot = '-',
            Version = manifest.Version,
            RootHash = manifest.RootHash,
            Since = time.GetUtcNow(),
            FailedBefore = await ImageHealth.FailedUnitsAsync(cancellationToken),
            Roles = KnownRoles(),
        };
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
