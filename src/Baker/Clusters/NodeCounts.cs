using System.Globalization;

namespace Images.Baker.Clusters;

/// <summary>The nodes of a cluster, from <c>etcd=3,master=2,worker=2</c>.</summary>
internal static class NodeCounts
{
    public const string Etcd = "etcd";
    public const string Master = "master";
    public const string Worker = "worker";
    public const string Lb = "lb";

    /// <summary>A machine that gets no metadata.</summary>
    public const string None = "none";

    /// <summary>Last parts of the virtual addresses of masters and lbs: right before theirs.</summary>
    public const int MastersVip = 20;
    public const int LbVip = 40;

    /// <summary>More than nine workers go on where nobody else is.</summary>
    private const int MostInRow = 9;
    private const int TenthWorker = 91;

    private static readonly (string Role, int FirstNumber)[] _known =
    [
        (Etcd, 11),
        (Master, 21),
        (Worker, 31),
        (Lb, 41),
        (None, 71),
    ];

    /// <summary>One machine that is everything.</summary>
    public static IReadOnlyList<PlannedNode> Single { get; } =
    [
        new PlannedNode { Name = "node1", Roles = [Etcd, Master, Worker], Number = 11 },
    ];

    /// <exception cref="BakeException">It cannot be read, or names what there is not.</exception>
    public static IReadOnlyList<PlannedNode> Parse(string text)
    {
        List<PlannedNode> nodes = [];
        foreach (string[] parts in text.Split(',', StringSplitOptions.TrimEntries).Select(part => part.Split('=', 2)))
        {
            (string role, int first) = _known.FirstOrDefault(known => known.Role == parts[0]);
            if (
                role is null
                    || parts.Length < 2
                    || !int.TryParse(parts[1], CultureInfo.InvariantCulture, out int count)
                    || count is < 1 or > 40
                || (role != Worker && count > 9) || nodes.Any(node => node.Roles.FirstOrDefault(None) == role))
            {
                throw new BakeException(
                    "BAKE0948", "--nodes", $"'{string.Join('=', parts)}' is no number of nodes.",
                    $"Write each of {string.Join(", ", _known.Select(known => known.Role))} at most once, "
                        + "as in etcd=3,master=2,worker=2; up to 9 of each, 40 workers.");
            }

            nodes.AddRange(Enumerable.Range(1, count).Select(i => Make(role, i, first)));
        }

        return nodes;
    }

    /// <summary>A further node of a role, with the first free name.</summary>
    public static PlannedNode Next(ClusterPlan plan, string role)
    {
        (string known, int first) = _known.FirstOrDefault(known => known.Role == role);
        if (known is null)
        {
            throw new BakeException(
                "BAKE0948",
                role,
                "is no role of a node.",
                $"Name one of {string.Join(", ", _known.Select(one => one.Role))}.");
        }

        int index = Enumerable.Range(1, 40).First(i => plan.Nodes.All(node => node.Name != $"{role}{i}"));
        return Make(role, index, first);
    }

    private static PlannedNode Make(string role, int index, int first) => new()
    {
        Name = $"{role}{index}",
        Roles = role == None ? [] : [role],
        Number = index > MostInRow ? TenthWorker + index - MostInRow - 1 : first + index - 1,
    };
}
