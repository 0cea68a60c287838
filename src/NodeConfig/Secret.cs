using System.Diagnostics;

namespace Images.NodeConfig;

/// <summary>Text that must not reach a log, a console or a dump. Only <see cref="Reveal"/> gives it.</summary>
[DebuggerDisplay("(secret)")]
public sealed class Secret(string value) : IEquatable<Secret>
{
    private readonly string _value = value;

    public string Reveal() => _value;

    public override string ToString() => "(secret)";

    public bool Equals(Secret? other) =>
        other is not null && string.Equals(_value, other._value, StringComparison.Ordinal);

    public override bool Equals(object? obj) => Equals(obj as Secret);

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(_value);
}
