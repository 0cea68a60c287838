// One closed family, read together: what a role file says.
#pragma warning disable MA0048
using System.Text.Json.Serialization;

namespace Images.NodeConfig.Roles;

/// <summary>What a role is, as <c>roles/&lt;role&gt;.yaml</c> says it. Lists keep the order of the file.</summary>
public sealed record RoleDefinition
{
    /// <summary>A word of <see cref="Components"/>.</summary>
    public const string Kubernetes = "kubernetes";

    /// <summary>The name that metadata uses, for example <c>etcd</c>.</summary>
    public required string Role { get; init; }

    /// <summary>
    /// First label of the name under which all machines of the role stand in DNS, for example <c>masters</c>.
    /// </summary>
    public required string Dns { get; init; }

    /// <summary>Further first labels with the same meaning, for example <c>minions</c> beside <c>workers</c>.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>
    /// What the image must hold beside packages, for example <c>kubernetes</c>; without it a bake leaves the role out.
    /// </summary>
    public IReadOnlyList<string> Components { get; init; } = [];

    /// <summary>
    /// Container images that its services start by themselves, by the names under which the image must carry them.
    /// </summary>
    public IReadOnlyList<string> ContainerImages { get; init; } = [];

    /// <summary>Null: nothing is known of them, so nothing of metadata is missing and nothing too much.</summary>
    public RoleSecrets? Secrets { get; init; }

    /// <summary>Whether its programs are Kubernetes'.</summary>
    [JsonIgnore]
    public bool IsOfKubernetes => Components.Contains(Kubernetes, StringComparer.Ordinal);

    public RoleMinimum? Minimum { get; init; }

    public IReadOnlyList<RolePort> Ports { get; init; } = [];

    /// <summary>Folders whose content belongs to this machine in this role: a reset empties them.</summary>
    public IReadOnlyList<string> Data { get; init; } = [];

    public required IReadOnlyList<RoleService> Services { get; init; }

    /// <summary>
    /// The role with the files that the image's version of its component calls for, and without their ranges.
    /// </summary>
    /// <param name="components">Version by component; those of <see cref="Components"/> must be in it.</param>
    public RoleDefinition For(IReadOnlyDictionary<string, ComponentVersion> components)
    {
        ArgumentNullException.ThrowIfNull(components);
        return this with
        {
            Services =
            [
                .. Services.Select(service => service with
                {
                    Files =
                    [
                        .. service.Files.Where(file => file.Versions?.Contains(components[Components[0]]) ?? true)
                            .Select(file => file with { Versions = null }),
                    ],
                }),
            ],
        };
    }

    /// <summary>The role on a machine: without what is not for it, and without the conditions that it meets.</summary>
    public RoleDefinition For(RoleConditions machine)
    {
        ArgumentNullException.ThrowIfNull(machine);
        return this with
        {
            Services =
            [
                .. Services.Where(service => machine.Holds(service.When) ?? true).Select(service => service with
                {
                    When = null,
                    Files =
                    [
                        .. service.Files.Where(file => machine.Holds(file.When) ?? true)
                            .Select(file => machine.Holds(file.When) is null ? file : file with { When = null }),
                    ],
                }),
            ],
        };
    }
}

/// <summary>One systemd unit of a role and what must be there before it starts.</summary>
public sealed record RoleService
{
    /// <summary>The unit's full name, for example <c>etcd.service</c>.</summary>
    public required string Unit { get; init; }

    /// <summary>A word of <see cref="RoleConditions"/>: only on machines where it holds; null: on all.</summary>
    public string? When { get; init; }

    /// <summary>Parts of the kernel that must be there.</summary>
    public IReadOnlyList<KernelNeed> Kernel { get; init; } = [];

    public IReadOnlyList<ServiceWait> Waits { get; init; } = [];

    /// <summary>Absolute paths of files that another service of the machine makes.</summary>
    public IReadOnlyList<string> Needs { get; init; } = [];

    /// <summary>Servers that must answer.</summary>
    public IReadOnlyList<ServiceAnswer> Answers { get; init; } = [];

    /// <summary>Names of certificates that the node mints for this service, for example <c>etcd-peer</c>.</summary>
    public IReadOnlyList<string> Certificates { get; init; } = [];

    /// <summary>
    /// Names of <see cref="ServiceValues"/> that its templates may use, beside what those of every service may.
    /// </summary>
    public IReadOnlyList<string> Values { get; init; } = [];

    public IReadOnlyList<ServiceFile> Files { get; init; } = [];

    /// <summary>What answers 2xx once the service is ready; without it the unit being active counts.</summary>
    public ServiceReady? Ready { get; init; }

    /// <summary>
    /// The Lease in kube-system that says which machine's process leads, of a service that shows the certificate of its
    /// <see cref="Ready"/>; null: each machine's works.
    /// </summary>
    public string? Lease { get; init; }

    /// <summary>
    /// Whether it is started anew after somebody has set the clock forward: it counts the life of its tokens by a clock
    /// that nobody sets.
    /// </summary>
    public bool RestartOnClockJump { get; init; }

    /// <summary>What is done when the machines of a role are others than before.</summary>
    public IReadOnlyList<ServicePeers> OnPeers { get; init; } = [];

