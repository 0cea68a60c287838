using System.Net;
using Images.Formats.Dns;

namespace Images.Formats.Tests.Dns;

public sealed class DnsMessageTests
{
    /// <summary>As dig sends it: id 0x1234, recursion desired, EDNS with 1,232 bytes.</summary>
    private static readonly byte[] _asked =
    [
        0x12, 0x34, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 1,
        2, .. "Db"u8, 7, .. "default"u8, 0, 0, 1, 0, 1,
        0, 0, 41, 0x04, 0xD0, 0, 0, 0, 0, 0, 0,
    ];

    [Fact]
    public void A_question_says_what_is_asked_and_what_its_sender_takes()
    {
        DnsQuestion question = DnsQuestion.Read(_asked);
        (question.Header.Id, question.Header.Flags, question.Name, question.Type, question.Class).ShouldBe(((ushort)0x1234, DnsFlags.RecursionDesired, "db.default", DnsType.A, (ushort)1));
        (question.HasEdns, question.EdnsVersion, question.DatagramSize, question.End).ShouldBe((true, (byte)0, 1232, 28));
    }

    [Fact]
    public void A_question_without_EDNS_takes_512_bytes_and_so_does_one_that_says_less()
    {
        byte[] plain = _asked[..28];
        plain[11] = 0;
        (DnsQuestion.Read(plain).HasEdns, DnsQuestion.Read(plain).DatagramSize).ShouldBe((false, 512));
        byte[] small = [.. _asked];
        (small[31], small[32]) = (0, 100);
        DnsQuestion.Read(small).DatagramSize.ShouldBe(512);
    }

    [Fact]
    public void An_answer_is_the_question_records_with_their_owners_compressed_and_EDNS()
    {
        byte[] buffer = new byte[512];
        DnsReplyWriter writer = new(_asked, DnsQuestion.Read(_asked), buffer);
        writer.TryAnswer("db.default", DnsRecord.OfAddress(IPAddress.Parse("10.32.0.7"), 5)).ShouldBeTrue();
        writer.TryAdditional("a.default", DnsRecord.OfAddress(IPAddress.Parse("10.200.1.2"), 5)).ShouldBeTrue();
        writer.TryAdditional("x", DnsRecord.OfServer(0, 100, 80, "y", 7)).ShouldBeTrue();
        int length = writer.Finish(DnsFlags.Authoritative, DnsCode.NoError);

        buffer[..length].ShouldBe(
        [
            0x12, 0x34, 0x85, 0x00, 0, 1, 0, 1, 0, 0, 0, 3,
            2, .. "Db"u8, 7, .. "default"u8, 0, 0, 1, 0, 1,
            0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, 10, 32, 0, 7,
            1, (byte)'a', 0xC0, 15, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, 10, 200, 1, 2,
            1, (byte)'x', 0, 0, 33, 0, 1, 0, 0, 0, 7, 0, 9, 0, 0, 0, 100, 0, 80, 1, (byte)'y', 0,
            0, 0, 41, 0x04, 0xD0, 0, 0, 0, 0, 0, 0,
        ]);
    }

    [Theory]
    [InlineData("bdefault")] // ends alike, but within a label
    [InlineData("default.x")]
    public void An_owner_that_shares_no_label_is_written_whole(string owner)
    {
        byte[] buffer = new byte[512];
        DnsReplyWriter writer = new(_asked, DnsQuestion.Read(_asked), buffer);
        writer.TryAnswer(owner, DnsRecord.OfAddress(IPAddress.Loopback, 5));
        writer.Finish(DnsFlags.None, DnsCode.NoError);
        DnsName.Read(buffer, 28, mayPoint: false, out _).ShouldBe(owner);
    }

