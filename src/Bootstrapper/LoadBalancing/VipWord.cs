using Images.NodeConfig.Metadata;

namespace Images.Bootstrapper.LoadBalancing;

/// <summary>
/// A machine's word whether it holds a virtual address: the address and "held" or "not held", a line of text. Nobody
/// decides anything by it; two who hold one are told to people.
/// </summary>
internal sealed record VipWord(string Address, bool IsHeld)
{
    public const int Port = LbPorts.Holder;

    private const string Held = "held";
    private const string NotHeld = "not held";

    public override string ToString() => $"{Address} {(IsHeld ? Held : NotHeld)}\n";

    /// <summary>Null for any other text.</summary>
    public static VipWord? Parse(string text) => text.TrimEnd('\n').Split(' ', 2) switch
    {
        [{ Length: > 0 } address, Held] => new VipWord(address, IsHeld: true),
        [{ Length: > 0 } address, NotHeld] => new VipWord(address, IsHeld: false),
        _ => null,
    };
}
