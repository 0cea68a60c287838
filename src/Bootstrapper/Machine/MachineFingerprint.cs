namespace Images.Bootstrapper.Machine;

/// <summary>
/// By what a machine is told from a copy of its disk in another one. Each part is null where the firmware does not say
/// it, or says what makers leave in by default.
/// </summary>
internal sealed record MachineFingerprint
{
    /// <summary>What boards have whose maker set none: it is known of many.</summary>
    private static readonly Guid _amiDefault = new("03000200-0400-0500-0006-000700080009");

    private static readonly string[] _noSerials =
    [
        "none", "n/a", "unknown", "empty", "oem", "default string", "not specified", "not applicable",
        "not available", "to be filled by o.e.m.", "to be filled by oem", "system serial number",
        "base board serial number", "chassis serial number", "123456789", "0123456789", "1234567890",
    ];

    /// <summary>The cloud's own name of the instance with the cloud's, as <c>EC2 i-0abc</c>.</summary>
    public string? Instance { get; init; }

    public Guid? Uuid { get; init; }

    public string? BoardSerial { get; init; }

    public string? ChassisSerial { get; init; }

    public static MachineFingerprint Read(NodeRoot root) => Of(Dmi.Read(root), Platform.Of(root));

    public static MachineFingerprint Of(Dmi dmi, Platform? platform) => new()
    {
        Instance = InstanceOf(dmi, platform) is { } id ? $"{platform!.Name} {id}" : null,
        Uuid = Guid.TryParse(dmi.ProductUuid, out Guid uuid)
            && uuid != Guid.Empty && uuid != Guid.AllBitsSet && uuid != _amiDefault ? uuid : null,
        BoardSerial = Serial(dmi.BoardSerial),
        ChassisSerial = Serial(dmi.ChassisSerial),
    };

    /// <summary>
    /// What shows that this is another machine than <paramref name="before"/>; null where nothing does. The first part
    /// that both have decides: a board is replaced, and the machine is still the one whose uuid it has.
    /// </summary>
    public string? DifferenceFrom(MachineFingerprint before)
    {
        if (Instance is not null && before.Instance is not null && Cloud(Instance) == Cloud(before.Instance))
        {
            return Different("the instance", before.Instance, Instance);
        }

        if (Uuid is { } now && before.Uuid is { } then)
        {
            // SMBIOS before 2.6 and some firmwares since write the first groups the other way round
            return now == then || Swapped(now) == then
                ? null
                : Different("product_uuid", Shortened(then), Shortened(now));
        }

        return BoardSerial is not null && before.BoardSerial is not null
            ? Different("board_serial", before.BoardSerial, BoardSerial)
            : ChassisSerial is not null && before.ChassisSerial is not null
                ? Different("chassis_serial", before.ChassisSerial, ChassisSerial)
                : null;
    }

    /// <summary>With what is known from earlier where the firmware is silent now.</summary>
    public MachineFingerprint Over(MachineFingerprint before) => new()
    {
        Instance = Instance ?? before.Instance,
        Uuid = Uuid ?? before.Uuid,
        BoardSerial = BoardSerial ?? before.BoardSerial,
        ChassisSerial = ChassisSerial ?? before.ChassisSerial,
    };

    private static string? InstanceOf(Dmi dmi, Platform? platform) => platform?.Name switch
    {
        PlatformTable.Ec2 when dmi.BoardAssetTag.StartsWith("i-", StringComparison.Ordinal) => dmi.BoardAssetTag,
        "DigitalOcean" or "Hetzner" or "Vultr" => Serial(dmi.ProductSerial),
        _ => null,
    };

    private static string? Serial(string text) =>
        text.Distinct().Count() < 2 || _noSerials.Contains(text, StringComparer.OrdinalIgnoreCase) ? null : text;

    private static string Cloud(string instance) => instance.Split(' ', 2)[0];

    private static string? Different(string what, string then, string now) =>
        then == now ? null : $"{what} was {then} and is {now}";

    private static Guid Swapped(Guid uuid) => new(uuid.ToByteArray(), bigEndian: true);

    /// <summary>The kernel shows the whole to root only.</summary>
    private static string Shortened(Guid uuid) => $"{uuid:D}"[..8] + "…";
}
