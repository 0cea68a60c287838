using Images.Bootstrapper.Identity;
using Images.NodeConfig.Ssh;

namespace Images.Bootstrapper.HostKeys;

/// <summary>The host keys that sshd shows, as sshd-keys.service has left them, with whose they are.</summary>
internal sealed class HostKeyFiles(NodeRoot root, NodeState state)
{
    private const string Folder = "/state/ssh";
    private const string Pattern = "ssh_host_*_key.pub";

    /// <exception cref="IOException">There are none (yet).</exception>
    public byte[] Read()
    {
        SshPublicKey[] keys =
        [
            .. Directory.EnumerateFiles(root[Folder], Pattern).Order(StringComparer.Ordinal)
                .Select(path => SshPublicKey.TryParse(File.ReadAllText(path))).OfType<SshPublicKey>()
                .DistinctBy(key => key.Type, StringComparer.Ordinal),
        ];
        return keys.Length > 0
            ? new HostKeyWord
            {
                HostName = state.Identity.Hostname,
                Machine = MachineId.ReadForOthers(root),
                Roles = state.Identity.Roles,
                Keys = keys,
            }.ToJson()
            : throw new IOException($"{Folder}: no host key");
    }
}
