using Images.Baker.Plan;
using Images.Baker.Progress;
using Images.Baker.Sources;
using Images.Baker.Sources.GoBuild;
using Images.Baker.Sources.Kubernetes;
using Images.TestSupport;

namespace Images.Baker.Tests.Sources.GoBuild;

/// <summary>Kubernetes is built once more from what the lock pins, in another folder, and compared with what bakes use.</summary>
[Trait("Category", "Full")]
public sealed class SourceBuildReproducibilityTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_second_build_in_another_folder_gives_the_same_bytes()
    {
        string cache = CacheFolder.Choose(null, Environment.GetEnvironmentVariable), repository = Checkout.Folder;
        ImageLock imageLock = ImageLockFile.Read(Path.Combine(repository, "image.lock.json"));
        LockedSourceBuild locked = imageLock.Kubernetes!.Debian!;
        using SourceSession session = new(new SourceOptions { CacheFolder = cache, Clock = TimeProvider.System });
        using PlainProgress progress = new(TextWriter.Null, TimeProvider.System);
        KubernetesFiles used = await MakeAsync(session, imageLock, Path.Combine(repository, "image.yaml"), cache, progress);

        await session.SourceBuild.FetchAsync(locked, progress, CancellationToken.None);
        using SourceBuildFiles files = await session.SourceBuild.OpenAsync(locked, _ => { }, CancellationToken.None);
        string work = Directory.CreateDirectory(_folder["some/other/work"]).FullName, output = Directory.CreateDirectory(_folder["programs"]).FullName;
        new KubernetesSourceBuild(locked, KubernetesSourceRecipe.For(locked), files, progress).Run(work, output, CancellationToken.None);

        foreach (string name in KubernetesProgramNames.All)
        {
            Judge.Run("cmp", Path.Combine(used.Folder, name), Path.Combine(output, name));
        }
    }

    /// <summary>What a bake takes: from the cache, or built now.</summary>
    private async Task<KubernetesFiles> MakeAsync(SourceSession session, ImageLock imageLock, string plan, string cache, PlainProgress progress)
    {
        KubernetesRequest request = new()
        {
            Plan = ImagePlanReader.ReadFile(plan),
            PlanName = plan,
            Lock = imageLock,
            LockName = "image.lock.json",
            TemporaryLock = _folder["image.lock.json"],
            Source = KubernetesSource.Debian,
            InsistOnLock = true,
        };
        IKubernetesPrograms programs = (await session.Kubernetes.ChooseAsync(request, _ => { }, CancellationToken.None))!;
        using WorkFolder work = WorkFolder.Create(cache);
        return await programs.MakeAsync(work, progress, CancellationToken.None);
    }
}
