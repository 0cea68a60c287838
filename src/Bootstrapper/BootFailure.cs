using Images.NodeConfig;

namespace Images.Bootstrapper;

/// <summary>
/// Something the person who runs the machine can mend: a stable code, where, what is wrong, what to do, as in
/// <c>NODE0401  node.etcd.size: the number of members is missing; add …</c>
/// </summary>
internal sealed class BootFailure(string code, string place, string problem, string remedy)
    : Exception($"{code}  {place}: {problem}; {remedy}")
{
    /// <summary>"NODE" and four digits; docs/errors.md has an entry for each.</summary>
    public string Code { get; } = code;

    public string Place { get; } = place;

    public string Problem { get; } = problem;

    public string Remedy { get; } = remedy;

    /// <summary>
    /// The line that a failure is shown with. Texts that break a rule have one code: each has its place besides.
    /// </summary>
    public static string Describe(Exception failure) =>
        failure is ConfigurationException ? $"NODE0001  {failure.Message}" : failure.Message;
}
