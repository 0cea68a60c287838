namespace Images.Bootstrapper.Machine;

/// <summary>
/// Which platform a machine runs on, by what is local and the platform's own: asking an address "are you there" would
/// let anybody on the link answer. The first row that fits counts. README.md beside this file has the sources.
/// </summary>
internal static class PlatformTable
{
    public const string Ec2 = "EC2";

    /// <summary>
    /// The kernel command line's word that overrides the table, for machines whose firmware is silent.
    /// </summary>
    public const string Word = "images.platform";

    /// <summary>The value of that word which switches the table off.</summary>
    public const string None = "none";

    private static readonly Row[] _rows =
    [
        new(Ec2, facts => Is(facts, "sys_vendor", "Amazon EC2") ?? Is(facts, "bios_vendor", "Amazon EC2")
            ?? Ec2Hypervisor(facts) ?? Ec2Uuid(facts)),
        new("Brightbox", facts => Ends(facts, "product_serial", ".brightbox.com")),
        new("ZStack", facts => Ends(facts, "chassis_asset_tag", ".zstack.io")),
        new("e24cloud", facts => Is(facts, "sys_vendor", "e24cloud")),
        new("Tilaa", facts => Is(facts, "sys_vendor", "Tilaa")),
        new("Outscale", facts => Is(facts, "sys_vendor", "3DS Outscale") is null
            ? null
            : Is(facts, "product_name", "3DS Outscale VM")),
        new("GCE", facts => Is(facts, "product_name", "Google Compute Engine", "Google")
            ?? Starts(facts, "product_serial", "GoogleCloud-")),
        new("Azure", facts => Is(facts, "chassis_asset_tag", "7783-7084-3265-9085-8269-3286-77")),
        new("OpenStack", facts => Is(facts, "product_name", "OpenStack Nova", "OpenStack Compute")
            ?? Is(
                facts, "chassis_asset_tag", "OpenStack Nova", "OpenStack Compute", "OpenTelekomCloud", "SAP CCloud VM",
                "HUAWEICLOUD", "Samsung Cloud Platform")),
        new("DigitalOcean", facts => Is(facts, "sys_vendor", "DigitalOcean")),
        new("Hetzner", facts => Is(facts, "sys_vendor", "Hetzner")),
        new("Oracle", facts => Is(facts, "chassis_asset_tag", "OracleCloud.com")),
        new("Vultr", facts => Is(facts, "sys_vendor", "Vultr") ?? HasWord(facts, "vultr")),
        new("Scaleway", facts => Is(facts, "sys_vendor", "Scaleway") ?? HasWord(facts, "scaleway")),
        new("UpCloud", facts => Is(facts, "sys_vendor", "UpCloud")),
        new("Exoscale", facts => Starts(facts, "product_name", "Exoscale")),
        new("CloudStack", facts => Starts(facts, "product_name", "CloudStack")),
        new("Akamai", facts => Is(facts, "sys_vendor", "Linode", "Akamai")),
        new("Alibaba", facts => Is(facts, "product_name", "Alibaba Cloud ECS")),
        new("CloudCIX", facts => Is(facts, "product_name", "CloudCIX")),
        new("CloudSigma", facts => Is(facts, "product_name", "CloudSigma")),
        new("SmartOS", facts => Starts(facts, "product_name", "SmartDC")),
        new("NWCS", facts => Is(facts, "sys_vendor", "NWCS")),
        new("KubeVirt", facts => Is(facts, "product_name", "KubeVirt")),
        new("Nutanix", facts => Is(facts, "sys_vendor", "Nutanix")),
        new("VirtualBox", facts => Is(facts, "product_name", "VirtualBox")),
        new("VMware", facts => Contains(facts, "product_name", "vmware")),
        new("Hyper-V", facts => Is(facts, "sys_vendor", "Microsoft Corporation") is null
            ? null
            : Is(facts, "product_name", "Virtual Machine")),
        // its machines are their makers': nothing of the firmware tells, so it comes by the word alone
        new("Equinix", _ => null),
    ];

    /// <summary>All that the word may name, besides <see cref="None"/>.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. _rows.Select(row => row.Name)];

    /// <summary>Null where nothing is recognised, or the word says so.</summary>
    public static Platform? Find(PlatformFacts facts)
    {
        if (KernelCommandLine.Value(facts.CommandLine, Word) is { } named)
        {
            return _rows.FirstOrDefault(row => row.IsCalled(named)) is { } row
                ? new Platform(row.Name, $"{Word}={named} on the kernel command line")
                : null;
        }

        return _rows
            .Select(row => row.Tells(facts) is { } because ? new Platform(row.Name, because) : null)
            .FirstOrDefault(platform => platform is not null);
    }

    /// <summary>What the word names where that is no platform; null where there is no word or a right one.</summary>
    public static string? Unknown(PlatformFacts facts) =>
        KernelCommandLine.Value(facts.CommandLine, Word) is { } named && named != None
            && !_rows.Any(row => row.IsCalled(named))
            ? named
            : null;

    private static string? Ec2Hypervisor(PlatformFacts facts) =>
        facts.HypervisorUuid.StartsWith("ec2", StringComparison.OrdinalIgnoreCase)
            ? $"Xen's uuid \"{facts.HypervisorUuid}\""
            : null;

    /// <summary>
    /// A uuid alone decides nothing: one random uuid in 2,000 begins so in one of the two orders. An instance's serial
    /// number begins so as well.
    /// </summary>
    private static string? Ec2Uuid(PlatformFacts facts) =>
        IsEc2(facts.Dmi.ProductUuid) && IsEc2(facts.Dmi.ProductSerial)
            ? Fact("product_uuid", facts.Dmi.ProductUuid)
            : null;

    /// <summary>Also where the firmware shows the first group with its bytes swapped: 45e12aec is ec2ae145.</summary>
    private static bool IsEc2(string uuid) =>
        uuid.StartsWith("ec2", StringComparison.OrdinalIgnoreCase)
        || (uuid.Length > 8 && uuid[8] == '-' && uuid[4] == '2'
            && uuid[6..8].Equals("ec", StringComparison.OrdinalIgnoreCase));

    private static string? Is(PlatformFacts facts, string fact, params ReadOnlySpan<string> values) =>
        values.Contains(facts.Dmi[fact]) ? Fact(fact, facts.Dmi[fact]) : null;

    private static string? Starts(PlatformFacts facts, string fact, string start) =>
        facts.Dmi[fact].StartsWith(start, StringComparison.Ordinal) ? Fact(fact, facts.Dmi[fact]) : null;

    private static string? Ends(PlatformFacts facts, string fact, string end) =>
        facts.Dmi[fact].EndsWith(end, StringComparison.Ordinal) ? Fact(fact, facts.Dmi[fact]) : null;

    private static string? Contains(PlatformFacts facts, string fact, string part) =>
        facts.Dmi[fact].Contains(part, StringComparison.OrdinalIgnoreCase) ? Fact(fact, facts.Dmi[fact]) : null;

    /// <summary>A whole word: a host name or a URL that only holds it means nothing.</summary>
    private static string? HasWord(PlatformFacts facts, string word) =>
        KernelCommandLine.HasWord(facts.CommandLine, word) ? $"the word {word} on the kernel command line" : null;

    private static string Fact(string name, string value) => $"{name} \"{value}\"";

    private sealed record Row(string Name, Func<PlatformFacts, string?> Tells)
    {
        public bool IsCalled(string name) => Name.Equals(name, StringComparison.OrdinalIgnoreCase);
    }
}
