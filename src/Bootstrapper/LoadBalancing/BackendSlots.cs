// A pure function with what it gives.
#pragma warning disable MA0048
using System.Globalization;

namespace Images.Bootstrapper.LoadBalancing;

/// <summary>
/// What haproxy must be told so that the places of one backend are those machines': places stay whose they are, so that
/// no change of one machine touches another's connections.
/// </summary>
internal static class BackendSlots
{
    /// <param name="slots">All places of the backend, as haproxy has them.</param>
    /// <param name="wanted">The machines' addresses; none changes nothing, for that is no answer.</param>
    /// <param name="port">Theirs.</param>
    /// <param name="isDrained">
    /// Whether a place that drains has done so for long enough, or has no connection left.
    /// </param>
    public static SlotPlan Plan(
        IReadOnlyList<BackendSlot> slots, IReadOnlyList<string> wanted, int port, Func<BackendSlot, bool> isDrained)
    {
        SlotPlan plan = new();
        if (wanted.Count == 0)
        {
            return plan;
        }

        HashSet<string> missing = new(wanted, StringComparer.Ordinal);
        List<BackendSlot> free = [];
        List<BackendSlot> draining = [];
        foreach (BackendSlot slot in slots)
        {
            bool isWanted = slot.Port == port && slot.State != SlotState.Off && missing.Remove(slot.Address);
            if (slot.State == SlotState.Off)
            {
                free.Add(slot);
            }
            else if (isWanted && slot.State == SlotState.Draining)
            {
                plan = plan.With(slot.Address, added: true, $"set server {slot.Place} state ready");
            }
            else if (!isWanted && slot.State == SlotState.On)
            {
                plan = plan.With(slot.Address, added: false, $"set server {slot.Place} state drain");
                draining.Add(slot);
            }
            else if (!isWanted && isDrained(slot))
            {
                plan = plan.With(End(slot));
                free.Add(slot);
            }
            else if (!isWanted)
            {
                draining.Add(slot);
            }
        }

        return Place(plan, [.. wanted.Where(missing.Contains)], port, free, draining);
    }

    private static SlotPlan Place(
        SlotPlan plan, IReadOnlyList<string> missing, int port, List<BackendSlot> free, List<BackendSlot> draining)
    {
        foreach (string address in missing)
        {
            BackendSlot? slot = free.FirstOrDefault();
            if (slot is null && draining.Count > 0)
            {
                slot = draining[0]; // a machine that is there matters more than the last connections of one that is not
                draining.RemoveAt(0);
                plan = plan.With(End(slot));
            }
            else if (slot is not null)
            {
                free.RemoveAt(0);
            }

            plan = slot is null
                ? plan with { NoRoom = [.. plan.NoRoom, address] }
                : plan.With(
                    address,
                    added: true,
                    string.Create(CultureInfo.InvariantCulture, $"set server {slot.Place} addr {address} port {port}"),
                    $"set server {slot.Place} state ready");
        }

        return plan;
    }

    private static string[] End(BackendSlot slot) =>
        [$"shutdown sessions server {slot.Place}", $"set server {slot.Place} state maint"];
}

/// <summary>Commands in their order, and what comes of them.</summary>
internal sealed record SlotPlan
{
    public IReadOnlyList<string> Commands { get; init; } = [];

    /// <summary>Addresses that get connections from now on.</summary>
    public IReadOnlyList<string> Added { get; init; } = [];

    /// <summary>Addresses that get no new ones from now on.</summary>
    public IReadOnlyList<string> Removed { get; init; } = [];

    /// <summary>Addresses for which there is no place.</summary>
    public IReadOnlyList<string> NoRoom { get; init; } = [];

    public SlotPlan With(string address, bool added, params IReadOnlyList<string> commands) => this with
    {
        Commands = [.. Commands, .. commands],
        Added = added ? [.. Added, address] : Added,
        Removed = added ? Removed : [.. Removed, address],
    };

    public SlotPlan With(IReadOnlyList<string> commands) => this with { Commands = [.. Commands, .. commands] };
}
