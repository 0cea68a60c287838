using Images.Baker.Composing;
using Images.Baker.Composing.Fixups;
using Images.Formats.Tree;
using Images.NodeConfig;
using Images.NodeConfig.Metadata;
using Images.NodeConfig.Roles;
using Images.TestSupport;

namespace Images.Baker.Tests.Tree;

/// <summary>What a user who edits roles/ can get wrong, and what the bake says then. Each case changes a copy of the real folder.</summary>
public class RolesFolderTests
{
    [Fact]
    public void An_unknown_key_in_a_role_is_named_with_line_and_column() =>
        Should.Throw<ConfigurationException>(() => Compose(folder => Append(folder, "etcd.yaml", "colour: red\n")))
            .Message.ShouldMatch(@"^roles/etcd\.yaml:\d+:1  The key 'colour' is unknown");

    [Fact]
    public void An_unknown_key_in_the_common_description_is_named_with_line_and_column() =>
        Should.Throw<ConfigurationException>(() => Compose(folder => Replace(folder, "common/common.yaml", "mask:", "mosk:")))
            .Message.ShouldMatch(@"^roles/common/common\.yaml:\d+:1  The key 'mosk' is unknown");

    [Theory]
    [InlineData("common/common.yaml", "\"0440\"", "\"944\"", "no file mode")]
    [InlineData("common/common.yaml", "  - boot\n", "  - ../boot\n", "no path of the image")]
    [InlineData("common/common.yaml", "name: admin", "name: Admin", "no account name")]
    [InlineData("common/common.yaml", "comment: etcd,", "comment: 'a:b',", "holds a colon")]
    [InlineData("common/common.yaml", "  - fstrim.timer", "  - fstrim", "no unit name")]
    public void A_bad_value_is_refused_at_its_place(string file, string old, string replacement, string problem)
    {
        ConfigurationException refusal = Should.Throw<ConfigurationException>(() => Compose(folder => Replace(folder, file, old, replacement)));
        refusal.Message.ShouldContain(problem);
        refusal.Line.ShouldBeGreaterThan(1);
    }

    [Theory]
    [InlineData("common/common.yaml", "  - fstrim.timer", "  - nowhere.service", "BAKE0440")]
    [InlineData("common/common.yaml", "  - fstrim.timer", "  - roles.target", "BAKE0441")]
    [InlineData("common/common.yaml", "uid: 988", "uid: 987", "BAKE0411")]
    [InlineData("common/common.yaml", "groups: [adm, sudo,", "groups: [adm, wheel,", "BAKE0412")]
    [InlineData("common/common.yaml", "  etc/sudoers:", "  etc/sudoerz:", "BAKE0431")]
    [InlineData("common/common.yaml", "suffix: .crt", "suffix: .pem", "BAKE0433")]
    [InlineData("etcd.yaml", "template: etcd.env", "template: other.env", "BAKE0472")]
    [InlineData("etcd.yaml", "peers: etcd", "peers: nobody", "BAKE0474")]
    [InlineData("etcd.yaml", "role: etcd", "role: store", "BAKE0421")]
    [InlineData("etcd/units/etcd.service", "ConditionPathExists=/run", "ConditionPathExists=!/run", "BAKE0471")]
    [InlineData("etcd/units/etcd.service", "[Unit]\n", "[Unit]\r\n", "BAKE0423")]
    public void What_does_not_fit_together_is_refused(string file, string old, string replacement, string code) =>
        Should.Throw<BakeException>(() => Compose(folder => Replace(folder, file, old, replacement))).Code.ShouldBe(code);

    [Theory]
    [InlineData("{{etcd.name}}", "{{etcd.nmae}}", "roles/etcd/templates/etcd.env:1:11  There is no value 'etcd.nmae'. Values are: etcd.endpoint, etcd.host, etcd.initial-cluster, ")]
    [InlineData("{{etcd.name}}", "{{each workers}}{{end}}", "roles/etcd/templates/etcd.env:1:11  There is no list 'workers'. Lists are: etcd.")]
    [InlineData("{{etcd.name}}", "{{etcd_name}}", "roles/etcd/templates/etcd.env:1:11  '{{etcd_name}}' is no placeholder.")]
    public void A_template_that_uses_what_there_is_not_is_refused_with_its_place(string old, string replacement, string problem) =>
        Should.Throw<NodeConfig.ConfigurationException>(() => Compose(folder => Replace(folder, "etcd/templates/etcd.env", old, replacement)))
            .Message.ShouldStartWith(problem);

