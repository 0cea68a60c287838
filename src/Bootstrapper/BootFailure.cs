namespace Images.Bootstrapper;

/// <summary>Something the person who runs the machine can mend: where, what is wrong, what to do.</summary>
internal sealed class BootFailure(string place, string problem, string remedy) : Exception($"{place}: {problem}; {remedy}")
{
    public string Place { get; } = place;

    public string Problem { get; } = problem;

    public string Remedy { get; } = remedy;
}
