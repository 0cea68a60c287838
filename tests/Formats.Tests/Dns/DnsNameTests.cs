using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Images.Formats.Dns;

namespace Images.Formats.Tests.Dns;

public sealed class DnsNameTests
{
    [Theory]
    [InlineData("a", true)]
    [InlineData("_http._tcp.web.default.svc.cluster.local", true)]
    [InlineData("", false)]
    [InlineData("a.", false)]
    [InlineData(".a", false)]
    [InlineData("a..b", false)]
    [InlineData("A", false)]
    [InlineData("a b", false)]
    [InlineData(@"a\046b", false)]
    [InlineData("ü", false)]
    public void A_plain_name_is_one_of_letters_digits_hyphens_and_underscores(string name, bool isPlain) => DnsName.IsPlain(name).ShouldBe(isPlain);

    [Fact]
    public void Labels_end_at_63_letters_and_names_at_253()
    {
        string label = new('a', 63);
        DnsName.IsPlain(label).ShouldBeTrue();
        DnsName.IsPlain(label + "a").ShouldBeFalse();
        string longest = $"{label}.{label}.{label}.{new string('b', 61)}";
        DnsName.IsPlain(longest).ShouldBeTrue();
        DnsName.IsPlain(longest + "b").ShouldBeFalse();
        DnsName.Read(DnsName.ToBytes(longest), 0, mayPoint: false, out int end).ShouldBe(longest);
        end.ShouldBe(255);
    }

    [Fact]
    public void A_name_is_labels_with_their_lengths_and_ends_in_zero() =>
        DnsName.ToBytes("db.default").ShouldBe([2, .. "db"u8, 7, .. "default"u8, 0]);

    [Fact]
    public void Letters_are_read_in_lower_case_and_other_bytes_as_numbers() =>
        DnsName.Read([3, .. "A.b"u8, 2, 0xC3, (byte)'Z', 0], 0, mayPoint: false, out _).ShouldBe(@"a\046b.\195z");

    [Fact]
    public void A_pointer_leads_to_what_was_before()
    {
        byte[] message = [.. new byte[12], .. DnsName.ToBytes("default.svc"), 2, .. "db"u8, 0xC0, 12, 7];
        DnsName.Read(message, 25, mayPoint: true, out int end).ShouldBe("db.default.svc");
        message[end].ShouldBe((byte)7);
        DnsName.Skip(message, 25).ShouldBe(end);
    }

    [Theory]
    [InlineData("C00C", "points where none can be")] // to itself
    [InlineData("C00E00", "points where none can be")] // forwards
    [InlineData("C000", "points where none can be")] // into the header
    [InlineData("0161C00C", "points where none can be")] // round in a circle
    [InlineData("4161", "of a form that does not exist")]
    [InlineData("8161", "of a form that does not exist")]
    [InlineData("0561", "a label ends behind the message")]
    [InlineData("0161", "ends in the middle of a name")]
    [InlineData("C0", "ends in the middle of a name")]
    [InlineData("", "ends in the middle of a name")]
    public void What_is_no_name_is_refused(string bytes, string rule) =>
        Should.Throw<MalformedDataException>(() => DnsName.Read([.. new byte[12], .. Convert.FromHexString(bytes)], 12, mayPoint: true, out _)).Rule.ShouldContain(rule);

    [Fact]
    public void A_name_of_more_than_255_bytes_is_refused_also_where_pointers_make_it_so()
    {
        byte[] label = [63, .. Encoding.ASCII.GetBytes(new string('a', 63))];
        byte[] message = [.. new byte[12], .. label, .. label, .. label, 0, .. label, 0xC0, 12];
        Should.Throw<MalformedDataException>(() => DnsName.Read(message, 12 + (3 * 64) + 1, mayPoint: true, out _)).Rule.ShouldContain("longer than 255");
    }

    [Fact]
    public void Whatever_plain_name_is_written_is_read_again()
    {
        Gen<string> label = Gen.Elements("abz019-_".ToCharArray()).NonEmptyListOf().Select(letters => new string([.. letters.Take(63)]));
        Prop.ForAll(label.NonEmptyListOf().Select(labels => string.Join('.', labels)).ToArbitrary(), name =>
        {
            if (DnsName.IsPlain(name))
            {
                DnsName.ToBytes(name).Length.ShouldBe(DnsName.WireLength(name));
                DnsName.Read(DnsName.ToBytes(name), 0, mayPoint: false, out _).ShouldBe(name);
            }
        }).QuickCheckThrowOnFailure();
    }
}