    [Fact]
    public void A_template_that_nobody_uses_is_refused() =>
        Should.Throw<BakeException>(() => Compose(folder => Append(folder, "etcd/templates/extra.env", "x"))).Code.ShouldBe("BAKE0473");

    [Fact]
    public void A_folder_without_the_common_description_is_refused() =>
        Should.Throw<BakeException>(() => Compose(folder => File.Delete(Path.Combine(folder, "common/common.yaml")))).Code.ShouldBe("BAKE0420");

    [Fact]
    public void A_role_is_added_by_a_file_and_a_folder()
    {
        FileTree tree = Compose(folder =>
        {
            Append(folder, "cache.yaml", "role: cache\ndns: caches\nservices:\n  - unit: cache.service\n    files: [{ path: /etc/cache.conf, template: cache.conf }]\n");
            Append(folder, "cache/units/cache.service", "[Unit]\nConditionPathExists=/run/bootstrapper/services/cache.service\n[Service]\nExecStart=/bin/true\n");
            Append(folder, "cache/templates/cache.conf", "x\n");
        }).Tree;

        tree.Find("etc/systemd/system/roles.target.wants/cache.service").ShouldBeOfType<SymlinkNode>();
        tree.ReadFile("usr/lib/bootstrapper/templates/cache/cache.conf").ShouldBe("x\n"u8.ToArray());
        CompiledRoles.FromJson(tree.ReadFile("usr/lib/bootstrapper/roles.json")).Roles.Select(role => role.Role).ShouldBe(["cache", "etcd"]);
    }

    [Fact]
    public void An_image_without_Kubernetes_leaves_its_roles_out_and_metadata_that_asks_for_one_is_told_why()
    {
        FileTree tree = ImageTree.Compose(SampleImage.Content()).Tree;

        tree.Find("usr/lib/systemd/system/kube-apiserver.service").ShouldBeNull();
        tree.Find("usr/lib/systemd/system/containerd.service.d/60-images.conf").ShouldBeNull();
        CompiledRoles roles = CompiledRoles.FromJson(tree.ReadFile("usr/lib/bootstrapper/roles.json"));
        roles.Roles.Select(role => role.Role).ShouldBe(["etcd"]);
        roles.LeftOut.Select(role => (role.Role, string.Join(',', role.Components))).ShouldBe([("lb", "kubernetes"), ("master", "kubernetes"), ("worker", "kubernetes")]);
        foreach (string text in new[] { "node: {cluster: demo, role: worker}", "write_files: [{path: /etc/sysconfig/kubernetes-minions, content: CLUSTER_NAME=demo}]" })
        {
            Should.Throw<ConfigurationException>(() => CloudConfig.Parse($"#cloud-config\n{text}\n", "user-data", roles))
                .Message.ShouldContain("The role 'worker' needs kubernetes, which this image does not hold. Boot an image that was baked with it. Roles of this image: etcd.");
        }
    }

    [Theory]
    [InlineData("1.20.2", true)]
    [InlineData("1.36.0", false)]
    public void An_image_with_Kubernetes_has_its_roles_as_the_version_wants_them(string version, bool closesPort)
    {
        FileTree tree = ImageTree.Compose(SampleImage.WithKubernetes(version)).Tree;

        foreach (string unit in (string[])["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", "kubelet", "cluster-dns", "cluster-names", "containerd", "etcd"])
        {
            tree.Find($"etc/systemd/system/roles.target.wants/{unit}.service").ShouldBeOfType<SymlinkNode>(unit);
        }

        CompiledRoles roles = CompiledRoles.FromJson(tree.ReadFile("usr/lib/bootstrapper/roles.json"));
        roles.Components["kubernetes"].ShouldBe(version);
        roles.LeftOut.ShouldBeEmpty();
        RoleService scheduler = roles.Find("master")!.Services.Single(service => service.Unit == "kube-scheduler.service");
        scheduler.Files.Any(file => file.Template == "no-insecure-port.env").ShouldBe(closesPort);
        tree.ReadFile("usr/lib/bootstrapper/templates/worker/kube-proxy.yaml").ShouldNotBeEmpty();
    }

