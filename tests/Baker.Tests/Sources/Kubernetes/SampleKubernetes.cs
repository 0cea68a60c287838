using System.Security.Cryptography;
using System.Text;
using Images.Baker.Plan;
using Images.Baker.Tests.Boot.Initramfs;
using Images.Baker.Tests.Cli;
using Images.Formats;
using Images.TestSupport;

namespace Images.Baker.Tests.Sources.Kubernetes;

/// <summary>Small programs that look like Kubernetes' own from outside, alone and in an archive of upstream's layout.</summary>
internal static class SampleKubernetes
{
    public const string Licence = "\n                                 Apache License\n                           Version 2.0, January 2004\n";

    /// <summary>A static program for x86-64 that holds the release's name, as Go's linker leaves it.</summary>
    public static byte[] Program(string name, string version, string? interpreter = null, params string[] needed)
    {
        byte[] program = HandMadeProgram.Create(interpreter, needed);
        program[18] = 62;
        return [.. program, .. Encoding.ASCII.GetBytes($"{name} v{version}")];
    }

    public static void WriteFolder(string folder, string version)
    {
        Directory.CreateDirectory(folder);
        foreach (string name in KubernetesProgramNames.All)
        {
            File.WriteAllBytes(Path.Combine(folder, name), Program(name, version));
        }
    }

    /// <summary>
    /// kubernetes-server-linux-amd64.tar.gz as upstream lays it out: folders first, image archives and tags beside the
    /// programs, licences and sources elsewhere.
    /// </summary>
    /// <param name="version">The release.</param>
    /// <param name="change">Takes entries out or puts some in.</param>
    public static byte[] Archive(string version, Action<List<byte[]>>? change = null)
    {
        List<byte[]> entries =
        [
            TarBytes.Entry("kubernetes/", '5'), TarBytes.Entry("kubernetes/addons/", '5'),
            TarBytes.Entry("kubernetes/LICENSES/", '5'), TarBytes.Entry("kubernetes/LICENSES/vendor/", '5'), TarBytes.Entry("kubernetes/LICENSES/vendor/LICENSE", content: "MIT\n"),
            TarBytes.Entry("kubernetes/LICENSES/LICENSE", content: Licence),
            TarBytes.Entry("kubernetes/server/", '5'), TarBytes.Entry("kubernetes/server/bin/", '5'),
            TarBytes.Entry("kubernetes/server/bin/kubeadm", content: "not wanted"), TarBytes.Entry("kubernetes/server/bin/kube-apiserver.docker_tag", content: $"v{version}"),
            TarBytes.Entry("kubernetes/server/bin/kube-apiserver.tar", content: "not wanted"),
            .. KubernetesProgramNames.All.Select(name => ProgramEntry(name, Program(name, version))),
            TarBytes.Entry("kubernetes/kubernetes-src.tar.gz", content: "not wanted"),
        ];
        change?.Invoke(entries);
        return SampleDeb.Gzip([.. entries.SelectMany(entry => entry), .. TarBytes.End]);
    }

    public static byte[] ProgramEntry(string name, byte[] content)
    {
        byte[] header = TarBytes.Entry($"kubernetes/server/bin/{name}", spoil: entry => TarBytes.Put(entry, 124, Convert.ToString(content.Length, 8).PadLeft(11, '0')));
        return [.. header, .. content, .. new byte[-content.Length & 511]];
    }

    public static Digest Sha512(byte[] bytes) => Digest.FromSha512(SHA512.HashData(bytes));
}
