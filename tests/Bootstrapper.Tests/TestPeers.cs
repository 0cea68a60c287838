using Images.Bootstrapper.Discovery;
using Images.NodeConfig.Roles;

namespace Images.Bootstrapper.Tests;

/// <summary>Directories of peers that ask anew for each question, and share nothing with other processes.</summary>
internal static class TestPeers
{
    public static PeerRhythm AlwaysAnew { get; } = new() { Round = TimeSpan.Zero, RoundWhenStill = TimeSpan.Zero };

    public static PeerWatch Watch(string name, IPeerResolver resolver, TimeProvider time) => new(name, Directory(resolver, time));

    public static PeerDirectory Directory(IPeerResolver resolver, TimeProvider time) =>
        new(new RoleNames(CompiledRoles.Of([]), "demo", "k8s"), resolver, kept: null, AlwaysAnew, time);
}
