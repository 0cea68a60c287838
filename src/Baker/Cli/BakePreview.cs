using Images.Baker.Baking;
using Images.Baker.Locking;
using Images.Baker.Plan;
using Images.Baker.Progress;
using Images.Baker.Restoring;
using Images.Formats.Gpt;

namespace Images.Baker.Cli;

/// <summary>What <c>baker bake --dry-run</c> says: all that is known before the network is asked.</summary>
internal static class BakePreview
{
    /// <exception cref="BakeException">The source of Kubernetes is not described, or may not be left open.</exception>
    public static void Write(TextWriter output, BakeRequest request, BakeInputs inputs)
    {
        (KubernetesSource Source, LockedKubernetes Pinned)? asked =
            KubernetesSources.Asked(inputs.ToRestoreRequest(request));
        if (asked?.Source != KubernetesSource.Auto)
        {
            inputs.Cluster?.RequireStepTo(asked is null ? null : VersionOf(asked.Value), request.ForCluster!);
        }

        (string kubernetes, string suffix) = Kubernetes(asked);
        ImagePlan plan = inputs.Plan;
        output.WriteLine($"{plan.Name} {plan.Version}{suffix} for {plan.Debian.Architecture}");
        output.WriteLine($"  kubernetes: {kubernetes}");
        output.WriteLine($"  roles: {string.Join(", ", inputs.Roles.Roles.Select(role => role.Definition.Role))}");
        output.WriteLine($"  {inputs.Lock.Packages.Length} packages, "
            + $"{ByteText.Size(inputs.Lock.Packages.Sum(package => package.Size))} of archives, "
                + $"as {request.Lock} pins them");
        output.WriteLine($"  {plan.ContainerImages.Length} container images, {inputs.AddOns.Length} add-on files");
        output.WriteLine($"  disk {ByteText.Size(inputs.Layout.SizeBytes)}: {string.Join(", ", inputs.Layout.Partitions
            .Select((GptPartition partition) => $"{partition.Name} {ByteText.Size(partition.SizeBytes)}"))}");
        foreach (string extension in (string[])[.. plan.Outputs, "manifest.json", "spdx.json"])
        {
            output.WriteLine(
                $"  {Path.Combine(request.OutputFolder, $"{plan.Name}_{plan.Version}{suffix}.{extension}")}");
        }

        output.WriteLine("Nothing was asked of the network and nothing was written.");
    }

    /// <summary>What it is, and what the version of the image will say of it.</summary>
    private static (string Text, string VersionSuffix) Kubernetes(
        (KubernetesSource Source, LockedKubernetes Pinned)? asked)
    {
        if (asked is not { } kubernetes)
        {
            return ("none", "");
        }

        string name = KubernetesPlanReader.Name(kubernetes.Source);
        return kubernetes.Source == KubernetesSource.Auto
            ? ($"upstream's {kubernetes.Pinned.Upstream?.Version} where its server can be reached, else "
                + $"{kubernetes.Pinned.Debian?.Version} built from Debian's sources", "+k8s…")
            : ($"{VersionOf(kubernetes)} from {name}", $"+k8s{VersionOf(kubernetes)}-{name}");
    }

    private static string? VersionOf((KubernetesSource Source, LockedKubernetes Pinned) kubernetes) =>
        kubernetes.Source switch
        {
            KubernetesSource.Upstream => kubernetes.Pinned.Upstream?.Version,
            KubernetesSource.Debian => kubernetes.Pinned.Debian?.Version,
            _ => kubernetes.Pinned.Folder?.Version,
        };
}
