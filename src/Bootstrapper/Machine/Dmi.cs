namespace Images.Bootstrapper.Machine;

/// <summary>
/// What the firmware says of the machine (SMBIOS), as the kernel shows it in one file a fact. It is read once: none of
/// it changes while the machine runs.
/// </summary>
internal sealed class Dmi
{
    private const string Folder = "/sys/class/dmi/id";

    private readonly Dictionary<string, string> _facts;

    private Dmi(Dictionary<string, string> facts) => _facts = facts;

    public string SystemVendor => this["sys_vendor"];

    public string ProductName => this["product_name"];

    public string ProductSerial => this["product_serial"];

    public string ProductUuid => this["product_uuid"];

    public string BiosVendor => this["bios_vendor"];

    public string BoardSerial => this["board_serial"];

    public string BoardAssetTag => this["board_asset_tag"];

    public string ChassisSerial => this["chassis_serial"];

    public string ChassisAssetTag => this["chassis_asset_tag"];

    /// <param name="name">As the kernel calls it.</param>
    /// <returns>Empty when the firmware does not say it.</returns>
    public string this[string name] => _facts.GetValueOrDefault(name, "");

    /// <summary>Null when the firmware does not say it.</summary>
    public string? Find(string name) => _facts.GetValueOrDefault(name);

    public static Dmi Of(IReadOnlyDictionary<string, string> facts) => new(new(facts, StringComparer.Ordinal));

    /// <summary>Of a container nothing: what it sees is its host's.</summary>
    public static Dmi Read(NodeRoot root)
    {
        Dictionary<string, string> facts = new(StringComparer.Ordinal);
        foreach (string path in root.IsContainer || !Directory.Exists(root[Folder])
            ? []
            : Directory.EnumerateFiles(root[Folder]))
        {
            try
            {
                facts[Path.GetFileName(path)] = File.ReadAllText(path).Trim();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // a fact that this firmware lacks, or that only root may read
            }
        }

        return new Dmi(facts);
    }
}
