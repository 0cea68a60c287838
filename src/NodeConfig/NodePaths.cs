namespace Images.NodeConfig;

/// <summary>Where things stand on a node. The Baker installs them there, the bootstrapper finds them there.</summary>
public static class NodePaths
{
    /// <summary>Read-only part of the image: program, compiled roles, templates, image description.</summary>
    public const string ProgramFolder = "/usr/lib/bootstrapper";

    public const string Program = ProgramFolder + "/bootstrapper";

    /// <summary>All role files of the image, compiled to one JSON document at bake time.</summary>
    public const string CompiledRoles = ProgramFolder + "/roles.json";

    /// <summary>Templates as <c>templates/&lt;role&gt;/&lt;name&gt;</c>.</summary>
    public const string Templates = ProgramFolder + "/templates";

    /// <summary>Container images that the image carries: NAME.tar (OCI archives) and NAME.json beside each.</summary>
    public const string Containers = ProgramFolder + "/containers";

    /// <summary>Manifests that masters apply to the cluster, *.yaml.</summary>
    public const string AddOns = "/usr/share/kubernetes/addons";

    /// <summary>Those that a role renders on the node; one replaces the image's file of its name.</summary>
    public const string RenderedAddOns = "/etc/kubernetes/addons";

    /// <summary>
    /// JSON: name, version, sourceDate (Unix seconds; the clock's floor), rootHash is not known inside; kubernetes,
    /// kubernetesSource and kubernetesEndOfLife where the image holds it.
    /// </summary>
    public const string ImageDescription = ProgramFolder + "/image.json";

    /// <summary>Runtime folder (tmpfs).</summary>
    public const string RunFolder = "/run/bootstrapper";

    /// <summary>A file named for the unit opens that unit's <c>ConditionPathExists=</c>.</summary>
    public const string Gates = RunFolder + "/services";

    /// <summary>KEY=value lines about this node, for <c>EnvironmentFile=</c>.</summary>
    public const string NodeEnvironment = RunFolder + "/node.env";

    /// <summary>JSON snapshot that <c>bootstrapper status</c> prints.</summary>
    public const string Status = RunFolder + "/status.json";

    /// <summary>JSON trace that <c>bootstrapper why</c> prints.</summary>
    public const string Trace = RunFolder + "/why.json";

    /// <summary>One JSON file a unit whose preparation waits for something, named <c>&lt;unit&gt;.json</c>.</summary>
    public const string Waits = RunFolder + "/waits";

    /// <summary>What DNS has said of each name of peers, one JSON file a name.</summary>
    public const string PeerNames = RunFolder + "/names";

    /// <summary>JSON: what the machine found of itself before it joined its cluster.</summary>
    public const string Inspection = RunFolder + "/inspection.json";

    /// <summary>
    /// Stands from when pods of this machine cannot reach the cloud's metadata; no kubelet starts before.
    /// </summary>
    public const string PodsGuarded = RunFolder + "/pods-guarded";

    /// <summary>Stands once a boot that was counted has shown that its image is well.</summary>
    public const string Blessed = RunFolder + "/blessed";

    /// <summary>systemd makes it where it is the first process of a container.</summary>
    public const string InContainer = "/run/systemd/container";

    /// <summary>Words of whoever started the node as a container, each an empty file.</summary>
    public const string LauncherWords = "/run/host/images";

    public const string InUserNamespace = LauncherWords + "/user-namespace";

    public const string HasCgroupV1 = LauncherWords + "/cgroup-v1";

    /// <summary>What is started this time, a word and its value a line.</summary>
    public const string ContainerBoot = LauncherWords + "/boot";

    /// <summary>Two slots as files: <c>esp/</c>, <c>root-a</c>, <c>root-b</c>.</summary>
    public const string ContainerSlots = LauncherWords + "/slots";

    /// <summary>The image's own plugins for the pods' network.</summary>
    public const string NetworkPlugins = "/usr/lib/cni";

    /// <summary>Those and what an add-on has put there.</summary>
    public const string AddOnsNetworkPlugins = "/opt/cni/bin";

    /// <summary>What outlives a reboot (on the state partition, mode 0711).</summary>
    public const string StateFolder = "/var/lib/bootstrapper";

    public const string Identity = StateFolder + "/identity.json";

    /// <summary>Of which source and which machine the identity is (mode 0600).</summary>
    public const string Memory = StateFolder + "/memory.json";

    /// <summary>Root's word that the next boot may take another source of metadata than the known one.</summary>
    public const string AcceptMetadata = StateFolder + "/accept-metadata";

    /// <summary>Root's word that the next boot's machine is the known one in another housing.</summary>
    public const string AcceptMachine = StateFolder + "/accept-machine";

    /// <summary>JSON: which image is on trial, and which were given up.</summary>
    public const string UpgradeMemory = StateFolder + "/upgrade.json";

    /// <summary>In the image: public keys of those who may make upgrades for it. Absent where anybody may.</summary>
    public const string UpgradeKeys = "/usr/lib/images/upgrade-keys";

    /// <summary>In the image: the oldest version that it may be left for, a line. Absent where any may be.</summary>
    public const string UpgradeMinimum = "/usr/lib/images/upgrade-minimum";

    /// <summary>
    /// Copy of the metadata that the identity was decided from (files user-data and meta-data, mode 0600).
    /// </summary>
    public const string Metadata = StateFolder + "/metadata";

    /// <summary>Keys and certificates, one folder a component.</summary>
    public const string Pki = StateFolder + "/pki";
}
