using Images.Baker.Progress;
using Images.NodeConfig;
using Images.NodeConfig.Upgrades;

namespace Images.Baker.Comparing;

/// <summary>A comparison for people. What stands in the images is shown without control characters.</summary>
internal static class DiffText
{
    public static void Write(ImageDiff diff, TextWriter output)
    {
        Say($"{diff.OldVersion} → {diff.NewVersion}");
        if (diff.IsSame)
        {
            Say("The roots are the same, byte for byte.");
            return;
        }

        Say(diff.OldKernel == diff.NewKernel
            ? $"kernel      the same, {diff.NewKernel}"
            : $"kernel      {diff.OldKernel} → {diff.NewKernel}");
        Judge("Kubernetes", diff.Kubernetes);
        Judge("etcd", diff.Etcd);
        Say(
            $"size        {ByteText.Size(diff.RootBytes)} in slots of "
                + $"{ByteText.Size(diff.SlotBytes)}{(diff.Fits ? "" : ": DOES NOT FIT")}");
        foreach (RemovedApi api in diff.RemovedApis)
        {
            Say(
                $"no longer served since {api.Since}: "
                    + $"{api.ApiVersion} {string.Join(", ", api.Kinds)} (now {api.Instead})");
        }

        Group($"{diff.Packages.Count} packages", diff.Packages.Select(package => (package.Old, package.New) switch
        {
            (null, { } added) => $"+ {package.Name} {added}",
            ({ } gone, null) => $"- {package.Name} {gone}",
            _ => $"~ {package.Name} {package.Old} → {package.New}",
        }));
        Group($"{diff.Units.Count} units", diff.Units.Select(file => $"{file.Change} {file.Path}"));
        Group($"{diff.RoleFiles.Count} files of roles", diff.RoleFiles.Select(file => $"{file.Change} {file.Path}"));
        Group($"{diff.Flags.Count} flags", diff.Flags.Select(flag => $"{flag.Change} {flag.Flag}  ({flag.File})"));
        Say($"{diff.OtherFiles} other files");
        Say(diff.IsAllowed
            ? "Machines of the older image may take the newer one."
            : "Machines of the older image may NOT take the newer one.");

        void Judge(string what, SkewVerdict verdict)
        {
            Say($"{what,-11} {verdict.Reason}{(verdict.IsAllowed ? "" : ": NOT ALLOWED")}");
            if (!verdict.IsAllowed)
            {
                Say($"            {verdict.Remedy}");
            }
        }

        void Group(string title, IEnumerable<string> lines)
        {
            Say(title);
            foreach (string line in lines)
            {
                Say($"  {line}");
            }
        }

        void Say(string line) => output.WriteLine(PlainText.Of(line));
    }
}
