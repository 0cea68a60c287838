namespace Images.Bootstrapper.Machine;

/// <summary>All that the table of platforms looks at. Nobody is asked over the network.</summary>
internal sealed record PlatformFacts
{
    private const string HypervisorUuidFile = "/sys/hypervisor/uuid";

    public required Dmi Dmi { get; init; }

    public string CommandLine { get; init; } = "";

    /// <summary>Of Xen, which has no SMBIOS of its own on some types; else empty.</summary>
    public string HypervisorUuid { get; init; } = "";

    public static PlatformFacts Read(NodeRoot root) => new()
    {
        Dmi = Dmi.Read(root),
        CommandLine = KernelCommandLine.Read(root),
        HypervisorUuid = ReadHypervisorUuid(root),
    };

    private static string ReadHypervisorUuid(NodeRoot root)
    {
        try
        {
            return File.ReadAllText(root[HypervisorUuidFile]).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
