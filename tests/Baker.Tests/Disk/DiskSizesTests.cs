using System.Text;
using Images.Baker.Disk;
using Images.Formats;
using Images.Formats.Gpt;

namespace Images.Baker.Tests.Disk;

public sealed class DiskSizesTests
{
    [Fact]
    public void Partition_guids_are_what_their_rule_says()
    {
        foreach (GptPartition partition in new DiskSizes().ToLayout().Partitions)
        {
            Digest digest = Digest.Sha256(Encoding.ASCII.GetBytes($"images partition {partition.Name}"));
            partition.PartitionGuid.ShouldBe(ContentGuid.From(digest));
            partition.PartitionGuid.Version.ShouldBe(8);
        }
    }

    [Fact]
    public void A_size_that_is_no_multiple_of_a_mebibyte_is_refused_by_its_key_of_the_plan() =>
        Should.Throw<ContentException>(() => new DiskSizes { RootBytes = 1000 }.ToLayout())
            .Message.ShouldContain("sizes.root in image.yaml");
}
