namespace Images.Bootstrapper.Cli;

/// <summary>What <c>bootstrapper upgrade</c> was told.</summary>
/// <param name="Place">What to read; empty where <paramref name="Armed"/> is given.</param>
/// <param name="Sha256">Of the whole; null for none.</param>
/// <param name="Reboot">Whether the machine restarts into the image.</param>
/// <param name="Again">Whether an image that was given up may be tried again.</param>
/// <param name="StageOnly">Write the slot, and let nothing lead to it.</param>
/// <param name="Armed">Root hash of what was staged before, to be tried now; null for none.</param>
internal sealed record UpgradeArguments(
    string Place, string? Sha256, bool Reboot, bool Again, bool StageOnly, string? Armed)
{
    /// <summary>Null for what the usage does not show.</summary>
    public static UpgradeArguments? Parse(IReadOnlyList<string> arguments)
    {
        UpgradeArguments wanted = new(
            "", Sha256: null, Reboot: true, Again: false, StageOnly: false, Armed: null);
        for (int i = 0; i < arguments.Count; i++)
        {
            switch (arguments[i])
            {
                case "--no-reboot":
                    wanted = wanted with { Reboot = false };
                    break;
                case "--stage":
                    wanted = wanted with { StageOnly = true };
                    break;
                case "--arm" when i + 1 < arguments.Count:
                    wanted = wanted with { Armed = arguments[++i] };
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

        // either something to write, or what was written
        return wanted.Place.Length == 0 == wanted.Armed is null || (wanted.StageOnly && wanted.Armed is not null)
            ? null
            : wanted;
    }
}
