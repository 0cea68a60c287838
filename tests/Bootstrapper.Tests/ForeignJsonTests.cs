using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Images.Bootstrapper.Etcd;
using Images.Bootstrapper.Kubernetes.Approval;

namespace Images.Bootstrapper.Tests;

/// <summary>What other machines may answer in place of what they should.</summary>
public sealed class ForeignJsonTests
{
    /// <summary>Answers that are none, whoever was asked.</summary>
    public static TheoryData<string> Nonsense() => new(
        "", "null", "0", "\"text\"", "[]", "[null]", "{", "{}", new string('[', 4096), "{\"a\":" + new string('[', 4090), "\u0000", "{\"keys\":1}", "<html>");

    [Theory]
    [MemberData(nameof(Nonsense))]
    [InlineData("""{"node":"w1","keys":null}""")]
    [InlineData("""{"node":null,"keys":[]}""")]
    [InlineData("""{"node":"w1","keys":[null]}""")]
    [InlineData("""{"node":"w1","keys":["a","b","c","d","e","f","g","h","i"]}""")]
    [InlineData("""{"node":"w1","keys":{"0":"a"}}""")]
    [InlineData("""{"node":7,"keys":[]}""")]
    [InlineData("""{"node":"\ud800","keys":[]}""")]
    public void A_claim_that_is_none_is_refused(string json) =>
        Should.Throw<JsonException>(() => ForeignJson.Deserialize(Encoding.UTF8.GetBytes(json), CsrClaimJson.Default.CsrClaim));

    [Theory]
    [MemberData(nameof(Nonsense))]
    [InlineData("""{"status":null}""")]
    [InlineData("""{"status":{"cluster":"demo","size":1,"name":"m","phase":"Blank","sees":null}}""")]
    [InlineData("""{"status":{"cluster":"demo","size":1,"name":"m","phase":"Blank","sees":[null]}}""")]
    [InlineData("""{"status":{"cluster":"demo","size":1,"name":"m","phase":"Blank","sees":["no address"]}}""")]
    [InlineData("""{"status":{"cluster":null,"size":1,"name":"m","phase":"Blank","sees":[]}}""")]
    [InlineData("""{"status":{"cluster":"demo","size":99999999999,"name":"m","phase":"Blank","sees":[]}}""")]
    [InlineData("""{"status":{"cluster":"demo","size":1,"name":"m","phase":"Other","sees":[]}}""")]
    [InlineData("""{"status":{"cluster":"demo","size":1,"name":"m","phase":"Voted","sees":[],"configuration":{"cluster":"demo","members":null}}}""")]
    [InlineData("""{"status":{"cluster":"demo","size":1,"name":"m","phase":"Voted","sees":[],"configuration":{"cluster":"demo","members":[]}}}""")]
    [InlineData("""{"status":{"cluster":"demo","size":1,"name":"m","phase":"Voted","sees":[],"configuration":{"cluster":"demo","members":[null]}}}""")]
    [InlineData("""{"status":{"cluster":"demo","size":1,"name":"m","phase":"Voted","sees":[],"configuration":{"cluster":"demo","members":[{"address":null,"name":"m"}]}}}""")]
    public async Task A_reply_at_the_rendezvous_that_is_none_is_refused(string json)
    {
        using MemoryStream stream = new(Encoding.UTF8.GetBytes(json + "\n"));
        await Should.ThrowAsync<InvalidDataException>(RendezvousWire.ReceiveAsync(stream, EtcdJson.Default.RendezvousReply, CancellationToken.None));
    }

    [Theory]
    [InlineData("""{"void":{"cluster":"demo","members":null}}""")]
    [InlineData("""{"void":{"cluster":"demo","members":[null]}}""")]
    [InlineData("""{"void":[]}""")]
    public async Task A_question_at_the_rendezvous_that_is_none_is_refused(string json)
    {
        using MemoryStream stream = new(Encoding.UTF8.GetBytes(json + "\n"));
        await Should.ThrowAsync<InvalidDataException>(RendezvousWire.ReceiveAsync(stream, EtcdJson.Default.RendezvousRequest, CancellationToken.None));
    }

    [Fact]
    public void A_claim_and_a_reply_that_are_as_they_should_be_are_read()
    {
        ForeignJson.Deserialize("""{"node":"w1","keys":["a"]}"""u8, CsrClaimJson.Default.CsrClaim).Keys.ShouldBe(["a"]);
        ForeignJson.Deserialize("""{"status":{"cluster":"demo","size":1,"name":"m","phase":"Blank","sees":["10.0.0.1"]}}"""u8, EtcdJson.Default.RendezvousReply).Status.Sees.ShouldBe(["10.0.0.1"]);
    }

    [Theory]
    [InlineData("""{"a":1,"a":2}""")]
    [InlineData("""{"a":{"b":1,"b":2}}""")]
    [InlineData("""{"a":"\ud800"}""")]
    [InlineData("""{"\uDC00":1}""")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("7")]
    public void An_object_that_would_throw_when_it_is_looked_at_is_refused_when_it_comes(string json) =>
        Should.Throw<JsonException>(() => ForeignJson.ParseObject(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void Bytes_that_are_no_characters_are_refused() => Should.Throw<JsonException>(() => ForeignJson.ParseObject([.. "{\"a\":\""u8, 0xFF, .. "\"}"u8]));

    [Fact]
    public void Whole_characters_are_read_however_they_are_written()
    {
        JsonObject read = ForeignJson.ParseObject("{\"\\ud83d\\ude00\":\"\\uD83D\\uDE00\"}"u8);
        ((string?)read["\U0001F600"]).ShouldBe("\U0001F600");
    }
}