    [Fact]
    public void What_has_no_room_is_not_written_and_EDNS_keeps_its_own()
    {
        byte[] buffer = new byte[28 + 16 + 11];
        DnsReplyWriter writer = new(_asked, DnsQuestion.Read(_asked), buffer);
        DnsRecord record = DnsRecord.OfAddress(IPAddress.Loopback, 5);
        writer.TryAnswer("db.default", record).ShouldBeTrue();
        writer.TryAnswer("db.default", record).ShouldBeFalse();
        writer.Clear();
        int length = writer.Finish(DnsFlags.Truncated, DnsCode.BadVersion);
        DnsHeader header = DnsHeader.Read(buffer);
        (length, header.Answers, header.Additionals, header.Flags.HasFlag(DnsFlags.Truncated), buffer[33]).ShouldBe((39, (ushort)0, (ushort)1, true, (byte)1));
    }

    [Theory]
    [InlineData(5, 0, "exactly one question")]
    [InlineData(5, 2, "exactly one question")]
    [InlineData(12, 0xC0, "points where none can be")]
    [InlineData(11, 2, "ends in the middle of a name")] // a record that is not there
    [InlineData(38, 9, "ends behind the message")]
    [InlineData(28, 1, "")] // no root for OPT's name
    public void What_is_no_question_is_refused(int at, int value, string rule)
    {
        byte[] message = [.. _asked];
        message[at] = (byte)value;
        Should.Throw<MalformedDataException>(() => DnsQuestion.Read(message)).Rule.ShouldContain(rule);
    }

    [Fact]
    public void A_second_OPT_is_refused()
    {
        byte[] message = [.. _asked, .. _asked[28..]];
        message[11] = 2;
        Should.Throw<MalformedDataException>(() => DnsQuestion.Read(message)).Rule.ShouldContain("twin");
    }

    [Fact]
    public void Every_shortened_question_is_refused()
    {
        for (int length = 0; length < _asked.Length; length++)
        {
            byte[] message = _asked[..length];
            Should.Throw<MalformedDataException>(() => DnsQuestion.Read(message));
        }
    }

    [Fact]
    public void An_answer_of_another_server_gives_addresses_and_other_names_uncompressed()
    {
        byte[] asked = DnsReply.Ask(7, "www.example.com", DnsType.A);
        DnsQuestion.Read(asked).DatagramSize.ShouldBe(1232);
        byte[] answer =
        [
            0, 7, 0x81, 0x80, 0, 1, 0, 3, 0, 0, 0, 0, .. asked[12..33],
            0xC0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 4, 1, (byte)'w', 0xC0, 16,
            1, (byte)'w', 0xC0, 16, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 192, 0, 2, 7,
            0xC0, 12, 0, 46, 0, 1, 0, 0, 0, 30, 0, 2, 1, 2,
        ];
        DnsReply reply = DnsReply.Read(answer, "www.example.com", DnsType.A);
        reply.Answers.Count.ShouldBe(2);
        (reply.Answers[0].Owner, reply.Answers[0].Record.Type, reply.Answers[0].Record.Ttl).ShouldBe(("www.example.com", DnsType.Cname, 60u));
        reply.Answers[0].Record.Data.ShouldBe(DnsName.ToBytes("w.example.com"));
        (reply.Answers[1].Owner, reply.Answers[1].Record.Ttl).ShouldBe(("w.example.com", 30u));
        reply.Answers[1].Record.Data.ShouldBe([192, 0, 2, 7]);
        Should.Throw<MalformedDataException>(() => DnsReply.Read(answer, "www.example.org", DnsType.A)).Rule.ShouldContain("another question");
        Should.Throw<MalformedDataException>(() => DnsReply.Read(answer, "www.example.com", DnsType.Aaaa)).Rule.ShouldContain("another question");
        Should.Throw<MalformedDataException>(() => DnsReply.Read(asked, "www.example.com", DnsType.A)).Rule.ShouldContain("no answer");
        for (int length = 0; length < answer.Length; length++)
        {
            byte[] message = answer[..length];
            Should.Throw<MalformedDataException>(() => DnsReply.Read(message, "www.example.com", DnsType.A));
        }
    }
}
