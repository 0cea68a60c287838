using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Images.Bootstrapper.Upgrade;

/// <summary>
/// The EFI system partition, writable, for as long as this object lives and in no folder of the machine: a mount that
/// is attached nowhere and reached by its descriptor. It ends with the process, however that ends.
/// </summary>
internal sealed partial class EspMount : IDisposable
{
    private const uint CloseOnExec = 1;
    private const uint SetFlag = 0, SetString = 1, Create = 6;
    private const uint NoSetId = 2, NoDevices = 4, NoExecution = 8;
    private const int Busy = 16;

    private readonly SafeFileHandle _mount;

    private EspMount(SafeFileHandle mount) => _mount = mount;

    public string Folder => $"/proc/self/fd/{_mount.DangerousGetHandle()}";

    /// <summary>Null where it is mounted elsewhere with other options.</summary>
    /// <exception cref="IOException">It cannot be mounted.</exception>
    public static EspMount? TryOpen(string device)
    {
        using SafeFileHandle context = Own(fsopen("vfat", CloseOnExec), "fsopen vfat");
        foreach ((string key, string value) in ((string, string)[])[("source", device), ("umask", "0077")])
        {
            Require(fsconfig(context, SetString, key, value, 0), $"fsconfig {key}={value}");
        }

        Require(fsconfig(context, SetFlag, "rw", null, 0), "fsconfig rw");
        if (fsconfig(context, Create, null, null, 0) != 0)
        {
            return Marshal.GetLastPInvokeError() == Busy ? null : throw Failure($"mount {device}");
        }

        return new EspMount(Own(fsmount(context, CloseOnExec, NoSetId | NoDevices | NoExecution), "fsmount"));
    }

    public void Dispose() => _mount.Dispose();

    private static SafeFileHandle Own(int descriptor, string call) =>
        descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw Failure(call);

    private static void Require(int result, string call)
    {
        if (result != 0)
        {
            throw Failure(call);
        }
    }

    private static IOException Failure(string call)
    {
        int error = Marshal.GetLastPInvokeError();
        return new IOException($"{call}: {Marshal.GetPInvokeErrorMessage(error)}", error);
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int fsopen(string name, uint flags);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int fsconfig(
        SafeFileHandle context, uint command, string? key, string? value, int auxiliary);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsmount(SafeFileHandle context, uint flags, uint attributes);
}
