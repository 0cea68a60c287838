using System.Net.Http.Headers;
using System.Text;
using Images.Baker;
using Images.Baker.Containers.Archives;
using Images.Baker.Containers.Oci;
using Images.Baker.Containers.Registry;
using Images.Baker.Plan;
using Images.Formats;

namespace Images.Fuzz.Parsers;

/// <summary>What registries and archives of container images hold.</summary>
internal static class ContainerParsers
{
    private static readonly Type[] _malformed = [typeof(MalformedDataException)];

    private static readonly ContainerReference _name = ContainerReference.TryParse("images.local/pause:1")!;

    public static IEnumerable<FuzzedParser> All =>
    [
        new() { Name = "oci-document", Declared = _malformed, Read = bytes => OciDocumentReader.Read(bytes, "fuzz") },
        new() { Name = "oci-config", Declared = _malformed, Read = bytes => OciConfig.Read(bytes, "fuzz") },
        new()
        {
            Name = "container-archive",
            Declared = [typeof(MalformedDataException), typeof(BakeException)],
            Repair = Checksums.RepairTar,
            Read = bytes => InFile.Read(bytes, path =>
            {
                ArchivedContainerPlan plan = new() { Name = _name, Archive = path, WrittenPath = "fuzz.tar" };
                ContainerArchive.Open(plan, pinned: null).ReadImage(_name, "amd64");
            }),
        },
        new() { Name = "image-name", Declared = [], Read = bytes => ContainerReference.TryParse(MetadataParsers.Text(bytes)) },
        new()
        {
            Name = "registry-challenge",
            Declared = [],
            Read = bytes =>
            {
                if (AuthenticationHeaderValue.TryParse(Encoding.Latin1.GetString(bytes), out AuthenticationHeaderValue? value))
                {
                    RegistryChallenge.Find([value]);
                }
            },
        },
        new()
        {
            Name = "registry-token",
            Declared = [typeof(BakeException)],
            Read = bytes => RegistryToken.ReadAsync(new MemoryStream(bytes), new Uri("https://registry.example/token"), CancellationToken.None).GetAwaiter().GetResult(),
        },
    ];
}
