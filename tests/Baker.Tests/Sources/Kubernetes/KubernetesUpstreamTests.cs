using System.Net;
using System.Net.Sockets;
using System.Text;
using Images.Baker.Caching;
using Images.Baker.Fetching;
using Images.Baker.Kubernetes;
using Images.Baker.Locking;
using Images.Baker.Plan;
using Images.Baker.Progress;
using Images.Baker.Restoring;
using Images.Formats;
using Images.NodeConfig.Roles;
using Images.TestSupport;

namespace Images.Baker.Tests.Sources.Kubernetes;

/// <summary>Against a server on this machine that serves an archive of upstream's layout, sound or spoilt.</summary>
public sealed class KubernetesUpstreamTests : IDisposable
{
    private const string Path = "v1.36.0/kubernetes-server-linux-amd64.tar.gz";
    private readonly FaultyServer _server = new();
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _notices = [];

    public void Dispose()
    {
        _server.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_programs_come_out_of_the_archive_and_nothing_else_does()
    {
        string[] made = await MakeAsync(SampleKubernetes.Archive("1.36.0"));
        made.Select(System.IO.Path.GetFileName).ShouldBe(KubernetesProgramNames.All);
        (await File.ReadAllBytesAsync(made[0])).ShouldBe(SampleKubernetes.Program("kube-apiserver", "1.36.0"));
    }

    [Fact]
    public async Task An_archive_that_is_in_the_cache_is_not_asked_for_again()
    {
        byte[] archive = SampleKubernetes.Archive("1.36.0");
        await MakeAsync(archive);
        int requests = _server.Requests.Count;
        await MakeAsync(archive);
        _server.Requests.Count.ShouldBe(requests);
    }

    [Fact]
    public async Task An_unknown_size_is_asked_for_first()
    {
        byte[] archive = SampleKubernetes.Archive("1.36.0");
        (await MakeAsync(archive, Locked(archive) with { Size = null })).Length.ShouldBe(KubernetesProgramNames.All.Length);
    }

    [Fact]
    public async Task A_flipped_bit_is_refused()
    {
        byte[] archive = SampleKubernetes.Archive("1.36.0");
        LockedUpstream locked = Locked(archive);
        archive[archive.Length / 2] ^= 1;
        (await Should.ThrowAsync<BakeException>(() => MakeAsync(archive, locked))).Code.ShouldBe("BAKE0331");
    }

    [Fact]
    public async Task A_truncated_archive_is_refused()
    {
        byte[] archive = SampleKubernetes.Archive("1.36.0");
        BakeException error = await Should.ThrowAsync<BakeException>(() => MakeAsync(archive[..^100], Locked(archive)));
        error.Code.ShouldBe("BAKE0332");
        error.Message.ShouldContain(Path);
    }

    [Fact]
    public async Task A_release_that_the_server_does_not_have_is_refused()
    {
        byte[] archive = SampleKubernetes.Archive("1.36.0");
        _server.Spoil(Path, ServerFault.NotFound);
        (await Should.ThrowAsync<BakeException>(() => MakeAsync(archive))).Message.ShouldStartWith($"BAKE0361  {_server.Address}{Path}");
    }

    [Fact]
    public async Task A_server_that_cannot_be_reached_is_named_with_the_ways_out()
    {
        byte[] archive = SampleKubernetes.Archive("1.36.0");
        LockedUpstream locked = Locked(archive) with { Size = null };
        BakeException error = await Should.ThrowAsync<BakeException>(() => MakeAsync(archive, locked, "http://127.0.0.1:9/"));
        error.Message.ShouldStartWith("BAKE0362  http://127.0.0.1:9/" + Path);
        error.Message.ShouldContain("--kubernetes debian");
    }

    [Fact]
    public async Task A_missing_program_is_named()
    {
        byte[] archive = SampleKubernetes.Archive("1.36.0", entries => entries.RemoveAll(entry => Encoding.ASCII.GetString(entry).StartsWith("kubernetes/server/bin/kubelet\0", StringComparison.Ordinal)));
        (await Should.ThrowAsync<MalformedDataException>(() => MakeAsync(archive))).Message.ShouldContain("missing below kubernetes/server/bin/: kubelet");
    }

    [Theory]
    [InlineData("../../../usr/bin/kubelet")]
    [InlineData("kubernetes/server/bin/../../../../etc/passwd")]
    public async Task A_path_that_leads_out_of_the_archive_is_refused(string path)
    {
        byte[] archive = SampleKubernetes.Archive("1.36.0", entries => entries.Add(TarBytes.Entry(path, content: "x")));
        (await Should.ThrowAsync<MalformedDataException>(() => MakeAsync(archive))).Message.ShouldContain(path);
    }

    [Fact]
    public async Task A_program_that_is_a_link_is_refused()
    {
        byte[] archive = SampleKubernetes.Archive("1.36.0", entries => entries.Insert(5, TarBytes.Entry("kubernetes/server/bin/kubelet", '2', link: "/etc/shadow")));
        (await Should.ThrowAsync<MalformedDataException>(() => MakeAsync(archive))).Message.ShouldContain("kubernetes/server/bin/kubelet");
    }

    [Fact]
    public async Task A_lock_pins_the_digest_of_the_plan_and_the_size_that_the_server_says()
    {
        byte[] archive = SampleKubernetes.Archive("1.36.0");
        _server.Files[Path] = archive;
        Digest digest = Digest.Parse(new string('a', 128));
        (await LockAsync(digest, _server.Address)).ShouldBe(new LockedUpstream { Version = "1.36.0", Path = Path, Size = archive.Length, Digest = digest });
    }

    [Fact]
    public async Task A_lock_with_the_digest_of_the_plan_needs_no_server()
    {
        LockedUpstream locked = await LockAsync(Digest.Parse(new string('a', 128)), "http://127.0.0.1:9/");
        locked.Size.ShouldBeNull();
        _notices.ShouldContain(notice => notice.Contains("size unknown", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_digest_in_the_plan_the_published_one_is_pinned()
    {
        byte[] archive = SampleKubernetes.Archive("1.36.0");
        _server.Files[Path] = archive;
        _server.Files[Path + ".sha512"] = Encoding.ASCII.GetBytes(SampleKubernetes.Sha512(archive).Hex);
        (await LockAsync(null, _server.Address)).Digest.ShouldBe(SampleKubernetes.Sha512(archive));
    }

    [Fact]
    public async Task A_published_digest_that_is_none_is_refused()
    {
        _server.Files[Path + ".sha512"] = Encoding.ASCII.GetBytes("<html>");
        (await Should.ThrowAsync<BakeException>(() => LockAsync(null, _server.Address))).Code.ShouldBe("BAKE0360");
    }

    [Fact]
    public async Task Auto_takes_upstream_where_it_can_be_reached()
    {
        _server.Files[Path] = SampleKubernetes.Archive("1.36.0");
        (await ChooseAsync(KubernetesSource.Auto, _server.Address))!.Version.ShouldBe("1.36.0");
        _notices.ShouldBeEmpty();
    }

    [Fact]
    public async Task Auto_says_so_and_takes_debian_where_upstream_cannot_be_reached()
    {
        IKubernetesPrograms? chosen = await ChooseAsync(KubernetesSource.Auto, "http://127.0.0.1:9/");
        chosen!.Source.ShouldBe(KubernetesSource.Debian);
        chosen.Version.ShouldBe("1.20.2");
        _notices[0].ShouldContain("KUBERNETES 1.36.0 CANNOT BE HAD (http://127.0.0.1:9/");
        _notices[1].ShouldContain("KUBERNETES 1.20.2, BUILT FROM DEBIAN'S SOURCES, IS TAKEN INSTEAD");
    }

    [Fact]
    public async Task Auto_waits_two_seconds_for_a_silent_server_where_debian_s_programs_are_built_already()
    {
        using TcpListener silent = new(IPAddress.Loopback, 0);
        silent.Start();
        IKubernetesPrograms debian = (await ChooseAsync(KubernetesSource.Debian, _server.Address))!;
        string built = _folder[$"cache/built/{Digest.Sha256(Encoding.UTF8.GetBytes(debian.Key)).Hex}/{BuiltPrograms.DigestFile}"];
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(built)!);
        await File.WriteAllTextAsync(built, "");
        File.SetLastWriteTimeUtc(built, DateTime.UnixEpoch);

        (await ChooseAsync(KubernetesSource.Auto, $"http://{silent.LocalEndpoint}/"))!.Source.ShouldBe(KubernetesSource.Debian);
        _notices[0].ShouldEndWith("no answer within 2 s).");
        File.GetLastWriteTimeUtc(built).ShouldNotBe(DateTime.UnixEpoch, "what is used shall stay in the cache");
    }

    [Fact]
    public async Task The_licences_of_the_archive_become_one_text()
    {
        (await MakeWithLicencesAsync(SampleKubernetes.Archive("1.36.0"))).Licences
            .ShouldBe($"= kubernetes/LICENSES/LICENSE =\n\n{SampleKubernetes.Licence}\n= kubernetes/LICENSES/vendor/LICENSE =\n\nMIT\n\n");
        byte[] older = SampleKubernetes.Archive("1.36.0", entries =>
        {
            entries.RemoveAll(entry => Encoding.ASCII.GetString(entry).StartsWith("kubernetes/LICENSES", StringComparison.Ordinal));
            entries.Add(TarBytes.Entry("kubernetes/LICENSES", content: "all of them"));
        });
        (await MakeWithLicencesAsync(older)).Licences.ShouldBe("= kubernetes/LICENSES =\n\nall of them\n");
    }

    [Fact]
    public async Task An_archive_without_licences_is_taken_as_it_is()
    {
        byte[] archive = SampleKubernetes.Archive("1.36.0", entries => entries.RemoveAll(entry => Encoding.ASCII.GetString(entry).StartsWith("kubernetes/LICENSES", StringComparison.Ordinal)));
        (await MakeWithLicencesAsync(archive)).Licences.ShouldBeNull();
    }

    [Fact]
    public async Task A_licence_that_stands_twice_in_the_archive_is_refused()
    {
        byte[] archive = SampleKubernetes.Archive("1.36.0", entries => entries.Add(TarBytes.Entry("kubernetes/LICENSES/LICENSE", content: "another")));
        (await Should.ThrowAsync<MalformedDataException>(() => MakeAsync(archive))).Message.ShouldContain("'kubernetes/LICENSES/LICENSE' stands there twice");
    }

    [Fact]
    public async Task Auto_is_refused_where_the_lock_is_insisted_on() =>
        (await Should.ThrowAsync<BakeException>(() => ChooseAsync(KubernetesSource.Auto, _server.Address, insist: true))).Message.ShouldContain("--kubernetes upstream");

    [Fact]
    public async Task A_source_that_the_plan_does_not_describe_is_refused() =>
        (await Should.ThrowAsync<BakeException>(() => ChooseAsync(KubernetesSource.Folder, _server.Address))).Message.ShouldStartWith("BAKE0369  image.yaml  The source 'folder'");

    [Fact]
    public async Task None_leaves_kubernetes_out() => (await ChooseAsync(KubernetesSource.None, _server.Address)).ShouldBeNull();

    private static LockedUpstream Locked(byte[] archive) => new() { Version = "1.36.0", Path = Path, Size = archive.Length, Digest = SampleKubernetes.Sha512(archive) };

    private Restorer Session(string address) => new(new RestoreOptions
    {
        Mirror = "http://127.0.0.1:9/debian",
        KubernetesMirror = address,
        CacheFolder = _folder["cache"],
        Snapshots = null,
        Download = new DownloadOptions { StallTimeout = TimeSpan.FromMinutes(1), FirstBackOff = TimeSpan.FromMilliseconds(1) },
        Clock = TimeProvider.System,
    });

    private async Task<string[]> MakeAsync(byte[] archive, LockedUpstream? locked = null, string? address = null) => (await MakeWithLicencesAsync(archive, locked, address)).Programs;

    private async Task<(string[] Programs, string? Licences)> MakeWithLicencesAsync(byte[] archive, LockedUpstream? locked = null, string? address = null)
    {
        _server.Files[Path] = archive;
        using Restorer session = Session(address ?? _server.Address);
        RestoreRequest request = Request(KubernetesSource.Upstream, insist: true) with { Lock = Lock(locked ?? Locked(archive)) };
        IKubernetesPrograms programs = (await session.Kubernetes.ChooseAsync(request, _notices.Add, CancellationToken.None))!;
        using PlainProgress progress = new(TextWriter.Null, TimeProvider.System);
        using WorkFolder work = WorkFolder.Create(_folder["cache"]);
        KubernetesFiles made = await programs.MakeAsync(work, progress, CancellationToken.None);
        string kept = Directory.CreateDirectory(_folder[$"made-{Guid.NewGuid():N}"]).FullName;
        string[] copies = [.. Directory.EnumerateFiles(made.Folder).Order(StringComparer.Ordinal).Select(file =>
        {
            File.Copy(file, System.IO.Path.Combine(kept, System.IO.Path.GetFileName(file)));
            return System.IO.Path.Combine(kept, System.IO.Path.GetFileName(file));
        })];
        return (copies, made.Copyright is null ? null : Encoding.UTF8.GetString(made.Copyright));
    }

    private async Task<LockedUpstream> LockAsync(Digest? digest, string address)
    {
        using Restorer session = Session(address);
        ImagePlan plan = Request(KubernetesSource.None).Plan;
        plan = plan with { Kubernetes = new KubernetesPlan { Source = KubernetesSource.None, Upstream = new KubernetesUpstreamPlan { Version = new ComponentVersion(1, 36, 0), Sha512 = digest } } };
        LockedKubernetes locked = await session.KubernetesLock.MakeAsync(plan, null, "image.yaml", _notices.Add, CancellationToken.None);
        return locked.Upstream!;
    }

    private async Task<IKubernetesPrograms?> ChooseAsync(KubernetesSource source, string address, bool insist = false)
    {
        using Restorer session = Session(address);
        return await session.Kubernetes.ChooseAsync(Request(source, insist), _notices.Add, CancellationToken.None);
    }

    private static RestoreRequest Request(KubernetesSource source, bool insist = false) => new()
    {
        Plan = SamplePlan.WithKubernetes(source),
        PlanName = "image.yaml",
        Lock = Lock(Locked([1])),
        LockName = "image.lock.json",
        TemporaryLock = "/nowhere/image.lock.json",
        Kubernetes = null,
        InsistOnLock = insist,
    };

    private static ImageLock Lock(LockedUpstream upstream) => SamplePlan.Lock() with
    {
        Kubernetes = new LockedKubernetes { Upstream = upstream, Debian = SamplePlan.SourceBuild() },
    };
}
