using System.Globalization;
using System.Security.Cryptography;
using Images.Bootstrapper.Files;
using Images.Bootstrapper.Reporting;
using Images.Formats;
using Images.Formats.Verity;
using Images.NodeConfig.Upgrades;

namespace Images.Bootstrapper.Upgrade;

/// <summary>
/// Writes an upgrade into the slot that does not run. Until the last step, which names it, no entry leads there: a cut
/// before leaves the old image, one after it the new one. Each step is on the disk before the next begins.
/// </summary>
/// <param name="slots">Where to.</param>
/// <param name="say">Is told how far it is.</param>
/// <param name="before">Is told each change before it is made; a test cuts the power there.</param>
internal sealed class SlotWriter(UpgradeSlots slots, Action<string> say, Action<string> before)
{
    /// <summary>Beside the kernel image's own bytes: what a folder and an entry take, generously.</summary>
    private const long Reserve = 1 << 20;

    private const int PartsSaid = 10;

    private readonly SlotEntries _entries = new(slots.EspFolder, before);
    private readonly string _images = Path.Join(slots.EspFolder, NodeEsp.ImagesFolder);

    /// <summary>Of one write; whole blocks. No part is held in memory.</summary>
    public int BufferBytes { get; init; } = 1 << 20;

    /// <summary>What a kernel image may have: it takes the place of the one that the slot has.</summary>
    public long KernelBytes => slots.EspFreeBytes + (File.Exists(Uki) ? new FileInfo(Uki).Length : 0) - Reserve;

    private string Uki => Path.Join(slots.EspFolder, NodeEsp.ImageOf(slots.Other));

    /// <exception cref="BootFailure">It does not fit; nothing was written.</exception>
    public void RequireRoom(UpgradeManifest manifest)
    {
        long needed = Math.Max(manifest.RootBytes, manifest.SlotBytes);
        if (needed > slots.OtherBytes)
        {
            throw new BootFailure(
                "NODE0805", $"slot {slots.Other}", $"the image needs {needed} bytes, and there are {slots.OtherBytes}",
                "bake an image with a smaller root, or replace the machine by one with larger slots");
        }

        if (manifest.Delta is not null && slots.RunningRoot is null)
        {
            throw new BootFailure(
                "NODE0807", $"slot {slots.Running}",
                "the upgrade is a delta, and the running root is a folder, from which nothing can be copied",
                "take the whole upgrade");
        }

        if (manifest.UkiBytes > KernelBytes)
        {
            throw new BootFailure(
                "NODE0805", "the EFI system partition",
                $"the kernel image has {manifest.UkiBytes} bytes, and there is room for {KernelBytes}",
                "remove what does not belong there");
        }
    }

    /// <summary>Everything but the entry that starts it.</summary>
    /// <param name="artefact">From its first part on.</param>
    /// <param name="source">Is asked once all is read: whether the whole was what was promised.</param>
    public void Write(UpgradeArtefact artefact, Action source)
    {
        UpgradeManifest manifest = artefact.Manifest;
        _entries.Sweep();
        _entries.RemoveOf(slots.Other);
        try
        {
            WriteParts(artefact);
            artefact.Finish();
            source();
            Verify(manifest);
        }
        catch (Exception e)
            when (e is IOException or MalformedDataException or BootFailure or UnauthorizedAccessException)
        {
            TakeAway(manifest);
            throw;
        }
    }

    /// <summary>Makes the loader try what was written.</summary>
    public BootEntry Arm(string title, int number)
    {
        BootEntry entry = new() { Number = number, TriesLeft = BootEntries.Tries };
        _entries.Add(entry, title, slots.Other);
        return entry;
    }

    private void WriteParts(UpgradeArtefact artefact)
    {
        UpgradeManifest manifest = artefact.Manifest;
        if (manifest.Delta is null)
        {
            WriteUki(artefact.OpenUki(), manifest);
            WriteRoot(artefact.OpenRoot(), manifest);
            return;
        }

        string runningRoot = slots.RunningRoot ?? throw new InvalidOperationException("RequireRoom was not asked.");
        using (FileStream old = OpenOld(Path.Join(slots.EspFolder, NodeEsp.ImageOf(slots.Running))))
        using (Stream uki = UpgradeDelta.OpenUki(artefact.OpenUki(), old, manifest, UpgradeArtefact.UkiDeltaName))
        {
            WriteUki(uki, manifest);
        }

        using (FileStream old = OpenOld(runningRoot))
        using (Stream root = UpgradeDelta.OpenRoot(artefact.OpenRoot(), old, manifest, UpgradeArtefact.RootDeltaName))
        {
            WriteRoot(root, manifest);
        }
    }

    /// <summary>Read at any place, so in small parts that follow one another.</summary>
    private static FileStream OpenOld(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 1 << 16);

