namespace Images.Bootstrapper.Etcd;

/// <summary>One member of a configuration: where it is and the random name it had when the configuration was voted.</summary>
internal sealed record EtcdMember
{
    public required string Address { get; init; }

    public required string Name { get; init; }
}
