using Images.Fuzz.Parsers;

namespace Images.Fuzz;

/// <summary>Every parser of both programs that meets bytes of others.</summary>
internal static class FuzzedParsers
{
    public static IEnumerable<FuzzedParser> All =>
    [
        .. MetadataParsers.All,
        .. PeerParsers.All,
        .. ClusterParsers.All,
        .. MachineParsers.All,
        .. FormatParsers.All,
        .. VolumeParsers.All,
        .. ArchiveParsers.All,
        .. ContainerParsers.All,
        .. BakeParsers.All,
    ];
}
