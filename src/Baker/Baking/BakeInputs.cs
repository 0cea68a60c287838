using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Images.Baker.AddOns;
using Images.Baker.Composing.Fixups;
using Images.Baker.Disk;
using Images.Baker.Locking;
using Images.Baker.Plan;
using Images.Baker.Restoring;
using Images.Baker.Seeds;
using Images.Formats.Gpt;
using Images.Formats.SquashFs;

namespace Images.Baker.Baking;

/// <summary>All that a bake reads before it asks the network for anything; whatever can be checked then, is.</summary>
internal sealed record BakeInputs
{
    public required ImagePlan Plan { get; init; }

    public required ImageLock Lock { get; init; }

    public required RoleSources Roles { get; init; }

    public required ImmutableArray<AddOnFile> AddOns { get; init; }

    /// <summary>The programs of our own.</summary>
    public required OwnInputs Own { get; init; }

    /// <summary>Of the disk that is to be made.</summary>
    public required GptLayout Layout { get; init; }

    /// <summary>Of the cluster that the image is for; null where none is named, or none is recorded yet.</summary>
    public ClusterKubernetes? Cluster { get; init; }

    /// <exception cref="BakeException">One of them is missing, or is not what a bake can take.</exception>
    public static async Task<BakeInputs> ReadAsync(
        BakeRequest request, Action<string> notice, CancellationToken cancellationToken)
    {
        Task<ImageLock?> reading = Task.Run(() => ImageLockFile.ReadIfAny(request.Lock), cancellationToken);
        _ = Task.Run(() => CompressorIdentity.Current, cancellationToken);
        ImagePlan plan = ImagePlanReader.ReadFile(request.Plan);
        RoleSources roles = RoleSourcesReader.Read(plan.Roles);
        ImmutableArray<AddOnFile> addOns = AddOnSources.Read(plan.AddOns);
        OwnInputs own = OwnInputs.Find(request, plan);
        _ = Task.Run(() => own.Bootstrapper.Digest, cancellationToken);
        RequireKnownCompressor(request.InsistOnLock, notice);
        ImageLock pinned = await reading.ConfigureAwait(false) ?? throw ImageLockFile.Missing(request.Lock);
        pinned.RequireAnswerTo(plan, request.Lock);
        return new BakeInputs
        {
            Plan = plan,
            Lock = pinned,
            Roles = roles,
            AddOns = addOns,
            Own = own,
            Cluster = request.ForCluster is { } folder ? ClusterKubernetes.ReadIfAny(folder) : null,
            Layout = new DiskSizes
            {
                EspBytes = plan.Sizes.Esp,
                RootBytes = plan.Sizes.Root,
                StateBytes = plan.Sizes.State,
            }.ToLayout(),
        };
    }

    public RestoreRequest ToRestoreRequest(BakeRequest request) => new()
    {
        Plan = Plan,
        PlanName = request.Plan,
        Lock = Lock,
        LockName = request.Lock,
        TemporaryLock = request.TemporaryLock,
        Kubernetes = request.Kubernetes
            ?? (Cluster is null ? null : KubernetesPlanReader.SourceOf(Cluster.Source)),
        InsistOnLock = request.InsistOnLock,
    };

    /// <summary>
    /// Other compressed bytes make another root hash: whoever insists on the lock wants the image that others get.
    /// </summary>
    private static void RequireKnownCompressor(bool insist, Action<string> notice)
    {
        if (CompressorIdentity.Current == CompressorIdentity.Known)
        {
            return;
        }

        string problem = $"The zlib of this runtime ({RuntimeInformation.FrameworkDescription}) compresses as "
            + $"{CompressorIdentity.Current}, baker is made for {CompressorIdentity.Known}:";
        if (insist)
        {
            throw new BakeException(
                "BAKE0405", "compressor", $"{problem} the image would not have the bytes that the lock promises.",
                "Use a runtime of the SDK that global.json names, or bake without --locked.");
        }

        notice($"{problem} another machine gets an image with other bytes.");
    }
}
