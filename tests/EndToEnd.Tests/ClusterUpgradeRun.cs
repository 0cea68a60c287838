using System.Text.RegularExpressions;
using Images.Lab.Machines;
using Images.Lab.Networks;
using Images.TestSupport;

namespace Images.EndToEnd.Tests;

/// <summary>A run of <c>baker upgrade</c> beside the cluster, which finds the machines by the cluster's own DNS.</summary>
internal sealed class ClusterUpgradeRun : IDisposable
{
    private readonly TetheredProcess _process;
    private readonly List<string> _lines = [];

    public ClusterUpgradeRun(LabNetwork network, ClusterSeeds seeds, string folder, string image, params string[] more)
    {
        string resolver = Path.Combine(folder, "resolv.conf");
        File.WriteAllText(resolver, $"nameserver {LabNetwork.Gateway}\n");
        _process = new TetheredProcess(
            network.Enter([Judge.Find("unshare"), "--mount", "--"]),
            [
                "/bin/sh", "-c", "mount --bind \"$1\" /etc/resolv.conf && shift && exec \"$@\" 2>&1", "sh", resolver, Judge.Find("dotnet"), BakedImage.Baker,
                "upgrade", "--seeds", Path.GetDirectoryName(seeds.Secrets)!, "--ssh-key", seeds.SshKey, "--image", image, .. more,
            ],
            readsOutput: true);
    }

    public string Text => string.Join('\n', _lines);

    /// <summary>Until it says this; whoever disposes it then kills it in the middle of its work.</summary>
    public void WaitFor(string pattern)
    {
        while (_process.ReadLine() is { } line)
        {
            _lines.Add(line);
            if (Regex.IsMatch(line, pattern, RegexOptions.None, TimeSpan.FromSeconds(10)))
            {
                return;
            }
        }

        throw new MachineException($"The upgrade never said /{pattern}/. It said:\n{Text}");
    }

    /// <summary>Until it ends; returns all that it said.</summary>
    public string WaitForEnd()
    {
        while (_process.ReadLine() is { } line)
        {
            _lines.Add(line);
        }

        return Text;
    }

    public void Dispose() => _process.Dispose();
}
