using Images.NodeConfig;
using Images.NodeConfig.Yaml;

namespace Images.Bootstrapper.Datasources.NoCloud;

/// <summary>
/// Which of several volumes labelled <c>cidata</c> counts. The order of device names says nothing: it changes from one
/// boot to the next.
/// </summary>
internal static class SeedChoice
{
    public const string Refusal = "NODE0006";

    private const string Header = "#cloud-config";

    public static DatasourceAnswer Of(IReadOnlyList<FoundMetadata> seeds, SourceMemory memory)
    {
        if (seeds.FirstOrDefault(memory.HasSameContent) is { } known)
        {
            return DatasourceAnswer.Found(known);
        }

        FoundMetadata[] ours = [.. seeds.Where(SpeaksOfNode)];
        FoundMetadata[] candidates = ours.Length == 0 ? [.. seeds] : ours;
        string[] notes =
        [
            .. seeds.Except(candidates).Select(
                seed => $"{seed.Source} has no 'node:' and is passed over: {candidates[0].Source} has it"),
        ];
        DatasourceAnswer answer = candidates.All(seed => SaySame(seed, candidates[0]))
            ? DatasourceAnswer.Found(candidates[0])
            : DatasourceAnswer.Unusable(
                $"{string.Join(" and ", candidates.Select(seed => seed.Source))} say different things and none is "
                    + "taken; take out all but one",
                Refusal);
        return answer with { Notes = notes };
    }

    private static bool SaySame(FoundMetadata one, FoundMetadata other) =>
        one.MetaData.AsSpan().SequenceEqual(other.MetaData)
        && MetadataText.Unpacked(one).AsSpan().SequenceEqual(MetadataText.Unpacked(other));

    /// <summary>
    /// A hypervisor's own volume has no <c>node:</c>. A text that cannot be read may be meant to have it, unless it is
    /// none that this image ever reads.
    /// </summary>
    private static bool SpeaksOfNode(FoundMetadata seed)
    {
        try
        {
            string text = MetadataText.Decode(MetadataText.Unpack(seed.UserData, seed.Source), seed.Source);
            return text.StartsWith(Header, StringComparison.Ordinal)
                && StrictYaml.ParseMapping(text, seed.Source).Has("node");
        }
        catch (ConfigurationException)
        {
            return true;
        }
    }
}
