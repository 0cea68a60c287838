namespace Images.Lab.Machines;

/// <summary>
/// What lets a pod of the pause image, which every node carries, run the machine's own programs: entries of
/// <c>volumeMounts: [ ]</c> and of <c>volumes: [ ]</c>.
/// </summary>
internal static class MachinePrograms
{
    public const string Mounts = "{ name: usr, mountPath: /usr, readOnly: true }, { name: bin, mountPath: /bin, readOnly: true }, "
        + "{ name: lib, mountPath: /lib, readOnly: true }, { name: lib64, mountPath: /lib64, readOnly: true }";

    public const string Volumes = "{ name: usr, hostPath: { path: /usr } }, { name: bin, hostPath: { path: /usr/bin } }, "
        + "{ name: lib, hostPath: { path: /usr/lib } }, { name: lib64, hostPath: { path: /usr/lib64 } }";
}
