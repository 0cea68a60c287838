using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Images.Bootstrapper.Files;
using Images.Bootstrapper.Machine;
using Images.NodeConfig;

namespace Images.Bootstrapper.Identity;

/// <summary>
/// What the user said about another source of metadata, or another machine, than the remembered one: by
/// <c>bootstrapper accept</c>, which counts for the next boot, or by <c>node.accept=WORD</c> on the kernel command
/// line. The word derives from what is accepted, so one that stays there accepts nothing else later.
/// </summary>
internal sealed class Acceptance(NodeRoot root)
{
    private const string Key = "node.accept";
    private const int WordLength = 8;

    public bool Of(MetadataOrigin origin) => File.Exists(root[NodePaths.AcceptMetadata]) || IsNamed(Word(origin));

    public bool Of(MachineFingerprint machine) => File.Exists(root[NodePaths.AcceptMachine]) || IsNamed(Word(machine));

    /// <summary>How a message says what can be done.</summary>
    public static string Remedy(MetadataOrigin origin) =>
        $"run 'bootstrapper accept metadata' and reboot, or boot with {Key}={Word(origin)} on the kernel command line";

    public static string Remedy(MachineFingerprint machine) =>
        $"run 'bootstrapper accept machine' and reboot, or boot with {Key}={Word(machine)} on the kernel command line";

    public static void Mark(NodeRoot root, string path) => AtomicFile.Write(root[path], "", AtomicFile.OwnerOnly);

    /// <summary>To be called once the boot has decided: what was said counts once.</summary>
    public void Clear()
    {
        File.Delete(root[NodePaths.AcceptMetadata]);
        File.Delete(root[NodePaths.AcceptMachine]);
    }

    /// <summary>The command line that a container sees is its host's.</summary>
    private bool IsNamed(string word) =>
        !root.IsContainer && KernelCommandLine.HasWord(KernelCommandLine.Read(root), $"{Key}={word}");

    private static string Word(MetadataOrigin origin) => Word(Encoding.UTF8.GetBytes(origin.ToString()));

    private static string Word(MachineFingerprint machine) => Word(
        JsonSerializer.SerializeToUtf8Bytes(
            new MachineMemory { Machine = machine }, NodeIdentityJson.Default.MachineMemory));

    private static string Word(byte[] of) => Convert.ToHexStringLower(SHA256.HashData(of))[..WordLength];
}
