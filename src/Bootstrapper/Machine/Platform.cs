namespace Images.Bootstrapper.Machine;

/// <summary>A cloud or hypervisor, and by what it was told.</summary>
/// <param name="Name">One of <see cref="PlatformTable.Names"/>.</param>
/// <param name="Because">The fact, for people: <c>sys_vendor "Hetzner"</c>.</param>
internal sealed record Platform(string Name, string Because)
{
    /// <summary>Whether the machine is an instance of Amazon EC2.</summary>
    public bool IsEc2 => Name == PlatformTable.Ec2;

    /// <summary>Null where nothing is recognised.</summary>
    public static Platform? Of(NodeRoot root) => root.IsContainer ? null : PlatformTable.Find(PlatformFacts.Read(root));

    /// <summary>For <c>why</c>: what the machine is taken for, or by what it was not recognised.</summary>
    public static string Describe(NodeRoot root)
    {
        PlatformFacts facts = PlatformFacts.Read(root);
        if (PlatformTable.Unknown(facts) is { } unknown)
        {
            return $"{PlatformTable.Word}={unknown} is no platform that this image knows; "
                + $"the names are {string.Join(", ", PlatformTable.Names)} and {PlatformTable.None}";
        }

        return PlatformTable.Find(facts) is { } found
            ? $"platform {found.Name} ({found.Because}); this image asks no metadata address of a cloud by itself"
            : $"platform not recognised (sys_vendor \"{facts.Dmi.SystemVendor}\", "
                + $"product_name \"{facts.Dmi.ProductName}\")";
    }
}
