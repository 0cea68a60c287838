namespace Images.Bootstrapper.Identity;

/// <summary>
/// Whether the machine is an instance of Amazon EC2, by what its firmware or its Xen says (docs.aws.amazon.com,
/// "Detect whether a host is an EC2 instance"). Nobody is asked over the network.
/// </summary>
internal static class Ec2Instance
{
    private const string Vendor = "/sys/class/dmi/id/sys_vendor";
    private const string XenUuid = "/sys/hypervisor/uuid";

    /// <summary>In a container never: those files are the host's.</summary>
    public static bool IsThis(NodeRoot root) => !root.IsContainer
        && (Read(root, Vendor) == "Amazon EC2"
            || Read(root, XenUuid).StartsWith("ec2", StringComparison.OrdinalIgnoreCase));

    private static string Read(NodeRoot root, string path)
    {
        try
        {
            return File.ReadAllText(root[path]).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
