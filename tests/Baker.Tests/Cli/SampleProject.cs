using System.Collections.Immutable;
using Images.Baker.Kubernetes;
using Images.Baker.Locking;
using Images.Baker.Manifest;
using Images.Baker.Plan;
using Images.Baker.Tests.Boot.Kmod;
using Images.Baker.Tests.Tree;
using Images.Formats;
using Images.Formats.Tree;
using Images.TestSupport;

namespace Images.Baker.Tests.Cli;

/// <summary>
/// All that a whole bake through the command line needs, small: the product's own roles, packages of just the files that
/// they build upon, a lock that pins them, and a cache that holds them, so that no network is asked.
/// </summary>
internal sealed class SampleProject : IDisposable
{
    public const string Extra = "extra";

    /// <summary>What a plan with Kubernetes has besides.</summary>
    public const string Pause = "containerImages: [{ name: images.local/pause:1, package: dmsetup, files: [usr/sbin/dmsetup], entrypoint: [/usr/sbin/dmsetup] }]\n";

    private const string Kernel = "6.12.1-amd64";

    private static readonly ImmutableArray<PackageUse> _root = [PackageUse.Root];

    private readonly TemporaryFolder _folder = new();
    private readonly SortedDictionary<string, (byte[] Deb, ImmutableArray<PackageUse> Uses)> _packages = new(StringComparer.Ordinal);

    /// <param name="loaderVersion">What the boot loader says of itself.</param>
    public SampleProject(string loaderVersion = "257.13-1~deb13u1")
    {
        Judge.Run("chmod", "755", _folder.FullPath);
        CopyFolder(SampleImage.RolesFolder(), this["roles"]);
        File.WriteAllBytes(this["bootstrapper"], SampleData.Mixed(300_000));
        foreach (PackageLayer layer in SampleImage.Content(extra => extra.AddText("usr/lib/extra/note", "a note")).Packages)
        {
            Add(layer, _root);
        }

        Add(KernelPackage(), _root);
        Add(SampleImage.Package("busybox-static", tree => tree.AddText("usr/bin/busybox", "busybox", 0b111_101_101)), [PackageUse.Initramfs]);
        Add(SampleImage.Package("dmsetup", tree => tree.AddText("usr/sbin/dmsetup", "dmsetup", 0b111_101_101)), [PackageUse.Root, PackageUse.Initramfs]);
        Add(BootPackage(loaderVersion), [PackageUse.Boot]);
        WritePlan(text => text);
    }

    public string this[string name] => _folder[name];

    public string Image => this["out/node_0.1.0.raw"];

    /// <summary>Rewrites image.yaml, then the lock that answers it.</summary>
    public void WritePlan(Func<string, string> change)
    {
        EditPlan(_ => change($$"""
            name: node
            version: 0.1.0
            debian:
              architecture: amd64
              suites:
                - suite: trixie
                  archive: debian
                  components: [main]
                  keys: [{ file: keys/a.pgp, fingerprint: 04B54C3CDCA79751B16BC6B5225629DF75B188BD }]
            packages: [{{string.Join(", ", _packages.Where(package => package.Value.Uses.Contains(PackageUse.Root)).Select(package => package.Key))}}]
            initramfs: { modules: [overlay, dm-verity], packages: [busybox-static, dmsetup] }
            boot: { package: systemd-boot-efi, stub: usr/stub, loader: usr/loader, commandLine: ro console=tty0 }
            sizes: { esp: 34Mi, root: 4Mi, state: 1Mi }
            roles: roles
            outputs: [raw, upgrade]

            """));
        WriteLock();
    }

    /// <summary>Changes image.yaml alone.</summary>
    public void EditPlan(Func<string, string> change)
    {
        string plan = File.Exists(this["image.yaml"]) ? File.ReadAllText(this["image.yaml"]) : "";
        File.WriteAllText(this["image.yaml"], change(plan));
    }

    /// <summary>Gives the extra package other bytes; the lock pins them.</summary>
    public void ReplaceExtra(byte[] deb)
    {
        _packages[Extra] = (deb, _root);
        WriteLock();
    }

    /// <summary>Every package, as it is pinned.</summary>
    public IEnumerable<(LockedPackage Pinned, byte[] Deb)> Packages => _packages.Select(package => (Lock(package.Key, package.Value.Deb, package.Value.Uses), package.Value.Deb));

    public string CachedFileOf(string package) => this[$"cache/sha256/{Digest.Sha256(_packages[package].Deb).Hex}"];

    /// <summary>Below a mirror's root.</summary>
    public string ArchivePathOf(string package) => $"debian/{Lock(package, _packages[package].Deb, _packages[package].Uses).Path}";

