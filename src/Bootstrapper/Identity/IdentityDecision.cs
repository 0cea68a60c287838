namespace Images.Bootstrapper.Identity;

/// <summary>What metadata means for the machine's identity.</summary>
internal enum IdentityDecision
{
    /// <summary>The machine has none yet.</summary>
    New,

    /// <summary>It stays who it is; details may follow the metadata.</summary>
    Kept,

    /// <summary>A new instance-id with another role, cluster or domain: what the old one left is set aside.</summary>
    Replaced,

    /// <summary>The same instance-id with another role, cluster or domain: the machine stays who it was.</summary>
    Refused,
}
