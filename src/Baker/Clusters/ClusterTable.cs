using System.Globalization;
using Images.Baker.Progress;

namespace Images.Baker.Clusters;

/// <summary>What a person sees of a cluster.</summary>
internal static class ClusterTable
{
    public static void Write(TextWriter output, ClusterView view, TimeSpan took, string? kubeconfig)
    {
        output.WriteLine();
        WriteNodes(output, view);
        foreach (PortView port in view.Ports)
        {
            output.WriteLine(port.IsTaken
                ? $"{port.Service}: port {port.Port} of 127.0.0.1 is taken by another program"
                : $"{port.Service}: http://127.0.0.1:{port.Port}");
        }

        output.WriteLine();
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture, $"cluster {view.Name} is ready after {took.TotalSeconds:0.0} s"));
        if (kubeconfig is not null)
        {
            output.WriteLine($"export KUBECONFIG={kubeconfig}");
        }
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

    private static void Row(
        TextWriter output, string node, string roles, string address, string state, string processor, string memory) =>
        output.WriteLine($"{node,-10} {roles,-20} {address,-14} {state,-12} {processor,9} {memory,10}".TrimEnd());
}
