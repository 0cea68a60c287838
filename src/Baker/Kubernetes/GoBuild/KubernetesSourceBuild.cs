using Images.Baker.Locking;
using Images.Baker.Progress;
using Images.Formats;

namespace Images.Baker.Kubernetes.GoBuild;

/// <summary>
/// From Debian's source package and packages of Go to the programs. Everything happens in one folder.
/// </summary>
internal sealed class KubernetesSourceBuild(
    LockedSourceBuild locked, SourceBuildRecipe recipe, SourceBuildFiles files, IBakeProgress progress)
{
    /// <param name="work">An empty folder of this build's own; 4 GB.</param>
    /// <param name="output">An empty folder for the programs.</param>
    /// <param name="cancellationToken">Ends it, and the compiler with it.</param>
    /// <exception cref="BakeException">A command failed.</exception>
    /// <exception cref="MalformedDataException">An input is damaged, or a fix does not fit.</exception>
    public void Run(string work, string output, CancellationToken cancellationToken)
    {
        SourceBuildNames unpacked = SourceBuildFolders.Unpack(locked, files, work, progress, cancellationToken);
        SourceBuildRunner runner = new(recipe, unpacked.With(SourceBuildFolders.Output, output));
        runner.Perform(recipe.Fixes, _ => { }, cancellationToken);
        GenerateOpenApi(runner, cancellationToken);
        Compile(runner, cancellationToken);
    }

    private void GenerateOpenApi(SourceBuildRunner runner, CancellationToken cancellationToken)
    {
        using BakeStage stage = progress.Begin("generate OpenAPI");
        runner.Perform(recipe.OpenApi, _ => { }, cancellationToken);
    }

    private void Compile(SourceBuildRunner runner, CancellationToken cancellationToken)
    {
        using BakeStage stage = progress.Begin("compile Kubernetes");
        int packages = 0;
        void Count(string line)
        {
            stage.Detail = $"{Interlocked.Increment(ref packages)} packages, now {line}";
        }

        runner.Perform(recipe.Compile, Count, cancellationToken);
    }
}
