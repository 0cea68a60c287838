using System.Runtime.InteropServices;
using System.Text;

namespace Images.Bootstrapper.Files;

/// <summary>The machine's name. It belongs to the UTS namespace, so a container has one of its own.</summary>
internal static partial class LinuxHost
{
    /// <summary>
    /// By sethostname(2): who is root in a user namespace may call it, and may not write /proc/sys/kernel/hostname.
    /// </summary>
    /// <exception cref="IOException">It is refused.</exception>
    public static void SetName(string name)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(name);
        if (sethostname(bytes, (nuint)bytes.Length) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            throw new IOException($"sethostname '{name}': {Marshal.GetPInvokeErrorMessage(error)}", error);
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int sethostname([In] byte[] name, nuint length);
}
