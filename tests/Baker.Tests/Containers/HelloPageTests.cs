using System.Text.Json;
using Images.Baker.Tests.Cli;
using Images.TestSupport;

namespace Images.Baker.Tests.Containers;

/// <summary>The page to try a cluster with, made by <c>baker hello</c>. That its pods answer is a cluster's test.</summary>
public sealed class HelloPageTests : IDisposable
{
    private const string Reference = "images.local/hello:1";
    private readonly TemporaryFolder _folder = new();
    private readonly SampleProject _project = new();

    public void Dispose()
    {
        _project.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Skopeo_and_umoci_read_the_archive_and_find_the_web_server_and_the_page()
    {
        string archive = _folder["hello.tar"];
        MustSucceed(Hello(archive)).ShouldContain($"{archive}  {Reference}");

        using JsonDocument config = JsonDocument.Parse(Judge.Run("skopeo", "inspect", "--config", $"oci-archive:{archive}:1"));
        JsonElement settings = config.RootElement.GetProperty("config");
        settings.GetProperty("Entrypoint").EnumerateArray().Select(item => item.GetString())
            .ShouldBe(["/usr/bin/busybox", "httpd", "-f", "-p", "8080", "-h", "/www"]);
        settings.GetProperty("User").GetString().ShouldBe("65535:65535");
        Judge.Run("skopeo", "--insecure-policy", "copy", $"oci-archive:{archive}:1", $"oci:{_folder["copy"]}:1");
        Judge.Run("umoci", "unpack", "--rootless", "--image", $"{_folder["copy"]}:1", _folder["bundle"]);
        string root = _folder["bundle/rootfs"];
        Judge.Run("find", root, "-type", "f", "-perm", "755", "-printf", "%P\n")
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)
            .ShouldBe(["usr/bin/busybox", "www/cgi-bin/index.cgi"]);
        File.ReadAllText($"{root}/usr/bin/busybox").ShouldBe("busybox");
        Judge.Run("cmp", $"{root}/www/cgi-bin/index.cgi", Path.Combine(Checkout.Folder, "hello/index.cgi"));
    }

    [Fact]
    public void Containerd_imports_it_under_the_name_that_the_manifest_uses()
    {
        string archive = _folder["hello.tar"];
        MustSucceed(Hello(archive));
        using TemporaryFolder home = new();
        using ContainerdDaemon containerd = new(home.FullPath);

        containerd.Ctr("images", "import", "--snapshotter", "native", archive);

        containerd.Ctr("images", "list", "--quiet").Split('\n').ShouldContain(Reference);
        File.ReadAllText(Path.Combine(Checkout.Folder, "hello/hello.yaml")).ShouldContain($"image: {Reference}\n");
    }

    [Fact]
    public void It_is_the_same_bytes_from_a_cold_and_a_warm_cache_and_the_second_time_no_package_is_read()
    {
        MustSucceed(Hello(_folder["first.tar"]));
        Directory.Delete(_project["cache/derived"], recursive: true);
        MustSucceed(Hello(_folder["second.tar"]));
        Directory.Delete(_project["cache/layers"], recursive: true);
        Directory.Delete(_project["cache/sha256"], recursive: true);
        MustSucceed(Hello(_folder["third.tar"]));

        Judge.Run("cmp", _folder["first.tar"], _folder["second.tar"]);
        Judge.Run("cmp", _folder["first.tar"], _folder["third.tar"]);
    }

    [Fact]
    public void A_lock_without_busybox_is_refused_and_nothing_is_written()
    {
        string path = _project["image.lock.json"];
        File.WriteAllText(path, File.ReadAllText(path)
            .Replace("\"busybox-static\"", "\"busybox\"", StringComparison.Ordinal));

        JudgeResult refused = Hello(_folder["hello.tar"]);

        refused.ExitCode.ShouldBe(2);
        refused.Error.ShouldContain("BAKE0640  ");
        refused.Error.ShouldContain("pins no busybox-static");
        Directory.GetFiles(_folder.FullPath).ShouldBeEmpty();
    }

    private JudgeResult Hello(string output) => Judge.Try(
        Judge.Find("dotnet"),
        [
            Path.Combine(AppContext.BaseDirectory, "baker.dll"), "hello", "--plan", _project["image.yaml"],
            "--cache", _project["cache"], "--mirror", "http://127.0.0.1:9/", "--out", output,
        ],
        input: null,
        _folder.FullPath,
        new Dictionary<string, string> { ["https_proxy"] = "http://127.0.0.1:9", ["no_proxy"] = "127.0.0.1" });

    private static string MustSucceed(JudgeResult result)
    {
        result.ExitCode.ShouldBe(0, result.Output + result.Error);
        return result.Output;
    }
}
