using System.Globalization;
using System.Text.Json;
using Images.Baker.Progress;

namespace Images.Baker.Clusters;

/// <summary>What a person sees of a cluster.</summary>
internal static class ClusterTable
{
    public static void Write(TextWriter output, ClusterView view, TimeSpan took)
    {
        output.WriteLine();
        WriteNodes(output, view);
        WritePorts(output, view);
        output.WriteLine();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"cluster {view.Name} is ready after {took.TotalSeconds:0.0} s"));
    }

    public static void WriteNodes(TextWriter output, ClusterView view)
    {
        Row(output, "NODE", "ROLES", "ADDRESS", "STATE", "CPU", "MEMORY");
        foreach (NodeView node in view.Nodes)
        {
            Row(
                output, node.Name, node.Roles.Count == 0 ? "-" : string.Join(',', node.Roles), node.Address,
                node.IsReady ? "ready" : node.State,
                string.Create(CultureInfo.InvariantCulture, $"{node.ProcessorSeconds:0.0} s"),
                node.MemoryBytes is { } bytes ? ByteText.Size(bytes) : "-");
        }
    }

    /// <summary>Clusters, a line each, or as JSON.</summary>
    public static void WriteList(TextWriter output, IReadOnlyList<ClusterSummary> clusters, bool asJson)
    {
        if (asJson)
        {
            output.WriteLine(JsonSerializer.Serialize(clusters, ClusterJson.Default.IReadOnlyListClusterSummary));
            return;
        }

        output.WriteLine($"{"CLUSTER",-16} {"STATE",-9} {"NODES",5}  IMAGE");
        foreach (ClusterSummary cluster in clusters)
        {
            output.WriteLine($"{cluster.Name,-16} {cluster.State,-9} {cluster.Nodes,5}  {cluster.Image}".TrimEnd());
        }
    }

    /// <summary>One cluster: its nodes and what they wait for, or as JSON.</summary>
    public static void WriteStatus(TextWriter output, ClusterView view, bool asJson)
    {
        if (asJson)
        {
            output.WriteLine(JsonSerializer.Serialize(view, ClusterJson.Default.ClusterView));
            return;
        }

        WriteNodes(output, view);
        foreach (NodeView node in view.Nodes.Where(node => node.Detail.Length > 0))
        {
            output.WriteLine($"{node.Name}: {node.Detail}");
        }

        WritePorts(output, view);
        foreach (string notice in view.Notices)
        {
            output.WriteLine(notice);
        }
    }

    private static void WritePorts(TextWriter output, ClusterView view)
    {
        foreach (PortView port in view.Ports)
        {
            output.WriteLine(port.IsTaken
                ? $"{port.Service}: port {port.Port} of 127.0.0.1 is taken by another program"
                : $"{port.Service}: http://127.0.0.1:{port.Port}");
        }
    }

    private static void Row(
        TextWriter output, string node, string roles, string address, string state, string processor, string memory) =>
        output.WriteLine($"{node,-10} {roles,-20} {address,-14} {state,-12} {processor,9} {memory,10}".TrimEnd());
}
