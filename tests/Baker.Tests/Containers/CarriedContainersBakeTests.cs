using System.Globalization;
using System.Text.Json;
using Images.Baker.Caching;
using Images.Baker.Containers;
using Images.Baker.Containers.Registry;
using Images.Baker.Disk;
using Images.Baker.Fetching;
using Images.Baker.Locking;
using Images.Baker.Plan;
using Images.Baker.Tests.Cli;
using Images.Formats.Gpt;
using Images.NodeConfig;
using Images.TestSupport;

namespace Images.Baker.Tests.Containers;

/// <summary>Whole bakes through the command line, with a container made of a package and one from an archive.</summary>
public sealed class CarriedContainersBakeTests : IDisposable
{
    private readonly SampleContainers _samples = new();
    private readonly SampleProject _project = new();

    public CarriedContainersBakeTests()
    {
        File.Copy(_samples.Make("app", "hello"), _project["app.tar"]);
        _project.WritePlan(text => text + """
            containerImages:
              - { name: images.local/pause:1, package: dmsetup, files: [usr/sbin/dmsetup], entrypoint: [/usr/sbin/dmsetup, -P] }
              - { name: example.com/app:1, archive: app.tar }

            """);
    }

    public void Dispose()
    {
        _project.Dispose();
        _samples.Dispose();
    }

    [Fact]
    public async Task The_image_carries_them_as_archives_that_skopeo_reads_and_a_cold_cache_gives_the_same_bytes()
    {
        await LockAsync();
        JudgeResult bake = _project.Bake();
        bake.ExitCode.ShouldBe(0, bake.Output + bake.Error);

        string[] archives = Directory.GetFiles(Unpack(), "*.tar");
        archives.Select(archive => JsonDocument.Parse(Judge.Run("skopeo", "inspect", $"oci-archive:{archive}:1")).RootElement.GetProperty("Digest").GetString())
            .ShouldContain(SampleContainers.DigestOf(_project["app.tar"]));
        archives.Length.ShouldBe(2);
        File.ReadAllText(_project["out/node_0.1.0.manifest.json"]).ShouldContain("\"/usr/lib/bootstrapper/containers/pause-");

        Directory.Delete(_project["cache/layers"], recursive: true);
        _project.Bake(output: "cold").ExitCode.ShouldBe(0);
        Judge.Run("cmp", _project.Image, _project["cold/node_0.1.0.raw"]);
    }

    [Fact]
    public async Task An_archive_that_was_replaced_since_it_was_locked_is_refused_even_where_the_cache_knows_the_old_one()
    {
        await LockAsync();
        _project.Bake().ExitCode.ShouldBe(0);
        File.Copy(_samples.Make("other", "another"), _project["app.tar"], overwrite: true);

        JudgeResult refused = _project.Bake(output: "again");

        refused.ExitCode.ShouldBe(2);
        refused.Error.ShouldContain("BAKE0630  app.tar");
        Directory.Exists(_project["again"]).ShouldBeFalse();
    }

    [Fact]
    public void A_lock_that_does_not_pin_it_is_refused()
    {
        JudgeResult refused = _project.Bake();

        refused.ExitCode.ShouldBe(2);
        refused.Error.ShouldContain("BAKE0302  image.lock.json");
        refused.Error.ShouldContain("example.com/app:1");
    }

    /// <summary>What <c>baker lock</c> adds to the lock for container images.</summary>
    private async Task LockAsync()
    {
        using RegistryClient registry = new(new DownloadOptions());
        ContainerSources sources = new(registry, new ContentCache(_project["cache"], TimeProvider.System), new DownloadOptions());
        ImagePlan plan = ImagePlanReader.ReadFile(_project["image.yaml"]);
        ImageLock pinned = ImageLockFile.Read(_project["image.lock.json"]);
        ImageLockFile.Write(_project["image.lock.json"], pinned with { Containers = await sources.LockAsync(plan, _ => { }, CancellationToken.None) });
    }

    private string Unpack()
    {
        const long Mebibyte = 1 << 20;
        GptLayout layout = new DiskSizes { EspBytes = 34 * Mebibyte, RootBytes = 4 * Mebibyte, StateBytes = Mebibyte }.ToLayout();
        string offset = layout[NodeDisk.RootA].OffsetBytes.ToString(CultureInfo.InvariantCulture);
        Judge.Run("unsquashfs", "-no-progress", "-o", offset, "-d", _project["root"], _project.Image, "usr/lib/bootstrapper/containers");
        return _project["root/usr/lib/bootstrapper/containers"];
    }
}
