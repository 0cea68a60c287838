// The rules and what they are about, read together.
#pragma warning disable MA0048
using System.Globalization;
using Images.Baker.Progress;
using Images.NodeConfig.Upgrades;

namespace Images.Baker.Upgrading;

/// <summary>How far one machine is on its way to an image.</summary>
internal enum ImageState
{
    /// <summary>It runs another one, and nothing of this one is there.</summary>
    Other,

    /// <summary>It lies in the other slot.</summary>
    Staged,

    /// <summary>The next boot tries it.</summary>
    Armed,

    /// <summary>It runs and is not kept yet.</summary>
    OnTrial,

    Kept,
}

/// <summary>Who is taken when: a machine of several roles goes with the first of them.</summary>
internal enum UpgradePhase
{
    Etcd,
    Master,
    Lb,
    Worker,
}

/// <summary>What is read off a machine's answer; pure.</summary>
internal static class UpgradeRules
{
    public const string Etcd = "etcd", Master = "master", Lb = "lb", Worker = "worker";

    public static ImageState StateOf(MachineLook look, string rootHash) =>
        look.RootHash == rootHash ? look.IsOnTrial ? ImageState.OnTrial : ImageState.Kept
        : look.Pending == rootHash ? ImageState.Armed
        : look.Staged == rootHash ? ImageState.Staged
        : ImageState.Other;

    public static UpgradePhase PhaseOf(MachineLook look) =>
        look.Has(Etcd) ? UpgradePhase.Etcd
        : look.Has(Master) ? UpgradePhase.Master
        : look.Has(Lb) ? UpgradePhase.Lb
        : UpgradePhase.Worker;

    /// <summary>Why a machine does not take an image; null where it does, as far as can be seen from here.</summary>
    /// <param name="again">Whether an image that was given up is tried again.</param>
    public static BakeException? Refusal(string host, MachineLook look, UpgradeManifest manifest, bool again) =>
        StateOf(look, manifest.RootHash) is ImageState.OnTrial or ImageState.Kept
            ? null
            : Unfit(host, look, manifest, again)
                ?? Skew(host, () => SkewRules.Etcd(look.Etcd, look.Etcd is null ? null : manifest.Etcd), "etcd")
                ?? Skew(host, () => SkewRules.Kubernetes(look.Kubernetes, manifest.Kubernetes), "Kubernetes");

    private static BakeException? Unfit(string host, MachineLook look, UpgradeManifest manifest, bool again)
    {
        return look.Name != manifest.Name
            ? Refused(
                $"runs the image '{look.Name}', and this is '{manifest.Name}'.",
                "Take the upgrade that was baked beside the machine's image, or replace the machine.")
        : look.Architecture != manifest.Architecture
            ? Refused($"is of {look.Architecture}, and the image of {manifest.Architecture}.", "Bake one for it.")
        : look.IsOnTrial
            ? Refused(
                $"has image {look.Version} on trial.",
                "Wait until that is kept or given up; a quarter of an hour at most.")
        : look.SlotBytes < Math.Max(manifest.RootBytes, manifest.SlotBytes)
            ? Refused(
                $"has slots of {ByteText.Size(look.SlotBytes.Value)}, and the image needs "
                    + $"{ByteText.Size(Math.Max(manifest.RootBytes, manifest.SlotBytes))}.",
                "Bake an image with a smaller root, or replace the machine by one with larger slots.")
        : look.KernelBytes < manifest.UkiBytes
            ? Refused(
                $"has room for {ByteText.Size(look.KernelBytes.Value)} on its EFI system partition, and the kernel "
                    + $"image has {ByteText.Size(manifest.UkiBytes)}.",
                "Remove from there what does not belong there.")
        : !again && look.Staged != manifest.RootHash && look.Failed.Contains(manifest.RootHash, StringComparer.Ordinal)
            ? Refused(
                $"has given this image up: {OneLine(look.LastFailure ?? "it does not say why")}.",
                "Mend what was wrong and add --again, or bake another image.")
        : null;

        BakeException Refused(string problem, string remedy) => new("BAKE0976", host, problem, remedy);
    }

    private static BakeException? Skew(string host, Func<SkewVerdict> judge, string what)
    {
        try
        {
            SkewVerdict verdict = judge();
            return verdict.IsAllowed
                ? null
                : new BakeException("BAKE0975", host, $"{what} {verdict.Reason}.", verdict.Remedy);
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            return MachineLook.Unreadable(host, "bootstrapper upgrade --look", e);
        }
    }

    /// <summary>What is worth knowing before a step from one Kubernetes to another.</summary>
    public static IReadOnlyList<string> Notes(IReadOnlyList<MachineLook> looks, UpgradeManifest manifest)
    {
        MachineLook[] masters = [.. looks.Where(look => look.Has(Master))];
        if (manifest.Kubernetes is not { } newer
            || masters.Select(look => look.Kubernetes).OfType<string>().MinBy(MinorOf) is not { } older)
        {
            return [];
        }

        return
        [
            .. RemovedApis.Between(MinorOf(older), MinorOf(newer)).Select(api =>
                $"no longer served since {api.Since}: {api.ApiVersion} {string.Join(", ", api.Kinds)} "
                    + $"(now {api.Instead})"),
            .. masters.Length > 1 && masters.Any(look => look.Has(Worker)) && !SkewRules.MayServe(older, newer)
                ? [$"kubelets of masters will be of {newer} while other masters are of {older}: let these be two roles"]
                : (string[])[],
        ];
    }

    /// <summary>A fault as a part of a sentence.</summary>
    public static string OneLine(string text) => text.ReplaceLineEndings(" ").TrimEnd('.', ' ');

    /// <summary>0 where that is no version.</summary>
    private static int MinorOf(string version) => version.Split('.', 3) is [_, string minor, ..]
        && int.TryParse(minor, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number
            : 0;
}
