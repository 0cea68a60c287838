using System.Security.Cryptography;
using Images.Baker.Caching;
using Images.Baker.Locking;
using Images.Baker.Plan;
using Images.Baker.Progress;
using Images.Formats;

namespace Images.Baker.Kubernetes;

/// <summary>Programs of the user's own, whatever made them.</summary>
internal sealed class KubernetesFolderPrograms : IKubernetesPrograms
{
    private readonly LockedProgramFolder _locked;
    private readonly string _folder;

    private KubernetesFolderPrograms(LockedProgramFolder locked, string folder)
    {
        _locked = locked;
        _folder = folder;
    }

    public KubernetesSource Source => KubernetesSource.Folder;

    public string Version => _locked.Version;

    public string Key => string.Join('\n', _locked.Programs.Select(program => $"{program.Name} {program.Digest}"));

    public IReadOnlyDictionary<string, Digest> Inputs =>
        _locked.Programs.ToDictionary(program => program.Name, program => program.Digest, StringComparer.Ordinal);

    public IReadOnlyList<string> Changes => [];

    /// <summary>What is in the folder now, pinned.</summary>
    /// <exception cref="BakeException">
    /// A program is missing, cannot be read, or is not one of this version for x86-64 Linux.
    /// </exception>
    public static LockedProgramFolder Lock(KubernetesFolderPlan plan)
    {
        List<LockedProgram> programs = [];
        foreach (string name in KubernetesProgramNames.All)
        {
            string path = Path.Combine(plan.Path, name);
            (long size, Digest digest) = Measure(path);
            KubernetesProgramCheck.Require(path, plan.Version);
            programs.Add(new LockedProgram { Name = name, Size = size, Digest = digest });
        }

        return new LockedProgramFolder { Version = plan.Version.ToString(), Programs = [.. programs] };
    }

    /// <summary>
    /// Compares the folder with the lock, at each bake: else an older layer would hide that a program was changed.
    /// </summary>
    /// <exception cref="BakeException">A program is missing, or is not what is pinned.</exception>
    public static KubernetesFolderPrograms Open(LockedProgramFolder locked, string folder)
    {
        foreach (LockedProgram program in locked.Programs)
        {
            string path = Path.Combine(folder, program.Name);
            (_, Digest actual) = Measure(path);
            if (actual != program.Digest)
            {
                throw new BakeException(
                    "BAKE0366", path,
                    $"It is not the program that is pinned: expected {program.Digest}, found {actual}.",
                    "Restore it, or run 'baker lock' and commit the result.");
            }
        }

        return new KubernetesFolderPrograms(locked, folder);
    }

    public Task<KubernetesFiles> MakeAsync(
        WorkFolder work, IBakeProgress progress, CancellationToken cancellationToken) =>
        Task.FromResult(new KubernetesFiles { Folder = _folder, Copyright = null });

    private static (long Size, Digest Digest) Measure(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            return (stream.Length, Digest.FromSha256(SHA256.HashData(stream)));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BakeException(
                "BAKE0367",
                path,
                File.Exists(path)
                    ? $"It cannot be read: {exception.Message}"
                    : "This program of Kubernetes is missing.",
                $"The folder holds {string.Join(", ", KubernetesProgramNames.All)}.",
                inner: exception);
        }
    }
}
