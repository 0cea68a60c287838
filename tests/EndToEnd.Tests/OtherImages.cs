using Images.Lab.Machines;
using Images.TestSupport;

namespace Images.EndToEnd.Tests;

/// <summary>Upgrades to images that differ from the build's: of another version, and perhaps in more.</summary>
internal static class OtherImages
{
    /// <summary>One of whose services fails at each start.</summary>
    public static string BakeAiling(string folder, string version) => BakeWith(folder, version, "ailing.service", "/usr/bin/false");

    /// <summary>One that stays on trial for some seconds: a container would pass it within one.</summary>
    public static string BakeSlow(string folder, string version) => BakeWith(folder, version, "slow.service", "/usr/bin/sleep 4");

    private static string BakeWith(string folder, string version, string service, string command) => Bake(folder, version, project =>
    {
        File.WriteAllText(
            Path.Combine(project, "roles/common/units", service),
            $"[Unit]\nDescription={service}\n[Service]\nType=oneshot\nExecStart={command}\n[Install]\nWantedBy=multi-user.target\n");
        Replace(Path.Combine(project, "roles/common/common.yaml"), "\nenable:\n", $"\nenable:\n  - {service}\n");
    });

    /// <returns>The upgrade that the bake leaves beside the disk. The image has no Kubernetes.</returns>
    public static string Bake(string folder, string version, Action<string>? change = null) => Bake(folder, version, "none", change);

    /// <summary>Likewise, with the Kubernetes of the build's image.</summary>
    public static string BakeWithKubernetes(string folder, string version) => Bake(folder, version, "debian", change: null);

    private static string Bake(string folder, string version, string kubernetes, Action<string>? change)
    {
        string project = Path.Combine(folder, version);
        Judge.Run("rm", "-rf", project);
        Directory.CreateDirectory(project);
        Judge.Run("cp", ["-r", .. ((string[])["image.yaml", "image.lock.json", "roles", "keys"]).Select(input => Path.Combine(Checkout.Folder, input)), project]);
        string plan = Path.Combine(project, "image.yaml"), output = Path.Combine(project, "out");
        Replace(plan, "\nversion: 0.1.0\n", $"\nversion: {version}\n");
        change?.Invoke(project);
        Judge.Run("dotnet",
        [
            BakedImage.Baker, "bake", plan, "--bootstrapper", Path.Combine(BakedImage.Artifacts, "bootstrapper", "bootstrapper"), "--out", output,
            "--kubernetes", kubernetes,
        ]);
        return Directory.GetFiles(output, "*.upgrade").ShouldHaveSingleItem();
    }

    private static void Replace(string file, string text, string by)
    {
        string content = File.ReadAllText(file);
        content.ShouldContain(text);
        File.WriteAllText(file, content.Replace(text, by, StringComparison.Ordinal));
    }
}