    private void WriteUki(Stream uki, UpgradeManifest manifest)
    {
        before("make EFI/images");
        Directory.CreateDirectory(_images);
        before("truncate the kernel image");
        using FileStream file = new(Uki, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        byte[] buffer = new byte[BufferBytes];
        for (int count; (count = uki.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)) > 0;)
        {
            before("write the kernel image");
            file.Write(buffer, 0, count);
        }

        before("sync the kernel image");
        file.Flush(flushToDisk: true);
        LinuxFiles.SyncFolder(_images);
        say($"kernel image of {Mebibytes(manifest.UkiBytes)} written");
    }

    /// <summary>
    /// The top of the hash tree comes last: /init looks at that block alone, so what is torn can never seem whole.
    /// </summary>
    private void WriteRoot(Stream root, UpgradeManifest manifest)
    {
        long topOffset = TopOffset(manifest);
        byte[] top = new byte[VerityTree.BlockSize], buffer = new byte[BufferBytes];
        using FileStream slot = OpenSlot(FileAccess.ReadWrite);
        WriteBlock(slot, topOffset, top, "clear the top of the tree");
        long written = 0;
        for (int count; (count = root.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false)) > 0;)
        {
            if (topOffset >= written && topOffset < written + count)
            {
                Span<byte> place = buffer.AsSpan((int)(topOffset - written), VerityTree.BlockSize);
                place.CopyTo(top);
                place.Clear();
            }

            before("write the root");
            slot.Position = written;
            slot.Write(buffer, 0, count);
            SayPart("root", written, written += count, manifest.RootBytes);
        }

        before("sync the root");
        slot.Flush(flushToDisk: true);
        WriteBlock(slot, topOffset, top, "write the top of the tree");
    }

    private void WriteBlock(FileStream slot, long offset, byte[] block, string what)
    {
        before(what);
        slot.Position = offset;
        slot.Write(block);
        before($"sync: {what}");
        slot.Flush(flushToDisk: true);
    }

    /// <exception cref="BootFailure">The disk gives back other bytes than it took.</exception>
    private void Verify(UpgradeManifest manifest)
    {
        try
        {
            VerifyRoot(manifest);
            VerifyUki(manifest);
        }
        catch (MalformedDataException e)
        {
            throw new BootFailure(
                "NODE0810", $"slot {slots.Other}",
                $"what was written reads back otherwise: {FaultText.Of(e).TrimEnd('.')}",
                "see the kernel's log for faults of the disk, and try again");
        }
    }

    private void VerifyRoot(UpgradeManifest manifest)
    {
        say("reading the slot again");
        using FileStream slot = OpenSlot(FileAccess.Read);
        LinuxFiles.ForgetCached(slot.SafeFileHandle);
        VerityInfo info = new()
        {
            RootHash = manifest.RootHash,
            Salt = manifest.Verity.Salt,
            DataBlocks = manifest.Verity.DataBlocks,
        };
        VerityTree.Verify(new StreamSection(slot, 0, manifest.RootBytes), info, slots.OtherRoot);
    }

    private void VerifyUki(UpgradeManifest manifest)
    {
        using FileStream file = new(Uki, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        LinuxFiles.ForgetCached(file.SafeFileHandle);
        string found = Convert.ToHexStringLower(SHA256.HashData(file));
        if (found != manifest.UkiSha256)
        {
            throw new MalformedDataException(
                Uki, -1, $"what was written reads back otherwise: its SHA-256 is {found}, not {manifest.UkiSha256}.");
        }
    }

    /// <summary>After a failure: nothing half stays, neither to be started nor to take room.</summary>
    private void TakeAway(UpgradeManifest manifest)
    {
        try
        {
            before("clean up");
            File.Delete(Uki);
            using FileStream slot = OpenSlot(FileAccess.ReadWrite);
            WriteBlock(slot, TopOffset(manifest), new byte[VerityTree.BlockSize], "clean up the slot");
            LinuxFiles.SyncFileSystem(slots.EspFolder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            say($"what was written could not be taken away; no entry leads to it: {FaultText.Of(e)}");
        }
    }

    private FileStream OpenSlot(FileAccess access) => new(
        slots.OtherRoot,
        access == FileAccess.Read ? FileMode.Open : FileMode.OpenOrCreate,
        access,
        FileShare.ReadWrite,
        bufferSize: 0);

    private void SayPart(string what, long from, long to, long of)
    {
        if (from * PartsSaid / of != to * PartsSaid / of)
        {
            say(string.Create(CultureInfo.InvariantCulture, $"{what}: {to * 100 / of} % of {Mebibytes(of)}"));
        }
    }

    private static long TopOffset(UpgradeManifest manifest) =>
        manifest.Verity.DataBlocks == 1 ? 0 : manifest.Verity.HashStartBlock * VerityTree.BlockSize;

    private static string Mebibytes(long bytes) =>
        string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:F1} MiB");
}
