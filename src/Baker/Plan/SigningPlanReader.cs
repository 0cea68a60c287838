using Images.NodeConfig;
using Images.NodeConfig.Yaml;

namespace Images.Baker.Plan;

/// <summary>
/// Reads <c>signing:</c> and <c>trust:</c> of image.yaml: with what a bake signs, and whose upgrades a node takes.
/// </summary>
internal sealed class SigningPlanReader(string folder)
{
    private const string Repository = ".git";

    /// <exception cref="ConfigurationException">A key lies where it would be committed.</exception>
    public SigningPlan ReadSigning(MappingReader map)
    {
        if (map.OptionalMapping("signing") is not { } signing)
        {
            return new SigningPlan();
        }

        SigningPlan plan = new() { Upgrades = OutsidePath(signing, "upgrades") };
        signing.RejectUnknownKeys();
        return plan;
    }

    /// <exception cref="ConfigurationException">Its text breaks a rule.</exception>
    public TrustPlan ReadTrust(MappingReader map)
    {
        if (map.OptionalMapping("trust") is not { } trust)
        {
            return new TrustPlan();
        }

        TrustPlan plan = new()
        {
            UpgradeKeys =
            [
                .. trust.RequiredSequence("upgrades")
                    .Select(item => Path.GetFullPath(Path.Combine(folder, MappingReader.Text(item, "upgrades")))),
            ],
            Minimum = trust.OptionalText("minimum"),
        };
        if (plan.Minimum is { } minimum && !Version.TryParse(minimum, out _))
        {
            throw trust.Error("minimum", $"'{minimum}' is no version.", "Write numbers with dots, as 1.4.0.");
        }

        trust.RejectUnknownKeys();
        return plan;
    }

    /// <summary>A private key in the repository is one that everybody has who has the repository.</summary>
    private string? OutsidePath(MappingReader map, string key)
    {
        if (map.OptionalText(key) is not { } written)
        {
            return null;
        }

        string path = Path.GetFullPath(Path.Combine(folder, written));
        string around = RepositoryAround(folder);
        return Path.GetRelativePath(around, path) is var relative
            && (relative.StartsWith("..", StringComparison.Ordinal) || Path.IsPathRooted(relative))
                ? path
                : throw map.Error(
                    key, $"The private key '{written}' lies in {around}, where it would be committed.",
                    "Keep it outside, as in ~/keys.");
    }

    /// <summary>The folder of image.yaml, or of the git repository that it belongs to.</summary>
    private static string RepositoryAround(string folder)
    {
        for (string? place = folder; place is not null; place = Path.GetDirectoryName(place))
        {
            if (Path.Exists(Path.Combine(place, Repository)))
            {
                return place;
            }
        }

        return folder;
    }
}
