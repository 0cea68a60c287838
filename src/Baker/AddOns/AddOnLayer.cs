using System.Collections.Immutable;
using Images.Baker.Manifest;
using Images.Baker.Merging;
using Images.Formats.Tree;

namespace Images.Baker.AddOns;

/// <summary>The add-ons as a layer of the root, and what is known of them.</summary>
internal static class AddOnLayer
{
    public static TreeLayer Of(ImmutableArray<AddOnFile> files, long timeUnixSeconds)
    {
        FileTreeBuilder tree = new(timeUnixSeconds);
        foreach (AddOnFile file in files)
        {
            tree.AddFile(file.ImagePath, file.Content);
        }

        return new TreeLayer("add-ons", tree.Build().Nodes);
    }

    public static IReadOnlyList<AddOnFacts> FactsOf(ImmutableArray<AddOnFile> files) =>
    [.. files.Select(file => new AddOnFacts
    {
        File = file.ImagePath,
        Objects = [.. file.Objects.Select(item => $"{item.ApiVersion} {item}")],
    })];
}
