using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Images.Baker.Fetching;
using Images.Baker.Locking;
using Images.Baker.Plan;
using Images.Baker.Restoring;
using Images.TestSupport;

namespace Images.Baker.Tests.Sources;

/// <summary>A small Debian archive with one suite, signed by a test key, on a server that can be spoilt; and a plan that asks for it.</summary>
internal sealed class FakeArchive : IDisposable
{
    public const string InRelease = "debian/dists/test/InRelease";
    public const string SourceIndex = "debian/dists/test/main/source/Sources.xz";
    public const string Index = "debian/dists/test/main/binary-amd64/Packages.xz";
    private readonly SigningHome _home;
    private readonly TemporaryFolder _folder = new();
    private readonly StringBuilder _packages = new();
    private readonly StringBuilder _sources = new();

    /// <param name="home">Who signs.</param>
    /// <param name="empty">Without the packages that <see cref="Plan(string[])"/> asks for.</param>
    public FakeArchive(SigningHome home, bool empty = false)
    {
        _home = home;
        if (!empty)
        {
            Add("base", "1.0", "Essential: yes");
            Add("busybox-static", "1.0");
            Add("bootloader", "1.0");
        }
    }

    public FaultyServer Server { get; } = new();

    public string CacheFolder => _folder["cache"];

    public string TemporaryLock => _folder["artifacts/image.lock.json"];

    /// <summary>The plan's.</summary>
    public List<string> Suites { get; } = ["test"];

    /// <summary>xz or gz: how the index is kept.</summary>
    public string Compression { get; set; } = "xz";

    /// <summary>What the plan names as the bootstrapper's linker.</summary>
    public string[] Toolchain { get; set; } = [];

    public ConcurrentBag<string> Notices { get; } = [];

    /// <summary>Paths of the .deb files by package.</summary>
    public Dictionary<string, string> Debs { get; } = new(StringComparer.Ordinal);

    /// <summary>Adds a package whose .deb is some bytes (nobody unpacks it here).</summary>
    public void Add(string name, string version, params string[] fields)
    {
        byte[] deb = new byte[200_000];
        new Random(name.Length + version.Length).NextBytes(deb);
        Encoding.ASCII.GetBytes($"{name} {version}").CopyTo(deb, 0);
        Add(name, version, $"pool/main/{name}/{name}_{version}_amd64.deb", deb, fields);
    }

    public void Add(string name, string version, string path, byte[] deb, params string[] fields)
    {
        Server.Files["debian/" + path] = deb;
        Debs[name] = "debian/" + path;
        _packages.Append($"Package: {name}\nVersion: {version}\nArchitecture: amd64\nFilename: {path}\nSize: {deb.Length}\nSHA256: {Hex(deb)}\n");
        _packages.Append(string.Concat(fields.Select(field => field + "\n"))).Append('\n');
    }

    /// <summary>Adds a package of another architecture to the same index.</summary>
    public void AddOf(string architecture, string name, string version)
    {
        Add(name, version);
        _packages.Replace("Architecture: amd64", $"Architecture: {architecture}", _packages.ToString().LastIndexOf("Architecture:", StringComparison.Ordinal), "Architecture: amd64".Length);
    }

    /// <summary>Publishes a further suite, which the plan names from then on; its packages have no .deb.</summary>
    public void PublishSuite(string suite, string fields, params (string Name, string Version, string Fields)[] packages)
    {
        StringBuilder text = new();
        foreach ((string name, string version, string own) in packages)
        {
            text.Append($"Package: {name}\nVersion: {version}\nArchitecture: amd64\n{own}Filename: pool/main/{name}/{name}_{version}_amd64.deb\nSize: 1\nSHA256: {Hex([])}\n\n");
        }

        byte[] index = Compress(text);
        Server.Files[$"debian/dists/{suite}/main/binary-amd64/Packages.xz"] = index;
        Server.Files[$"debian/dists/{suite}/InRelease"] = _home.ClearSign(
            $"Suite: {suite}\nCodename: {suite}\nDate: Sat, 12 Sep 2026 07:55:41 UTC\n{fields}SHA256:\n {Hex(index)} {index.Length} main/binary-amd64/Packages.xz\n", "archive");
        Suites.Add(suite);
    }

    /// <summary>Adds a source package whose files are some bytes.</summary>
    public void AddSource(string name, string version, string format = "3.0 (quilt)", params string[] suffixes)
    {
        string folder = $"pool/main/{name[0]}/{name}";
        _sources.Append($"Package: {name}\nBinary: {name}\nVersion: {version}\nFormat: {format}\nDirectory: {folder}\nChecksums-Sha256:\n");
        foreach (string suffix in suffixes is [] ? [".dsc", ".orig.tar.gz", ".debian.tar.xz"] : suffixes)
        {
            byte[] file = Encoding.ASCII.GetBytes($"{name} {version} {suffix}");
            Server.Files[$"debian/{folder}/{name}_{version}{suffix}"] = file;
            _sources.Append($" {Hex(file)} {file.Length} {name}_{version}{suffix}\n");
        }

        _sources.Append('\n');
    }

