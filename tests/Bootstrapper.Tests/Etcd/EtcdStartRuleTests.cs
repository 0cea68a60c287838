using Images.Bootstrapper.Discovery;
using Images.Bootstrapper.Etcd;

namespace Images.Bootstrapper.Tests.Etcd;

public sealed class EtcdStartRuleTests
{
    private const string A = "10.0.0.11";
    private const string B = "10.0.0.12";
    private const string C = "10.0.0.13";

    private static readonly EtcdConfiguration _abc = EtcdConfiguration.Of("demo", [Member(C), Member(A), Member(B)]);

    [Fact]
    public void Data_on_disk_start_at_once_and_ask_nobody() =>
        EtcdStartRule.Decide(Seen(EtcdRecord.Blank(A), [A]) with { HasData = true }).ShouldBeOfType<EtcdDecision.Resume>();

    [Fact]
    public void Two_of_three_addresses_wait_and_say_so() =>
        Reason(Seen(EtcdRecord.Blank(A), [A, B])).ShouldBe("exactly 3 addresses in DNS, which names 2: 10.0.0.11, 10.0.0.12");

    [Fact]
    public void A_machine_that_DNS_does_not_name_waits() =>
        Reason(Seen(EtcdRecord.Blank(A), [B, C])).ShouldContain("this machine's address 10.0.0.11 to stand in DNS");

    [Fact]
    public void Silence_of_one_machine_holds_all_back() =>
        Reason(Seen(EtcdRecord.Blank(A), [A, B, C], Status(B))).ShouldBe("10.0.0.13 to answer");

    [Fact]
    public void A_machine_that_sees_another_set_holds_all_back() =>
        Reason(Seen(EtcdRecord.Blank(A), [A, B, C], Status(B), Status(C) with { Sees = [A, C] }))
            .ShouldBe("10.0.0.13 to see the same addresses; it sees 10.0.0.11, 10.0.0.13");

    [Fact]
    public void Machines_of_another_size_hold_all_back() =>
        Reason(Seen(EtcdRecord.Blank(A), [A, B, C], Status(B), Status(C) with { Size = 5 })).ShouldContain("10.0.0.13 says 5");

    [Fact]
    public void When_all_are_blank_and_see_the_same_a_machine_votes() =>
        EtcdStartRule.Decide(Seen(EtcdRecord.Blank(A), [A, B, C], Status(B), Status(C)))
            .ShouldBeOfType<EtcdDecision.Vote>().Configuration.Digest.ShouldBe(_abc.Digest);

    [Fact]
    public void Several_machines_vote_only_on_addresses_that_stand_still() =>
        Reason(Seen(EtcdRecord.Blank(A), [A, B, C], Status(B), Status(C)) with { PeersStable = false })
            .ShouldBe("the addresses in DNS to stand still: 10.0.0.11, 10.0.0.12, 10.0.0.13");

    [Fact]
    public void A_machine_that_votes_with_nobody_waits_for_no_addresses_to_stand_still() =>
        EtcdStartRule.Decide(Seen(EtcdRecord.Blank(A), [A]) with { Size = 1, PeersStable = false }).ShouldBeOfType<EtcdDecision.Vote>();

    [Fact]
    public void Only_the_leader_starts_when_all_have_voted()
    {
        PeerStatus[] voted = [Voted(A), Voted(B), Voted(C)];

        EtcdStartRule.Decide(Seen(EtcdRecord.Blank(A).VoteFor(_abc), [A, B, C], voted)).ShouldBeOfType<EtcdDecision.StartNew>();
        Reason(Seen(EtcdRecord.Blank(B).VoteFor(_abc), [A, B, C], voted) with { Address = B }).ShouldContain("10.0.0.11 to start the cluster");
    }

    [Fact]
    public void A_vote_is_followed_even_when_DNS_has_changed_and_the_leader_is_gone() =>
        EtcdStartRule.Decide(Seen(EtcdRecord.Blank(B).VoteFor(_abc), [B], Voted(C) with { Phase = EtcdPhase.Started }) with { Address = B })
            .ShouldBeOfType<EtcdDecision.StartNew>();

