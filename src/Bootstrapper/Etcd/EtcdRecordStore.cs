using System.Security.Cryptography;
using System.Text.Json;
using Images.Bootstrapper.Files;
using Images.Bootstrapper.Reporting;

namespace Images.Bootstrapper.Etcd;

/// <summary>
/// The record on the state partition. <c>prepare</c> and the agent both change it, so each change is made under a lock
/// and is on disk before anything follows from it.
/// </summary>
internal sealed class EtcdRecordStore(NodeRoot root)
{
    /// <summary>A random member name: 64 bits, so that none ever returns.</summary>
    public static string NewName() => $"m-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";

    public EtcdRecord Load() => Change(record => record);

    /// <exception cref="BootFailure">The record is there and cannot be understood.</exception>
    public EtcdRecord Change(Func<EtcdRecord, EtcdRecord> change)
    {
        using FileLock held = FileLock.Take(root[EtcdPaths.RecordLock]);
        EtcdRecord? before = Read();
        EtcdRecord start = before ?? EtcdRecord.Blank(NewName());
        EtcdRecord after = change(start);
        if (before is null || after != start)
        {
            AtomicFile.Write(
                root[EtcdPaths.Record],
                JsonSerializer.SerializeToUtf8Bytes(after, EtcdJson.Default.EtcdRecord), AtomicFile.OwnerOnly);
        }

        return after;
    }

    private EtcdRecord? Read()
    {
        string path = root[EtcdPaths.Record];
        try
        {
            return File.Exists(path)
                ? JsonSerializer.Deserialize(File.ReadAllBytes(path), EtcdJson.Default.EtcdRecord)
                : null;
        }
        catch (JsonException e)
        {
            throw new BootFailure(
                "NODE0402", EtcdPaths.Record, $"the membership record cannot be read ({FaultText.Of(e)})",
                "run 'bootstrapper reset --yes' to let this machine join anew");
        }
    }
}