    /// <summary>Publishes what was added, signed by the users.</summary>
    public void Publish(string date = "Sat, 12 Sep 2026 07:55:41 UTC", string extra = "", params string[] users)
    {
        byte[] index = Compress(_packages);
        string release = $"Suite: test\nCodename: test\nDate: {date}\n{extra}SHA256:\n {Hex(index)} {index.Length} main/binary-amd64/Packages.{Compression}\n";
        Server.Files[Path.ChangeExtension(Index, Compression)] = index;
        if (_sources.Length > 0)
        {
            byte[] sources = Compress(_sources);
            release += $" {Hex(sources)} {sources.Length} main/source/Sources.xz\n";
            Server.Files[SourceIndex] = sources;
        }

        Server.Files[InRelease] = _home.ClearSign(release, users is [] ? ["archive"] : users);
    }

    private byte[] Compress(StringBuilder text)
    {
        File.WriteAllText(_folder["index"], text.ToString());
        Judge.Run(Compression == "xz" ? "xz" : "gzip", "-k", "-f", "-1", _folder["index"]);
        return File.ReadAllBytes(_folder[$"index.{Compression}"]);
    }

    public ImagePlan Plan(params string[] packages) => Plan(packages, []);

    public ImagePlan Plan(string[] packages, string[] drop) => ImagePlanReader.Parse(PlanText(packages, drop), "image.yaml", _folder.FullPath);

    /// <summary>Locks in a process of its own: image.yaml and image.lock.json lie in the folder.</summary>
    public JudgeResult LockByCommand(string folder, params string[] packages)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "image.yaml"), PlanText(packages, []));
        return LockCommand(folder);
    }

    /// <summary>baker lock in that folder, which holds image.yaml.</summary>
    public JudgeResult LockCommand(string folder, params string[] options)
    {
        string[] arguments = [Path.Combine(AppContext.BaseDirectory, "baker.dll"), "lock", "--mirror", Server.Address + "debian", "--cache", CacheFolder, .. options];
        return Judge.Try("dotnet", arguments, input: null, folder, new Dictionary<string, string> { ["no_proxy"] = "127.0.0.1" });
    }

    public Restorer Session(Func<RestoreOptions, RestoreOptions>? change = null)
    {
        RestoreOptions options = new()
        {
            Mirror = Server.Address + "debian",
            CacheFolder = CacheFolder,
            Snapshots = null,
            Download = new DownloadOptions { StallTimeout = TimeSpan.FromMinutes(1), FirstBackOff = TimeSpan.FromMilliseconds(1) },
            Clock = TimeProvider.System,
        };
        return new Restorer(change?.Invoke(options) ?? options);
    }

    public async Task<ImageLock> LockAsync(ImagePlan plan, ImageLock? previous = null)
    {
        using Restorer session = Session();
        return await session.LockAsync(plan, previous, "image.yaml", Notices.Add, CancellationToken.None);
    }

    public async Task<RestoredSources> ObtainAsync(ImagePlan plan, ImageLock imageLock, bool insist = false, Func<RestoreOptions, RestoreOptions>? change = null)
    {
        using Restorer session = Session(change);
        return await ObtainAsync(session, plan, imageLock, insist);
    }

    /// <summary>With a session of the caller's, who goes on using what was obtained.</summary>
    public async Task<RestoredSources> ObtainAsync(Restorer session, ImagePlan plan, ImageLock imageLock, bool insist = false)
    {
        RestoreRequest request = new()
        {
            Plan = plan,
            PlanName = "image.yaml",
            Lock = imageLock,
            LockName = "image.lock.json",
            TemporaryLock = TemporaryLock,
            InsistOnLock = insist,
        };
        return await session.RestoreAsync(request, progress: null, Notices.Add, CancellationToken.None);
    }

    public void Dispose()
    {
        Server.Dispose();
        _folder.Dispose();
    }

    private string PlanText(string[] packages, string[] drop) => $$"""
            name: node
            version: 0.1.0
            debian:
              architecture: amd64
              suites: [{{string.Join(", ", Suites.Select(SuiteText))}}]
            packages: [{{string.Join(", ", packages)}}]
            drop: [{{string.Join(", ", drop)}}]
            initramfs: { modules: [overlay], packages: [busybox-static] }
            boot: { package: bootloader, stub: usr/stub, loader: usr/loader, commandLine: ro }
            toolchain: [{{string.Join(", ", Toolchain)}}]
            sizes: { esp: 512Mi, root: 1Gi, state: 16Mi }
            roles: roles
            outputs: [raw]

            """;

    private string SuiteText(string suite) =>
        $"{{ suite: {suite}, archive: debian, components: [main], keys: [{{ file: {_home.ArchiveKey}, fingerprint: {_home.ArchiveFingerprint} }}] }}";

    private static string Hex(byte[] data) => Convert.ToHexStringLower(SHA256.HashData(data));
}
