using System.Collections.Immutable;
using System.Reflection;
using System.Text;
using Images.Baker.Caching;
using Images.Baker.Debian.Archive;
using Images.Baker.Fetching;
using Images.Baker.Kubernetes.GoBuild;
using Images.Baker.Locking;
using Images.Formats;

namespace Images.Baker.Toolchain;

/// <summary>
/// The linker of the bootstrapper: Debian's packages that the lock pins under 'toolchain', unpacked into a folder of
/// the cache that their digests name. Nothing is installed and nothing of the host is used.
/// </summary>
/// <param name="fetcher">Brings packages into the cache.</param>
/// <param name="archive">Whom to ask for them.</param>
/// <param name="relock">Resolves a plan against the archives as they are now.</param>
/// <param name="cacheFolder">The cache.</param>
/// <param name="clock">Marks what is used.</param>
internal sealed class LinkerToolchain(
    ArtefactFetcher fetcher,
    ArchiveArtefacts archive,
    Func<ToolchainRequest, Action<string>, CancellationToken, Task<ImageLock>> relock,
    string cacheFolder,
    TimeProvider clock)
{
    /// <summary>What .NET calls in a C compiler's place, in the folder.</summary>
    public const string Command = "link";

    /// <summary>The packages of the folder, a line each: NAME=VERSION.</summary>
    public const string PackageList = "packages";

    private const string Linker = "usr/bin/x86_64-linux-gnu-ld.bfd";

    /// <summary>Obtains the packages and unpacks them, unless that was done before.</summary>
    /// <param name="request">
    /// The plan, its lock, and whether others than the pinned packages may be taken where those are gone.
    /// </param>
    /// <param name="notice">Told what moved, if anything did, and of damaged files; from several threads.</param>
    /// <returns>Full path of the folder.</returns>
    /// <exception cref="BakeException">
    /// A package is not pinned, cannot be had, or is not what is pinned; or they hold no linker.
    /// </exception>
    /// <exception cref="MalformedDataException">A package is damaged.</exception>
    public async Task<string> ObtainAsync(
        ToolchainRequest request, Action<string> notice, CancellationToken cancellationToken)
    {
        request.Lock.RequireAnswerTo(request.Plan, request.LockName);
        ImageLock pinned = PinnedIn(request.Lock, request.PlanName);
        if (request.Anew || !FolderOf(pinned, notice).TryKeep())
        {
            pinned = await FetchAsync(pinned, request, notice, cancellationToken);
        }

        return await FolderOf(pinned, notice)
            .GetOrBuildAsync(
                folder => UnpackAsync(pinned, folder, notice, cancellationToken), cancellationToken, request.Anew);
    }

    /// <summary>The lock with no other packages than the linker's.</summary>
    private static ImageLock PinnedIn(ImageLock imageLock, string planName) => imageLock.Toolchain.IsEmpty
        ? throw new BakeException(
            "BAKE0375", planName, "It names no linker for the bootstrapper.",
            "List its packages under 'toolchain' and run 'baker lock'.")
        : imageLock with { Packages = imageLock.Toolchain };

    private BuiltPrograms FolderOf(ImageLock pinned, Action<string> notice) =>
        new(cacheFolder, KeyOf(pinned), "The files of the linker", clock, notice);

    private static Digest KeyOf(ImageLock pinned) => Digest.Sha256(Encoding.UTF8.GetBytes(
        string.Join('\n', [
            $"{Command} {Digest.Sha256(CommandText())}",
            .. pinned.Packages.Select(package => $"{package.FileName()} {package.Digest}"),
        ])));

    /// <returns>
    /// The lock whose packages are there now: the same one, or where its are gone one of what the archive holds.
    /// </returns>
    private async Task<ImageLock> FetchAsync(
        ImageLock pinned, ToolchainRequest request, Action<string> notice, CancellationToken cancellationToken)
    {
        ImmutableArray<Artefact> gone = await FetchAsync(pinned, notice, cancellationToken);
        if (gone.IsEmpty)
        {
            return pinned;
        }

        if (request.InsistOnLock)
        {
            throw Gone(request.LockName, gone);
        }

        notice($"Pinned packages of the linker are gone from the mirrors: {NamesOf(gone)}. Others are taken this time; "
            + $"'{request.LockName}' stays as it is.");
        ImageLock relocked = PinnedIn(await relock(request, notice, cancellationToken), request.PlanName);
        foreach (string change in LockDifference.Describe(pinned, relocked with { Kubernetes = pinned.Kubernetes }))
        {
            notice(change);
        }

        gone = await FetchAsync(relocked, notice, cancellationToken);
        return gone.IsEmpty ? relocked : throw Gone(request.LockName, gone);
    }

    private Task<ImmutableArray<Artefact>> FetchAsync(
        ImageLock pinned, Action<string> notice, CancellationToken cancellationToken) => fetcher.FetchAsync(
            [.. pinned.Packages.Select(package => archive.Of(package, pinned.Releases))],
            progress: null,
            notice,
            cancellationToken);

    private static string NamesOf(IEnumerable<Artefact> files) => string.Join(", ", files.Select(file => file.Name));

    private static BakeException Gone(string lockName, IEnumerable<Artefact> packages) => new(
        "BAKE0333", lockName, $"No mirror and no snapshot has these any more: {NamesOf(packages)}.",
        "Run 'baker lock' and commit the result.", BakeFault.Source);

    private async Task UnpackAsync(
        ImageLock pinned, string folder, Action<string> notice, CancellationToken cancellationToken)
    {
        TarUnpacker unpacker = new(folder);
        foreach (LockedPackage package in pinned.Packages)
        {
            using FileStream deb = await fetcher.OpenAsync(
                archive.Of(package, pinned.Releases), notice, cancellationToken);
            unpacker.UnpackDeb(deb, package, cancellationToken);
        }

        if (!File.Exists(Path.Combine(folder, Linker)))
        {
            throw new BakeException(
                "BAKE0375", "toolchain", $"Its packages hold no linker: /{Linker} is missing.",
                "Add binutils-x86-64-linux-gnu in image.yaml and run 'baker lock'.");
        }

        // the linker scripts of the C library name /lib and /lib64, which Debian's installer makes of base-files
        foreach (string merged in (string[])["lib", "lib64"])
        {
            File.CreateSymbolicLink(Path.Combine(folder, merged), $"usr/{merged}");
        }

        await File.WriteAllLinesAsync(
            Path.Combine(folder, PackageList), pinned.Packages.Select(package => $"{package.Name}={package.Version}"),
            cancellationToken);
        WriteCommand(Path.Combine(folder, Command));
    }

    private static void WriteCommand(string path)
    {
        File.WriteAllBytes(path, CommandText());
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private static byte[] CommandText()
    {
        using Stream script = Assembly.GetExecutingAssembly().GetManifestResourceStream(Command)!;
        byte[] text = new byte[script.Length];
        script.ReadExactly(text);
        return text;
    }
}