    [Theory]
    [InlineData("master.yaml", "template: worker/kube-proxy.yaml", "template: worker/kube-proxi.yaml", "BAKE0472")]
    [InlineData("master.yaml", "certificate: kube-scheduler }", "certificate: kube-proxy }", "BAKE0475")]
    [InlineData("worker.yaml", "peers: master", "peers: boss", "BAKE0474")]
    [InlineData("worker.yaml", "    needs: [/var/lib/cluster-dns/hosts]", "    onPeers: [{ peers: boss, do: reload }]\n    needs: [/var/lib/cluster-dns/hosts]", "BAKE0474")]
    [InlineData("worker/units/kubelet.service", "ConditionPathExists=", "ConditionPathIsDirectory=", "BAKE0471")]
    public void What_does_not_fit_together_in_a_role_of_Kubernetes_is_refused(string file, string old, string replacement, string code) =>
        Should.Throw<BakeException>(() => Compose(folder => Replace(folder, file, old, replacement), SampleImage.WithKubernetes("1.36.0"))).Code.ShouldBe(code);

    [Theory]
    [InlineData("worker.yaml", "{{kubernetes.endpoint}}/readyz", "{{kubernetes.endpiont}}/readyz", "There is no value 'kubernetes.endpiont'.")]
    [InlineData("worker/templates/ca.crt", "{{kubernetes.trusted-certificates}}", "{{kubernetes.signing-key}}", "There is no value 'kubernetes.signing-key'.")]
    [InlineData("worker/templates/kubelet.yaml", "{{kubernetes.cluster-dns}}", "{{node.pod-cidr}}", "There is no value 'node.pod-cidr'.")]
    public void A_value_that_the_service_does_not_have_is_refused(string file, string old, string replacement, string problem) =>
        Should.Throw<ConfigurationException>(() => Compose(folder => Replace(folder, file, old, replacement), SampleImage.WithKubernetes("1.36.0"))).Problem.ShouldBe(problem);

    [Fact]
    public void A_unit_of_a_package_gets_its_gate_from_a_drop_in()
    {
        FileTree tree = Compose(folder =>
        {
            Append(folder, "web.yaml", "role: web\ndns: webs\nservices:\n  - unit: fstrim.timer\n");
            Append(folder, "web/units/fstrim.timer.d/60-images.conf", "[Unit]\nConditionPathExists=/run/bootstrapper/services/fstrim.timer\n");
        }).Tree;

        tree.Find("etc/systemd/system/roles.target.wants/fstrim.timer").ShouldNotBeNull();
    }

    private static ComposedImage Compose(Action<string> change) => Compose(change, SampleImage.Content());

    private static ComposedImage Compose(Action<string> change, ImageContent content)
    {
        using TemporaryFolder temporary = new();
        string copy = temporary["roles"];
        foreach (string file in Directory.EnumerateFiles(SampleImage.RolesFolder(), "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(copy, Path.GetRelativePath(SampleImage.RolesFolder(), file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        change(copy);
        return ImageTree.Compose(content with { Roles = RoleSourcesReader.Read(copy) });
    }

    private static void Replace(string folder, string file, string old, string replacement)
    {
        string path = Path.Combine(folder, file);
        string text = File.ReadAllText(path);
        text.ShouldContain(old);
        File.WriteAllText(path, text.Replace(old, replacement, StringComparison.Ordinal));
    }

    private static void Append(string folder, string file, string text)
    {
        string path = Path.Combine(folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.AppendAllText(path, text);
    }
}
