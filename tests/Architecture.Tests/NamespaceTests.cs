using Images.TestSupport;

namespace Images.Architecture.Tests;

/// <summary>
/// A namespace is used by those above it and uses those below it, so that whoever reads or takes one need not know all.
/// </summary>
public sealed class NamespaceTests
{
    /// <summary>Cycles that are still there. The list only shrinks: what is gone leaves it, nothing is added.</summary>
    private static readonly string[] _known =
    [
        Cycle("Images.Bootstrapper.Datasources", "Images.Bootstrapper.Datasources.NoCloud"),
        Cycle("Images.Bootstrapper.Identity", "Images.Bootstrapper.Reporting"),
        Cycle("Images.NodeConfig.Kubernetes", "Images.NodeConfig.Metadata"),
    ];

    private static readonly NamespaceGraph _graph = new([.. Sources.Files.Select(SourceFile.Read)]);

    [Fact]
    public void No_namespaces_form_a_cycle_but_those_that_are_listed()
    {
        _graph.Namespaces.Count.ShouldBeGreaterThan(50);
        string[] cycles = [.. _graph.Cycles()];
        string[] fresh = [.. cycles.Except(_known, StringComparer.Ordinal)];
        string described = string.Join("\n", fresh.Select(cycle => $"{cycle}\n{_graph.Describe(cycle)}"));
        fresh.ShouldBeEmpty($"cycles that are not listed:\n{described}");
        _known.Except(cycles, StringComparer.Ordinal)
            .ShouldBeEmpty("listed cycles that are gone: take them off the list");
    }

    [Fact]
    public void The_formats_know_nothing_else_of_ours()
    {
        string folder = Path.Combine(Checkout.Folder, "src", "Formats");
        SourceFile[] files =
        [
            .. Sources.Files.Where(path => path.StartsWith(folder, StringComparison.Ordinal)).Select(SourceFile.Read),
        ];
        files.Length.ShouldBeGreaterThan(100);
        files.Where(file => file.Usings.Any(used => !used.StartsWith("Images.Formats", StringComparison.Ordinal)))
            .Select(file => file.Path).ShouldBeEmpty();
    }

    [Fact]
    public void A_cycle_is_seen_through_imports_constants_and_enclosing_namespaces()
    {
        SourceFile outer = SourceFile.Of(
            "outer.cs", "using Images.A.B;\nnamespace Images.A;\nsealed class Outer { string x = $\"{Inner.Name}\"; }");
        SourceFile inner = SourceFile.Of(
            "inner.cs", "namespace Images.A.B;\nstatic class Inner { const string Name = Outer.Text; }");
        SourceFile above = SourceFile.Of(
            "above.cs", "using Images.A.B;\nnamespace Images.C;\n/// <see cref=\"Inner\"/>\nsealed class Above;");
        NamespaceGraph graph = new([outer, inner, above]);
        graph.Cycles().ShouldBe(["Images.A, Images.A.B"]);
        graph.Describe("Images.A.B, Images.C").ShouldBe("  Images.A.B -> \n  Images.C -> ");
    }

    private static string Cycle(params string[] namespaces) => string.Join(", ", namespaces);
}
