using Images.Bootstrapper.LoadBalancing;

namespace Images.Bootstrapper.Tests.LoadBalancing;

public sealed class BackendSlotsTests
{
    private const int Port = 6443;
    private const string A = "10.240.0.21";
    private const string B = "10.240.0.22";
    private const string C = "10.240.0.23";

    [Fact]
    public void Machines_that_have_their_places_cost_no_command() =>
        Plan([On("s0", A), On("s1", B), Off("s2")], [B, A]).Commands.ShouldBeEmpty();

    [Fact]
    public void A_new_machine_gets_a_free_place_and_touches_no_other()
    {
        SlotPlan plan = Plan([On("s0", A), Off("s1"), Off("s2")], [A, B]);

        plan.Commands.ShouldBe([$"set server masters/s1 addr {B} port 6443", "set server masters/s1 state ready"]);
        plan.Added.ShouldBe([B]);
        plan.Removed.ShouldBeEmpty();
    }

    [Fact]
    public void A_machine_that_left_DNS_drains_and_keeps_its_place()
    {
        SlotPlan plan = Plan([On("s0", A), On("s1", B)], [A]);

        plan.Commands.ShouldBe(["set server masters/s1 state drain"]);
        plan.Removed.ShouldBe([B]);
        Plan([On("s0", A), Draining("s1", B)], [A]).Commands.ShouldBeEmpty();
    }

    [Fact]
    public void One_that_comes_back_while_it_drains_is_ready_in_its_place() =>
        Plan([On("s0", A), Draining("s1", B)], [A, B]).Commands.ShouldBe(["set server masters/s1 state ready"]);

    [Fact]
    public void One_that_has_drained_leaves_its_place_to_the_next()
    {
        SlotPlan plan = Plan([On("s0", A), Draining("s1", B)], [A, C], isDrained: true);

        plan.Commands.ShouldBe(
            [
                "shutdown sessions server masters/s1", "set server masters/s1 state maint",
                $"set server masters/s1 addr {C} port 6443", "set server masters/s1 state ready",
            ]);
    }

    [Fact]
    public void A_machine_that_is_there_gets_the_place_of_one_that_drains_rather_than_none()
    {
        SlotPlan plan = Plan([On("s0", A), Draining("s1", B)], [A, C]);

        plan.Added.ShouldBe([C]);
        plan.Commands[0].ShouldBe("shutdown sessions server masters/s1");
        plan.NoRoom.ShouldBeEmpty();
    }

    [Fact]
    public void One_too_many_is_said_and_costs_no_other_its_place()
    {
        SlotPlan plan = Plan([On("s0", A)], [A, B]);

        plan.Commands.ShouldBeEmpty();
        plan.NoRoom.ShouldBe([B]);
    }

    [Fact]
    public void An_answer_without_a_machine_changes_nothing() =>
        Plan([On("s0", A), Draining("s1", B)], [], isDrained: true).Commands.ShouldBeEmpty();

    [Fact]
    public void A_place_with_another_port_is_another_machine_s()
    {
        SlotPlan plan = Plan([On("s0", A) with { Port = 1 }, Off("s1")], [A]);

        plan.Commands.ShouldBe(
            [
                "set server masters/s0 state drain", $"set server masters/s1 addr {A} port 6443",
                "set server masters/s1 state ready",
            ]);
    }

    /// <summary>Plans are carried out here as haproxy does, in any order of answers.</summary>
    [Fact]
    public void Whatever_DNS_says_in_turn_the_places_are_those_it_named_last()
    {
        Random random = new(17);
        string[] all = [.. Enumerable.Range(1, 12).Select(number => $"10.0.0.{number}")];
        for (int run = 0; run < 200; run++)
        {
            List<BackendSlot> slots = [.. Enumerable.Range(0, 8).Select(index => Off($"s{index}"))];
            string[] wanted = [];
            for (int step = 0; step < 20; step++)
            {
                wanted = [.. all.Where(_ => random.Next(3) == 0).Take(8)];
                string[] kept = [.. slots.Where(slot => slot.State == SlotState.On && wanted.Contains(slot.Address)).Select(slot => slot.Place + slot.Address)];
                bool isDrained = random.Next(2) == 0;
                SlotPlan plan = Plan(slots, wanted, isDrained);
                Carry(slots, plan.Commands);
                if (wanted.Length > 0)
                {
                    slots.Where(slot => slot.State == SlotState.On).Select(slot => slot.Address).ShouldBe(wanted, ignoreOrder: true);
                    kept.ShouldBeSubsetOf(slots.Select(slot => slot.Place + slot.Address));
                }
            }
        }
    }

    private static void Carry(List<BackendSlot> slots, IReadOnlyList<string> commands)
    {
        foreach (string[] words in commands.Select(command => command.Split(' ')))
        {
            string place = words[0] == "shutdown" ? words[3] : words[2];
            int index = slots.FindIndex(slot => slot.Place == place);
            slots[index] = words switch
            {
                ["set", "server", _, "addr", var address, "port", var port] => slots[index] with { Address = address, Port = int.Parse(port) },
                ["set", "server", _, "state", "ready"] => slots[index] with { State = SlotState.On },
                ["set", "server", _, "state", "drain"] => slots[index] with { State = SlotState.Draining },
                ["set", "server", _, "state", "maint"] => slots[index] with { State = SlotState.Off },
                ["shutdown", "sessions", "server", _] => slots[index],
                _ => throw new InvalidOperationException(string.Join(' ', words)),
            };
        }
    }

    private static SlotPlan Plan(IReadOnlyList<BackendSlot> slots, IReadOnlyList<string> wanted, bool isDrained = false) =>
        BackendSlots.Plan(slots, wanted, Port, _ => isDrained);

    private static BackendSlot On(string name, string address) => new() { Backend = "masters", Name = name, Address = address, Port = Port, IsUp = true, State = SlotState.On };

    private static BackendSlot Draining(string name, string address) => On(name, address) with { State = SlotState.Draining };

    private static BackendSlot Off(string name) => On(name, "127.0.0.1") with { Port = 1, State = SlotState.Off };
}
