namespace Images.Baker;

/// <summary>
/// What the user can mend. One line: a stable code, where, what, what to do, as in
/// <c>BAKE0311  image.yaml  The package 'containerd' 1.7.24 needs 'runc (>= 1.1)'; … Add …</c>
/// </summary>
public sealed class BakeException(
    string code, string place, string problem, string remedy, BakeFault fault = BakeFault.Input,
    Exception? inner = null)
    : Exception($"{code}  {place}  {problem} {remedy}", inner)
{
    /// <summary>"BAKE" and four digits.</summary>
    public string Code { get; } = code;

    public string Place { get; } = place;

    public string Problem { get; } = problem;

    public string Remedy { get; } = remedy;

    public BakeFault Fault { get; } = fault;
}
