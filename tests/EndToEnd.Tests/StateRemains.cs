using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Images.Lab.Machines;
using Images.TestSupport;

namespace Images.EndToEnd.Tests;

/// <summary>
/// What lies on the state partition of a machine whose power went, as its next boot will find it: read from a copy by
/// e2fsck, which replays the journal as the boot does, debugfs and openssl.
/// </summary>
internal sealed class StateRemains
{
    /// <summary>/init writes it to the head of the partition while it formats.</summary>
    private const string UnfinishedMark = "images: unfinished format";

    private static readonly string[] _leftoverEndings = [".partial", ".new"];

    private readonly SortedDictionary<string, string> _facts = new(StringComparer.Ordinal);

    private StateRemains()
    {
    }

    /// <summary>Everything that must never change again once it is there, by name.</summary>
    public IDictionary<string, string> Facts => _facts;

    /// <summary>Files and folders of ours that stand under a name for the time of writing only.</summary>
    public IReadOnlyList<string> Leftovers { get; private init; } = [];

    public static StateRemains Of(VirtualMachine machine)
    {
        using TemporaryFolder folder = new();
        string copy = folder["state"], root = Directory.CreateDirectory(folder["root"]).FullName;
        machine.CopyPartition("state", copy);
        if (!IsFormatted(copy))
        {
            return new StateRemains();
        }

        JudgeResult check = Judge.Try("e2fsck", "-p", copy);
        check.ExitCode.ShouldBeLessThan(4, $"e2fsck cannot mend the state partition by itself: {check.Output}{check.Error}");
        Judge.Run("debugfs", "-R", $"rdump / {root}", copy);
        StateRemains remains = new()
        {
            Leftovers = [.. Directory.EnumerateFileSystemEntries(root, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None })
                .Where(path => _leftoverEndings.Any(ending => path.EndsWith(ending, StringComparison.Ordinal)))
                .Select(path => Path.GetRelativePath(root, path)).Order(StringComparer.Ordinal)],
        };
        remains.Collect(root);
        return remains;
    }

    private static bool IsFormatted(string partition)
    {
        byte[] head = new byte[2048];
        using FileStream stream = File.OpenRead(partition);
        stream.ReadExactly(head);
        return head[1080] == 0x53 && head[1081] == 0xEF && !head.AsSpan().StartsWith(Encoding.ASCII.GetBytes(UnfinishedMark));
    }

    private void Collect(string root)
    {
        AddContent("machine-id", Path.Combine(root, "machine-id"));
        AddContent("identity", Path.Combine(root, "var/lib/bootstrapper/identity.json"));

        // not those in the folder where one is made: it counts once it stands under its name
        foreach (string key in Files(Path.Combine(root, "ssh"), "*_key").Where(path => !path.Contains("/.new/", StringComparison.Ordinal)))
        {
            AddDigest("ssh " + Path.GetFileName(key), key);
            AddDigest("ssh " + Path.GetFileName(key) + ".pub", key + ".pub");
        }

        string pki = Path.Combine(root, "var/lib/bootstrapper/pki");
        foreach (string certificate in Files(pki, "*.crt"))
        {
            _facts["certificate " + Path.GetRelativePath(pki, certificate)] = Judge.Run("openssl", "x509", "-in", certificate, "-noout", "-fingerprint", "-sha256");
        }

        foreach (string key in Files(pki, "*.key"))
        {
            _facts["key " + Path.GetRelativePath(pki, key)] = Judge.Run("openssl", "pkey", "-in", key, "-pubout");
        }

        CollectMembership(Path.Combine(root, "var/lib/bootstrapper/etcd/member.json"));
        CollectLog(Path.Combine(root, "var/lib/etcd/member/wal"));
    }

    private void CollectMembership(string path)
    {
        if (File.Exists(path))
        {
            using JsonDocument record = JsonDocument.Parse(File.ReadAllBytes(path));
            _facts["etcd member name"] = record.RootElement.GetProperty("name").GetString()!;
            foreach (string property in (string[])["configuration", "memberId"])
            {
                if (record.RootElement.TryGetProperty(property, out JsonElement value) && value.ValueKind != JsonValueKind.Null)
                {
                    _facts["etcd " + property] = value.GetRawText();
                }
            }
        }
    }

    private void CollectLog(string folder)
    {
        if (Files(folder, "*.wal").FirstOrDefault() is { } segment)
        {
            EtcdLogHead head = EtcdLogHead.Read(File.ReadAllBytes(segment));
            _facts["etcd log's member id"] = $"{head.MemberId}";
            _facts["etcd log's cluster id"] = $"{head.ClusterId}";
        }
    }

    private static IEnumerable<string> Files(string folder, string pattern) =>
        Directory.Exists(folder) ? Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories).Order(StringComparer.Ordinal) : [];

    private void AddContent(string name, string path)
    {
        if (File.Exists(path))
        {
            _facts[name] = File.ReadAllText(path);
        }
    }

    private void AddDigest(string name, string path)
    {
        if (File.Exists(path))
        {
            _facts[name] = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path)));
        }
    }
}
