using System.Text.RegularExpressions;
using Images.TestSupport;

namespace Images.EndToEnd.Tests;

/// <summary>The image's haproxy and keepalived judge each file of theirs among the goldens, with certificates made for it.</summary>
[Collection(UnpackedImage.Shared)]
public sealed partial class LoadBalancingFilesTests(UnpackedImage image)
{
    private static readonly string _goldens = Path.Combine(Checkout.Folder, "tests", "Bootstrapper.Tests", "Roles", "testdata", "goldens", "load-balancing");

    [Fact]
    public void Haproxy_and_keepalived_take_every_file_that_machines_get()
    {
        Dictionary<string, int> judged = new(StringComparer.Ordinal);
        foreach ((string golden, string path, string text) in Files())
        {
            if (ProgramOf(path) is not { } program)
            {
                continue;
            }

            JudgeResult verdict = Ask(program, text);
            verdict.ExitCode.ShouldBe(0, $"{golden} {path}\n{verdict.Output}{verdict.Error}");
            (verdict.Output + verdict.Error).ShouldNotContain("WARNING", Case.Sensitive, $"{golden} {path}");
            judged[program] = judged.GetValueOrDefault(program) + 1;
        }

        (judged["/usr/sbin/haproxy"], judged["/usr/sbin/keepalived"], judged["/usr/sbin/nft"]).ShouldBe((6, 3, 3));
    }

    [Fact]
    public void They_would_have_said_what_is_wrong()
    {
        (string _, string _, string text) = Files().First(file => file.Path.EndsWith("api-forwarder.cfg", StringComparison.Ordinal));
        Ask("/usr/sbin/haproxy", text.Replace("timeout connect", "timeout conect", StringComparison.Ordinal)).ExitCode.ShouldNotBe(0);
        (string _, string _, string vrrp) = Files().First(file => file.Path.EndsWith("keepalived.conf", StringComparison.Ordinal));
        Ask("/usr/sbin/keepalived", vrrp.Replace("virtual_router_id", "virtual_router", StringComparison.Ordinal)).ExitCode.ShouldNotBe(0);
        (string _, string _, string table) = Files().First(file => file.Path.EndsWith("images-services.nft", StringComparison.Ordinal));
        Ask("/usr/sbin/nft", table.Replace("policy accept", "policy perhaps", StringComparison.Ordinal)).ExitCode.ShouldNotBe(0);
    }

    /// <summary>Null for what no program reads that could be asked.</summary>
    private static string? ProgramOf(string path) => path switch
    {
        _ when path.EndsWith("/keepalived.conf", StringComparison.Ordinal) => "/usr/sbin/keepalived",
        _ when path.EndsWith(".cfg", StringComparison.Ordinal) => "/usr/sbin/haproxy",
        _ when path.EndsWith(".nft", StringComparison.Ordinal) => "/usr/sbin/nft",
        _ => null,
    };

    private static IEnumerable<(string Golden, string Path, string Text)> Files() =>
        from golden in Directory.EnumerateFiles(_goldens, "*.txt").Order(StringComparer.Ordinal)
        let parts = Heading().Split(File.ReadAllText(golden))
        from part in parts.Skip(1).Chunk(2)
        select (Path.GetFileName(golden), part[0], part[1]);

    private JudgeResult Ask(string program, string text)
    {
        using TemporaryFolder folder = new();
        AuthorityPem authority = AuthorityPem.Create("judge");
        File.WriteAllText(folder["ca.crt"], authority.Certificate);
        File.WriteAllText(folder["pair.pem"], authority.Certificate + authority.Key);
        File.WriteAllText(folder["file"], CertificateFile().Replace(CaFile().Replace(text, "ca-file /tmp/ca.crt"), "crt /tmp/pair.pem"));
        string[] arguments = program.EndsWith("keepalived", StringComparison.Ordinal) ? ["--config-test", "--use-file=/tmp/file"] : ["-c", "-f", "/tmp/file"];
        return Judge.Try(
            "unshare",
            [
                "--map-root-user", "--mount", "--net", "sh", "-c",
                "ip link add eth0 type veth peer name eth1 && mount -t tmpfs run \"$0/run\" && mkdir \"$0/run/bootstrapper\" && mount --rbind /dev \"$0/dev\" && mount --bind \"$1\" \"$0/tmp\" && shift && exec unshare --root=\"$0\" \"$@\"", image.Root, folder.FullPath, program, .. arguments,
            ]);
    }

    [GeneratedRegex(@"^=== (\S+) [0-7]{4} \S+\n", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"ca-file \S+")]
    private static partial Regex CaFile();

    [GeneratedRegex(@"\bcrt /\S+")]
    private static partial Regex CertificateFile();
}
