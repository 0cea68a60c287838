using Images.NodeConfig.Metadata;
using Images.TestSupport;

namespace Images.NodeConfig.Tests.Kubernetes;

/// <summary>The seed's form: a sysconfig file chooses role and cluster, files beside it bring the secrets.</summary>
public sealed class KubernetesSecretFilesTests
{
    private static readonly IReadOnlyList<NodeConfig.Roles.RoleDefinition> _roles = RolesOfProduct.Named("etcd", "lb", "master", "worker");

    [Theory]
    [InlineData("kubernetes-minions")]
    [InlineData("kubernetes-minion")]
    public void A_minions_files_make_a_worker(string file)
    {
        NodeMetadata metadata = Parse(
            (file, "CLUSTER_NAME=cncfdemo\nCLOUD_PROVIDER=--cloud-provider=aws\nKUBELET_HOSTNAME=--hostname-override=ip-172-20-0-12.us-west-2.compute.internal\n"),
            ("kubernetes.crt", ClusterSamples.Pair.Certificate),
            ("bootstrap-token", "abcdef.0123456789abcdef\n"));

        (metadata.Node.Roles.ShouldHaveSingleItem(), metadata.Node.Cluster).ShouldBe(("worker", "cncfdemo"));
        metadata.Node.Kubernetes.NodeName.ShouldBe("ip-172-20-0-12.us-west-2.compute.internal");
        metadata.Node.Kubernetes.Token!.Text.Reveal().ShouldBe("abcdef.0123456789abcdef");
        metadata.Node.Secrets[ClusterSecrets.Kubernetes].ShouldHaveSingleItem().Key.ShouldBeNull();
    }

    [Theory]
    [InlineData("kubernetes-masters")]
    [InlineData("kubernetes-master")]
    public void A_masters_files_make_a_master(string file)
    {
        string keys = ClusterSamples.EcPem() + "\n" + ClusterSamples.PublicPem(ClusterSamples.EcPem()) + "\n";
        NodeMetadata metadata = Parse(Master(file, keys, $"# newest first\nnew {ClusterSamples.EncryptionSecret}\nold {ClusterSamples.EncryptionSecret}\n", "abcdef.0123456789abcdef\nlblblb.0123456789abcdef lb 2027-01-31T12:00:00Z\n"));

        metadata.Node.Roles.ShouldBe(["master"]);
        metadata.Node.Kubernetes.ServiceAccountKeys.Select(key => key.Private is not null).ShouldBe([true, false]);
        metadata.Node.Kubernetes.EncryptionKeys.Select(key => key.Name).ShouldBe(["new", "old"]);
        metadata.Node.Kubernetes.Tokens.Select(token => (token.Id, token.Group, token.Expires is not null)).ShouldBe([("abcdef", "worker", false), ("lblblb", "lb", true)]);
        metadata.Node.Secrets.CanSign(ClusterSecrets.Kubernetes).ShouldBeTrue();
    }

    [Theory]
    [InlineData("x", "", "", "service-account.key holds something other than keys")]
    [InlineData("", "", "nothing", "bootstrap-tokens, line 1: this is no bootstrap token")]
    [InlineData("", "key1 AAAA", "", "encryption-keys, line 1: this is no name and key")]
    [InlineData("", "", "abcdef.0123456789abcdef\n\nabcdef.0123456789abcdef x", "'abcdef' stands twice")]
    [InlineData("", "", "abcdef.0123456789abcdef worker soon", "bootstrap-tokens, line 1")]
    public void A_broken_file_is_named(string keys, string encryption, string tokens, string problem)
    {
        string message = Should.Throw<ConfigurationException>(() => Parse(Master(
            "kubernetes-masters", keys.Length == 0 ? ClusterSamples.EcPem() : keys, encryption.Length == 0 ? $"a {ClusterSamples.EncryptionSecret}" : encryption, tokens))).Message;
        message.ShouldContain(problem);
        message.ShouldNotContain("0123456789abcdef.");
    }

    [Fact]
    public void What_a_minion_lacks_is_named_by_its_file() =>
        Should.Throw<ConfigurationException>(() => Parse(("kubernetes-minions", "CLUSTER_NAME=demo\n"), ("kubernetes.crt", ClusterSamples.Pair.Certificate)))
            .Message.ShouldContain("/etc/bootstrapper/pki/bootstrap-token in write_files");

    private static (string, string)[] Master(string file, string keys, string encryption, string tokens) =>
    [
        (file, "CLUSTER_NAME=demo\n"),
        .. new[] { "kubernetes", "front-proxy", "etcd-client" }.SelectMany(name => new[] { (name + ".crt", ClusterSamples.Pair.Certificate), (name + ".key", ClusterSamples.Pair.Key) }),
        ("service-account.key", keys),
        ("encryption-keys", encryption),
        ("bootstrap-tokens", tokens),
    ];

    private static NodeMetadata Parse(params (string Name, string Content)[] files)
    {
        IEnumerable<string> entries = files.Select(file =>
            $"- path: {(file.Name.StartsWith("kubernetes-", StringComparison.Ordinal) ? "/etc/sysconfig" : "/etc/bootstrapper/pki")}/{file.Name}\n  content: {ClusterSamples.Quoted(file.Content)}\n");
        return CloudConfig.Parse($"#cloud-config\nwrite_files:\n{string.Concat(entries)}", "user-data", _roles);
    }
}
