namespace Images.Bootstrapper.Cli;

/// <summary>What <c>bootstrapper upgrade</c> was told.</summary>
internal sealed record UpgradeArguments(string Place, string? Sha256, bool Reboot, bool Again)
{
    /// <summary>Null for what the usage does not show.</summary>
    public static UpgradeArguments? Parse(IReadOnlyList<string> arguments)
    {
        UpgradeArguments wanted = new("", Sha256: null, Reboot: true, Again: false);
        for (int i = 0; i < arguments.Count; i++)
        {
            switch (arguments[i])
            {
                case "--no-reboot":
                    wanted = wanted with { Reboot = false };
                    break;
                case "--again":
                    wanted = wanted with { Again = true };
                    break;
                case "--sha256" when i + 1 < arguments.Count:
                    wanted = wanted with { Sha256 = arguments[++i] };
                    break;
                case string place when wanted.Place.Length == 0 && (place == "-" || !place.StartsWith('-')):
                    wanted = wanted with { Place = place };
                    break;
                default:
                    return null;
            }
        }

        return wanted.Place.Length == 0 ? null : wanted;
    }
}
