using System.Security.Cryptography;

namespace Images.Bootstrapper.Identity;

/// <summary>The machine-id that the initramfs made or found; see machine-id(5).</summary>
internal static class MachineId
{
    /// <summary>Where the initramfs keeps it from boot to boot.</summary>
    public const string Kept = "/state/machine-id";

    private const string Path = "/etc/machine-id";
    private const int Length = 32;

    /// <exception cref="BootFailure">There is none.</exception>
    public static string Read(NodeRoot root)
    {
        string text = File.Exists(root[Path]) ? File.ReadAllText(root[Path]).Trim() : "";
        return text.Length == Length && text.All(char.IsAsciiHexDigitLower)
            ? text
            : throw new BootFailure(
                "NODE0105", Path, "this is no machine-id", "boot the machine with its initramfs, which makes one");
    }

    /// <summary>
    /// What others may know it by: machine-id(5) wants the id itself kept from the network, and derives from it by
    /// HMAC-SHA256, as here, what an application shows.
    /// </summary>
    /// <returns>32 hexadecimal digits.</returns>
    /// <exception cref="BootFailure">There is none.</exception>
    public static string ReadForOthers(NodeRoot root) => Convert.ToHexStringLower(
        HMACSHA256.HashData(Convert.FromHexString(Read(root)), "images host keys"u8)[..(Length / 2)]);
}
