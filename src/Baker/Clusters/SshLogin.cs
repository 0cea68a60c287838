using System.Text;
using Images.Baker.Pki;
using Images.Baker.Seeds;
using Images.Launcher.Programs;

namespace Images.Baker.Clusters;

/// <summary>The cluster's own key for ssh, and the command that logs in with it.</summary>
internal static class SshLogin
{
    private const string User = "admin";
    private const string Port = "22";
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    /// <summary>The key's public line; made at the first call.</summary>
    public static string PublicKey(ClusterPlace place)
    {
        if (!File.Exists(place.SshKey))
        {
            SshKeyPair pair = SshKeyPair.Create($"baker cluster {place.Name}");
            PrivateFile.WriteTogether(
                (place.SshKey, stream => stream.Write(Encoding.ASCII.GetBytes(pair.Private.Reveal()))),
                (place.SshKey + ".pub", stream => stream.Write(Encoding.ASCII.GetBytes(pair.Public + "\n"))));
        }

        return File.ReadAllText(place.SshKey + ".pub").Trim();
    }

    /// <summary>The command that logs in on a node, through a port of 127.0.0.1 that leads there.</summary>
    /// <exception cref="BakeException">The node does not run, or its seed knows no key of the cluster's.</exception>
    public static async Task<IReadOnlyList<string>> PrepareAsync(
        ClusterPlace place, string node, IReadOnlyList<string> command)
    {
        if (place.ReadPlan().Require(node).Roles.Count == 0)
        {
            throw new BakeException(
                "BAKE0955",
                node,
                "knows no key: a node without a role has no seed.",
                $"Use 'baker cluster exec {node} -- COMMAND'.");
        }

        if (!File.Exists(place.SshKey))
        {
            throw new BakeException(
                "BAKE0955",
                place.Name,
                "has no key of its own: its seeds came from --seeds.",
                "Use ssh with the key that stands in them, or 'baker cluster exec'.");
        }

        NodeView view = await NodeView.FindRunningAsync(place, node, CancellationToken.None).ConfigureAwait(false);
        ControlRequest relay = new() { Command = ControlCommands.Relay, Node = node, Arguments = [Port] };
        ControlAnswer answer = await ControlClient.AskAsync(place, relay, CancellationToken.None).ConfigureAwait(false);
        return
        [
            HostProgram.Require("ssh"), "-i", place.SshKey, "-p", answer.Text!, "-o", "IdentitiesOnly=yes",
            "-o", $"HostKeyAlias={node}.{place.Name}", "-o", $"UserKnownHostsFile={WriteHostKeys(place, view)}",
            "-o", "GlobalKnownHostsFile=/dev/null", "-o", "StrictHostKeyChecking=yes", "-o", "LogLevel=ERROR",
            $"{User}@127.0.0.1", .. command,
        ];
    }

    /// <summary>
    /// The keys that the node must show, as they lie in it, which are read without a network: a type and base64 each.
    /// </summary>
    public static IReadOnlyList<string> ReadHostKeys(NodeView node) =>
        HostProgram.Run([.. node.Entrance, "/bin/sh", "-c", "cat /state/ssh/*.pub"], _patience)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static string WriteHostKeys(ClusterPlace place, NodeView node)
    {
        string path = Path.Combine(place.Folder, $"known-hosts.{node.Name}");
        PrivateFile.Write(path, string.Concat(ReadHostKeys(node).Select(key => $"{node.Name}.{place.Name} {key}\n")));
        return path;
    }
}
