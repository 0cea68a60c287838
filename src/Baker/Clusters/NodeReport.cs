using System.Text.Json;
using Images.Launcher;
using Images.Launcher.Clusters;
using Images.Launcher.Programs;
using Images.NodeConfig;

namespace Images.Baker.Clusters;

/// <summary>What a node's own bootstrapper says of it (<see cref="NodePaths.Status"/>).</summary>
/// <param name="IsReady">Every service of its roles is.</param>
/// <param name="Detail">The services that are not, in the node's words.</param>
internal sealed record NodeReport(bool IsReady, string Detail)
{
    private const string RolesStarted = "roles started";

    public static NodeReport Of(ClusterNode node)
    {
        try
        {
            // the file and not the command that prints it: asked each second, of each node
            ProgramResult file = node.Exec(["/usr/bin/cat", NodePaths.Status], TimeSpan.FromSeconds(10));
            return file.ExitCode == 0 ? Read(file.Output) : new NodeReport(false, "its system starts");
        }
        catch (LauncherException)
        {
            return new NodeReport(false, "its system starts");
        }
    }

    private static NodeReport Read(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            string phase = document.RootElement.GetProperty("phase").GetString() ?? "";
            if (phase != RolesStarted)
            {
                return new NodeReport(false, phase);
            }

            string[] waiting =
            [
                .. document.RootElement.GetProperty("services").EnumerateArray()
                    .Where(service => service.GetProperty("state").GetString() != "ready")
                    .Select(
                        service =>
                            $"{service.GetProperty("unit").GetString()}: {service.GetProperty("detail").GetString()}"),
            ];
            int services = document.RootElement.GetProperty("services").GetArrayLength();
            return waiting.Length > 0
                ? new NodeReport(false, string.Join("; ", waiting))
                : new NodeReport(services > 0, services > 0 ? "" : "its roles start");
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return new NodeReport(false, $"its status cannot be read: {fault.Message}");
        }
    }
}
