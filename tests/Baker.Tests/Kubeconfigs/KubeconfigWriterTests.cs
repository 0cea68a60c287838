using System.Text;
using System.Text.Json;
using Images.Baker.Kubeconfigs;
using Images.Baker.Seeds;
using Images.TestSupport;

namespace Images.Baker.Tests.Kubeconfigs;

public sealed class KubeconfigWriterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public KubeconfigWriterTests() =>
        SeedWriter.Write(new SeedOrder { Cluster = "demo", Role = "master", OutputFolder = _folder["seeds"] }, TimeProvider.System);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Openssl_verifies_the_client_certificate_against_the_clusters_authority_and_reads_user_and_group()
    {
        KubeconfigWriter.Write(Order(), TimeProvider.System);
        WriteParts();

        Judge.Run("openssl", "verify", "-purpose", "sslclient", "-x509_strict", "-CAfile", _folder["ca.crt"], _folder["client.crt"]).ShouldContain("client.crt: OK");
        Judge.Try("openssl", "verify", "-purpose", "sslserver", "-CAfile", _folder["ca.crt"], _folder["client.crt"]).ExitCode.ShouldNotBe(0);
        Judge.Run("openssl", "x509", "-in", _folder["client.crt"], "-noout", "-subject", "-nameopt", "RFC2253").ShouldContain("CN=admin,O=system:masters");
        Judge.Run("openssl", "pkey", "-in", _folder["client.key"], "-pubout").ShouldBe(Judge.Run("openssl", "x509", "-in", _folder["client.crt"], "-noout", "-pubkey"));
        File.ReadAllText(_folder["ca.crt"]).ShouldBe(File.ReadAllText(_folder["seeds/secrets/kubernetes.crt"]));
    }

    [Fact]
    public void Kubectl_reads_cluster_server_user_and_context()
    {
        KubeconfigWriter.Write(Order() with { User = "jane@example.com", Groups = ["viewers", "operators"] }, TimeProvider.System);

        using JsonDocument view = JsonDocument.Parse(Judge.Run("kubectl", "config", "view", "--kubeconfig", _folder["admin.conf"], "-o", "json"));
        view.RootElement.GetProperty("clusters")[0].GetProperty("cluster").GetProperty("server").GetString().ShouldBe("https://masters.demo.k8s:6443");
        Judge.Run("kubectl", "config", "current-context", "--kubeconfig", _folder["admin.conf"]).Trim().ShouldBe("jane@example.com@demo");
        WriteParts();
        Judge.Run("openssl", "x509", "-in", _folder["client.crt"], "-noout", "-subject", "-nameopt", "RFC2253").ShouldContain("CN=jane@example.com,O=operators,O=viewers");
    }

    [Theory]
    [InlineData("90m", 90 * 60)]
    [InlineData("8h", 8 * 3600)]
    [InlineData("30d", 30 * 86_400)]
    public void The_certificate_ends_when_it_was_asked_to(string validity, int seconds)
    {
        DateTimeOffset before = DateTimeOffset.UtcNow;
        DateTimeOffset expires = KubeconfigWriter.Write(Order() with { Validity = validity }, TimeProvider.System);
        WriteParts();

        expires.ShouldBe(before.AddSeconds(seconds), TimeSpan.FromSeconds(30));
        Judge.Try("openssl", "x509", "-in", _folder["client.crt"], "-noout", "-checkend", $"{seconds - 60}").ExitCode.ShouldBe(0);
        Judge.Try("openssl", "x509", "-in", _folder["client.crt"], "-noout", "-checkend", $"{seconds + 60}").ExitCode.ShouldBe(1);
    }

    [Fact]
    public void The_file_is_for_its_owner_only_and_nothing_else_is_left()
    {
        KubeconfigWriter.Write(Order(), TimeProvider.System);

        (OperatingSystem.IsWindows() ? UnixFileMode.UserRead | UnixFileMode.UserWrite : File.GetUnixFileMode(_folder["admin.conf"])).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Directory.GetFiles(_folder.FullPath).ShouldBe([_folder["admin.conf"]]);
    }

    [Fact]
    public void An_existing_file_is_kept_unless_it_may_be_replaced()
    {
        File.WriteAllText(_folder["admin.conf"], "mine");

        Refused("BAKE0824", Order()).ShouldContain("--force");
        File.ReadAllText(_folder["admin.conf"]).ShouldBe("mine");

        KubeconfigWriter.Write(Order() with { Force = true }, TimeProvider.System);
        File.ReadAllText(_folder["admin.conf"]).ShouldStartWith("apiVersion: v1");
    }

    [Theory]
    [InlineData("http://masters.demo.k8s:6443")]
    [InlineData("masters.demo.k8s:6443")]
    [InlineData("https://me:secret@masters.demo.k8s:6443")]
    [InlineData("me:secret@masters.demo.k8s:6443")]
    [InlineData("https://masters.demo.k8s/?x=secret")]
    [InlineData("")]
    public void A_server_without_https_is_refused_and_nothing_of_it_shown_that_may_be_secret(string server) =>
        Refused("BAKE0821", Order() with { Server = server }).ShouldNotContain("secret");

    [Theory]
    [InlineData("0h")]
    [InlineData("8")]
    [InlineData("h")]
    [InlineData("-1h")]
    [InlineData("1.5h")]
    [InlineData("4294967295d")]
    public void A_period_that_is_none_is_refused(string validity) => Refused("BAKE0822", Order() with { Validity = validity });

    [Fact]
    public void A_period_beyond_the_authoritys_own_end_is_refused() =>
        Refused("BAKE0822", Order() with { Validity = "3659d" }).ShouldContain("authority");

    [Fact]
    public void Another_clusters_and_missing_secrets_are_refused()
    {
        Refused("BAKE0803", Order() with { Cluster = "other" }).ShouldContain("'demo'");
        Refused("BAKE0808", Order() with { SeedFolder = _folder["nowhere"] }).ShouldContain("nowhere");
        Refused("BAKE0808", Order() with { SeedFolder = _folder["seeds/secrets"] }).ShouldContain("--out");
        File.Delete(_folder["seeds/secrets/kubernetes.key"]);
        Refused("BAKE0804", Order()).ShouldContain("kubernetes.key");
    }

    [Fact]
    public void Names_that_would_be_something_else_in_a_certificate_are_refused()
    {
        Refused("BAKE0823", Order() with { User = "a,O=system:masters" });
        Refused("BAKE0823", Order() with { User = "" });
        Refused("BAKE0823", Order() with { Groups = ["a\nb"] });
        Refused("BAKE0823", Order() with { Groups = [] });
    }

    [Fact]
    public void A_folder_that_is_missing_for_the_file_is_named()
    {
        Refused("BAKE0805", Order() with { OutputFile = _folder["missing/admin.conf"] }).ShouldContain("missing/admin.conf");
    }

    private KubeconfigOrder Order() => new() { Cluster = "demo", SeedFolder = _folder["seeds"], Server = "https://masters.demo.k8s:6443/", OutputFile = _folder["admin.conf"] };

    /// <summary>What kubectl finds in the file, each in a file of its own.</summary>
    private void WriteParts()
    {
        foreach ((string file, string path) in new[]
        {
            ("ca.crt", "clusters[0].cluster.certificate-authority-data"),
            ("client.crt", "users[0].user.client-certificate-data"),
            ("client.key", "users[0].user.client-key-data"),
        })
        {
            string text = Judge.Run("kubectl", "config", "view", "--raw", "--kubeconfig", _folder["admin.conf"], "-o", $"jsonpath={{.{path}}}");
            File.WriteAllText(_folder[file], Encoding.UTF8.GetString(Convert.FromBase64String(text)));
        }
    }

    private string Refused(string code, KubeconfigOrder order)
    {
        bool existed = File.Exists(order.OutputFile);
        BakeException refusal = Should.Throw<BakeException>(() => KubeconfigWriter.Write(order, TimeProvider.System));
        refusal.Code.ShouldBe(code);
        refusal.Message.ShouldNotContain("PRIVATE");
        File.Exists(order.OutputFile).ShouldBe(existed);
        return refusal.Message;
    }
}
