namespace Images.Baker.Plan;

/// <summary>The part 'kubernetes' of image.yaml. Every source that it describes is pinned by the lock; one of them is used.</summary>
internal sealed record KubernetesPlan
{
    public required KubernetesSource Source { get; init; }

    public KubernetesUpstreamPlan? Upstream { get; init; }

    public KubernetesDebianPlan? Debian { get; init; }

    public KubernetesFolderPlan? Folder { get; init; }

    /// <summary>Whether image.yaml says enough to use this source.</summary>
    public bool Describes(KubernetesSource source) => source switch
    {
        KubernetesSource.None => true,
        KubernetesSource.Auto => Upstream is not null && Debian is not null,
        KubernetesSource.Upstream => Upstream is not null,
        KubernetesSource.Debian => Debian is not null,
        KubernetesSource.Folder => Folder is not null,
        _ => false,
    };
}