    [Fact]
    public void A_vote_is_given_up_only_with_the_leaders_word()
    {
        EtcdObservation doubted = Seen(EtcdRecord.Blank(B).VoteFor(_abc), [A, B, "10.0.0.14"], Voted(A), Status("10.0.0.14")) with { Address = B };

        EtcdStartRule.Decide(doubted).ShouldBeOfType<EtcdDecision.AskToVoid>().Addresses.ShouldBe([A]);
        EtcdStartRule.Decide(doubted with { VoidAnswers = Words((A, VoidAnswer.Voided)) }).ShouldBeOfType<EtcdDecision.DropVote>();
        EtcdStartRule.Decide(doubted with { VoidAnswers = Words((A, VoidAnswer.Started)) }).ShouldBeOfType<EtcdDecision.StartNew>();
        EtcdStartRule.Decide(doubted with { VoidAnswers = Words((A, VoidAnswer.Unknown)) })
            .ShouldBeOfType<EtcdDecision.AskToVoid>().Addresses.ShouldBe([C]);
        EtcdStartRule.Decide(doubted with { VoidAnswers = Words((A, VoidAnswer.Unknown), (C, VoidAnswer.Unknown)) })
            .ShouldBeOfType<EtcdDecision.DropVote>();
    }

    [Fact]
    public void A_wiped_machine_joins_the_cluster_of_its_peers() =>
        EtcdStartRule.Decide(Seen(EtcdRecord.Blank("new"), [A, B, C], Voted(B) with { Phase = EtcdPhase.Started }, Status(C)))
            .ShouldBeOfType<EtcdDecision.Join>().Through.ShouldBe([B]);

    [Fact]
    public void A_member_that_lost_its_data_is_a_new_machine() =>
        EtcdStartRule.Decide(Seen(EtcdRecord.Blank(A).VoteFor(_abc).StartVoted() with { HasRun = true }, [A, B, C]))
            .ShouldBeOfType<EtcdDecision.Forget>();

    [Fact]
    public void A_crash_between_decision_and_first_start_changes_nothing() =>
        EtcdStartRule.Decide(Seen(EtcdRecord.Blank(A).VoteFor(_abc).StartVoted(), [])).ShouldBeOfType<EtcdDecision.StartNew>();

    [Fact]
    public void A_machine_whose_address_changed_between_decision_and_first_start_waits_for_the_old_one()
    {
        EtcdRecord started = EtcdRecord.Blank(A).VoteFor(_abc).StartVoted();

        string reason = Reason(Seen(started, [B, C, "10.0.0.14"]) with { Address = "10.0.0.14" });

        reason.ShouldStartWith("its address 10.0.0.11 back");
        reason.ShouldContain("bootstrapper reset --yes");
    }

    [Fact]
    public void Voiding_costs_the_name_and_is_remembered()
    {
        EtcdRecord voted = EtcdRecord.Blank(A).VoteFor(_abc);

        (VoidAnswer word, EtcdRecord after) = RendezvousRule.AnswerVoid(voted, _abc, "new");

        word.ShouldBe(VoidAnswer.Voided);
        after.Phase.ShouldBe(EtcdPhase.Blank);
        after.Name.ShouldBe("new");
        RendezvousRule.AnswerVoid(after, _abc, "newer").ShouldBe((VoidAnswer.Voided, after));
        RendezvousRule.AnswerVoid(voted.StartVoted(), _abc, "new").Word.ShouldBe(VoidAnswer.Started);
        RendezvousRule.AnswerVoid(EtcdRecord.Blank("wiped"), _abc, "new").Word.ShouldBe(VoidAnswer.Unknown);
    }

    private static string Reason(EtcdObservation seen) => EtcdStartRule.Decide(seen).ShouldBeOfType<EtcdDecision.Wait>().Reason;

    private static EtcdMember Member(string address) => new() { Address = address, Name = address };

    private static PeerStatus Status(string address) => new()
    {
        Cluster = "demo",
        Size = 3,
        Name = address,
        Phase = EtcdPhase.Blank,
        Sees = [A, B, C],
    };

    private static PeerStatus Voted(string address) => Status(address) with { Phase = EtcdPhase.Voted, Configuration = _abc };

    private static Dictionary<string, VoidAnswer> Words(params (string Address, VoidAnswer Word)[] words) =>
        words.ToDictionary(pair => pair.Address, pair => pair.Word, StringComparer.Ordinal);

    private static EtcdObservation Seen(EtcdRecord record, string[] dns, params PeerStatus[] answers) => new()
    {
        Cluster = "demo",
        Size = 3,
        Address = A,
        Record = record,
        HasData = false,
        Peers = PeerSet.Parse(dns),
        PeersStable = true,
        Answers = answers.ToDictionary(answer => answer.Name, StringComparer.Ordinal),
        VoidAnswers = new Dictionary<string, VoidAnswer>(StringComparer.Ordinal),
    };
}