    /// <summary>The roles whose machines it waits for or follows, each once: lists for its templates.</summary>
    public IReadOnlyList<string> RolesOfPeers() =>
    [
        .. Waits.Select(wait => wait.Peers).Concat(OnPeers.Select(on => on.Peers)).Distinct(StringComparer.Ordinal),
    ];

    /// <summary>Whether it is haproxy with places that are filled while it runs.</summary>
    [JsonIgnore]
    public bool HasPlaces => OnPeers.Any(on => on.Do == ServicePeers.Fill);

    /// <summary>Whether it starts once the members of etcd agree.</summary>
    public bool StartsAsEtcd() => Values.Any(name => ServiceValues.OfEtcd.Contains(name, StringComparer.Ordinal));
}

/// <summary>Peers whose addresses stand in files of a service, which follow them while it runs.</summary>
public sealed record ServicePeers
{
    public const string Reload = "reload";
    public const string Restart = "restart";

    /// <summary>Its files stay: the agent tells the running haproxy which machines stand in its places.</summary>
    public const string Fill = "fill";

    /// <summary>The role whose machines they are.</summary>
    public required string Peers { get; init; }

    /// <summary>
    /// <see cref="Reload"/> or <see cref="Restart"/>: what becomes of the service once its files were written anew; or
    /// <see cref="Fill"/>.
    /// </summary>
    public required string Do { get; init; }
}

/// <summary>
/// A part of the kernel that must be there before a service starts, and how it shows. A node in a container cannot load
/// it: that is its host's.
/// </summary>
public sealed record KernelNeed
{
    /// <summary>The module's name, for whoever has to load it.</summary>
    public required string Module { get; init; }

    /// <summary>The file system that it brings, as /proc/filesystems lists it; null: <see cref="Path"/> says.</summary>
    public string? Filesystem { get; init; }

    /// <summary>A folder or file that it brings.</summary>
    public string? Path { get; init; }
}

/// <summary>Peers a service waits for.</summary>
public sealed record ServiceWait
{
    /// <summary>The role whose machines are waited for.</summary>
    public required string Peers { get; init; }

    /// <summary>All of them, where their number is known; otherwise one is enough.</summary>
    public bool All { get; init; }
}

/// <summary>A server that must answer over TLS before a service starts.</summary>
public sealed record ServiceAnswer
{
    /// <summary>An https URL, in which values stand as in a template.</summary>
    public required string Url { get; init; }

    /// <summary>The authority of the cluster that the server's certificate must come from.</summary>
    public required string Authority { get; init; }

    /// <summary>
    /// One of the service's own certificates, to be shown: then only success counts. Without one, being asked for a
    /// certificate is an answer, too.
    /// </summary>
    public string? Certificate { get; init; }
}

/// <summary>A file rendered on the node from a template.</summary>
public sealed record ServiceFile
{
    public const string DefaultMode = "0644";
    public const string DefaultOwner = "root:root";
    public const string WhenPodCidr = "pod-cidr";

    /// <summary>Absolute path on the node.</summary>
    public required string Path { get; init; }

    /// <summary>File name under <c>templates/</c> of the role, or <c>role/name</c> for one of another role.</summary>
    public required string Template { get; init; }

    /// <summary>
    /// Versions of the role's component that need the file; null: all. A bake decides, so compiled roles have none.
    /// </summary>
    [JsonIgnore]
    public VersionRange? Versions { get; init; }

    /// <summary>
    /// <see cref="WhenPodCidr"/>: the agent writes it once the node's share of the pods' network is known. A word of
    /// <see cref="RoleConditions"/>: only on machines where it holds, which read their roles through
    /// <see cref="RoleDefinition.For(RoleConditions)"/>. Null: <c>prepare</c> writes it.
    /// </summary>
    public string? When { get; init; }

    /// <summary>The text is added to that of the file of this path before it, whose mode and owner it has.</summary>
    public bool Append { get; init; }

    /// <summary>Four octal digits.</summary>
    public string Mode { get; init; } = DefaultMode;

    /// <summary><c>user:group</c>, names of the image's accounts.</summary>
    public string Owner { get; init; } = DefaultOwner;

    /// <summary>The role whose template it is, and the template's name.</summary>
    /// <param name="role">The role whose file it is.</param>
    public (string Role, string Name) TemplateOf(string role) =>
        Template.Split('/') is [string other, string name] ? (other, name) : (role, Template);
}

/// <summary>What a service answers once it is ready.</summary>
public sealed record ServiceReady
{
    public required string Url { get; init; }

    /// <summary>
    /// The authority of the cluster that the server's certificate must come from, and with it one of the service's own
    /// certificates, to be shown; null: neither.
    /// </summary>
    public string? Authority { get; init; }

    public string? Certificate { get; init; }
}

/// <summary>A port the role listens on. <see cref="Protocol"/> is <c>tcp</c> or <c>udp</c>.</summary>
public sealed record RolePort
{
    public required int Number { get; init; }

    public required string Protocol { get; init; }
}

/// <summary>The smallest machine the role is meant for.</summary>
public sealed record RoleMinimum
{
    public required int Cpus { get; init; }

    public required long MemoryBytes { get; init; }

    public required long DiskBytes { get; init; }
}