    /// <summary>Bakes in a process of its own, which reaches nobody but the mirror, and unless one is named not even that.</summary>
    public JudgeResult Bake(
        IReadOnlyDictionary<string, string>? environment = null,
        string output = "out",
        string cache = "cache",
        string[]? prefix = null,
        string? dotnet = null,
        string mirror = "http://127.0.0.1:9/",
        params string[] arguments)
    {
        string[] line =
        [
            .. prefix ?? [], dotnet ?? Judge.Find("dotnet"), Path.Combine(AppContext.BaseDirectory, "baker.dll"), "bake", this["image.yaml"],
            "--bootstrapper", this["bootstrapper"], "--out", Path.Combine(_folder.FullPath, output), "--cache", this[cache], "--mirror", mirror, .. arguments,
        ];
        Dictionary<string, string> alone = new(environment ?? new Dictionary<string, string>()) { ["https_proxy"] = "http://127.0.0.1:9", ["no_proxy"] = "127.0.0.1" };
        return Judge.Try(line[0], line[1..], input: null, _folder.FullPath, alone);
    }

    public static void CopyFolder(string from, string to)
    {
        // backwards, so that the directories list their entries in another order
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories).OrderDescending(StringComparer.Ordinal))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    public void Dispose() => _folder.Dispose();

    private static PackageLayer KernelPackage() => SampleImage.Package("linux-image", tree =>
    {
        HandMadeModule[] modules =
        [
            new("kernel/fs/overlayfs/overlay.ko") { Aliases = ["fs-overlay"] },
            new("kernel/drivers/md/dm-verity.ko") { Exports = ["dm_verity_get_mode"] },
        ];
        string folder = $"usr/lib/modules/{Kernel}";
        foreach (HandMadeModule module in modules)
        {
            tree.AddFile($"{folder}/{module.Path}", new MemoryContent(module.ToBytes()));
        }

        tree.AddText($"{folder}/modules.order", string.Concat(modules.Select(module => module.Path + "\n")));
        tree.AddText($"{folder}/modules.builtin", "");
        tree.AddText($"{folder}/modules.builtin.modinfo", "");
        tree.AddFile($"boot/vmlinuz-{Kernel}", new MemoryContent(SampleData.Mixed(100_000)));
    });

    private static PackageLayer BootPackage(string loaderVersion) => SampleImage.Package("systemd-boot-efi", tree =>
    {
        tree.AddFile("usr/stub", new MemoryContent(HandMadeStub.Create()));
        tree.AddText("usr/loader", $"a loader #### LoaderInfo: systemd-boot {loaderVersion} ####");
    });

    private void Add(PackageLayer layer, ImmutableArray<PackageUse> uses) => _packages.Add(layer.Package.Name, (SampleDeb.Of(layer), uses));

    private void WriteLock()
    {
        ImagePlan plan = ImagePlanReader.ReadFile(this["image.yaml"]);
        Directory.CreateDirectory(this["cache/sha256"]);
        foreach ((byte[] deb, _) in _packages.Values)
        {
            File.WriteAllBytes(this[$"cache/sha256/{Digest.Sha256(deb).Hex}"], deb);
        }

        ImageLockFile.Write(this["image.lock.json"], new ImageLock
        {
            Format = ImageLock.CurrentFormat,
            Architecture = "amd64",
            Request = PlanDigest.Of(plan),
            Releases =
            [
                new LockedRelease
                {
                    Archive = "debian",
                    Suite = "trixie",
                    Date = DateTimeOffset.FromUnixTimeSeconds(SampleImage.SourceDate),
                    InRelease = Digest.Sha256("trixie"u8),
                    SignedBy = [],
                    Indexes = [],
                },
            ],
            Packages = [.. _packages.Select(package => Lock(package.Key, package.Value.Deb, package.Value.Uses))],
            Kubernetes = plan.Kubernetes is null ? null : Lock(plan.Kubernetes),
        });
    }

    private static LockedKubernetes Lock(KubernetesPlan plan) => new()
    {
        Upstream = plan.Upstream is not { Sha512: { } digest } upstream
            ? null
            : new LockedUpstream { Version = upstream.Version.ToString(), Path = LockedUpstream.PathOf(upstream.Version), Digest = digest },
        Folder = plan.Folder is null ? null : KubernetesFolderPrograms.Lock(plan.Folder),
    };

    private static LockedPackage Lock(string name, byte[] deb, ImmutableArray<PackageUse> uses) => new()
    {
        Name = name,
        Version = "1:2.0-3+b1",
        Architecture = "amd64",
        Archive = "debian",
        Suite = "trixie",
        Path = $"pool/main/{name[0]}/{name}/{name}_2.0-3+b1_amd64.deb",
        Size = deb.Length,
        Digest = Digest.Sha256(deb),
        Uses = uses,
    };
}
