namespace Images.Bootstrapper.Tests.Etcd;

/// <summary>How DNS misbehaves before it agrees.</summary>
internal enum DnsShape
{
    /// <summary>Right from the start.</summary>
    Steady,

    /// <summary>One address, then two, then three.</summary>
    Growing,

    /// <summary>Some machines see one set, the others another, each of the right size.</summary>
    Split,

    /// <summary>One set, then another at about the same moment for all, while machines crash and links break.</summary>
    HandOver,

    /// <summary>Any subset at any time, for each machine on its own.</summary>
    Wild,
}
