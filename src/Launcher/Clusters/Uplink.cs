using System.Diagnostics;
using Images.Launcher.Hosts;
using Images.Launcher.Programs;

namespace Images.Launcher.Clusters;

/// <summary>
/// The cluster's way out, for pulls: a program of this machine, slirp4netns or pasta, that makes connections of its own
/// for what leaves through a device in the cluster's network. It needs no right. This machine's loopback addresses stay
/// out of reach. It ends with this program.
/// </summary>
internal sealed class Uplink : IDisposable
{
    /// <summary>What would bring one where there is none.</summary>
    public const string Remedy = "Install the package slirp4netns or passt, and start the cluster anew.";

    /// <summary>Answers names as this machine would.</summary>
    public const string Resolver = "10.0.2.3";

    /// <summary>The program does not mind the end of its input, so a shell beside it ends it then.</summary>
    private const string Tether = "exec 3<&0 </dev/null; { cat <&3 >/dev/null; kill $$; } & exec \"$@\" 3<&-";
    private const string Device = "up0";
    private const string Address = "10.0.2.100";
    private const string Gateway = "10.0.2.2";
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    private readonly Process _process;

    private Uplink(string program, Process process)
    {
        Program = program;
        _process = process;
    }

    /// <summary>slirp4netns or pasta.</summary>
    public string Program { get; }

    public bool IsAlive => !_process.HasExited;

    /// <summary>Starts one; null where this machine has neither program.</summary>
    /// <exception cref="LauncherException">It does not work; the message holds what was said.</exception>
    public static Uplink? TryStart(ClusterNamespaces namespaces, IdRange ids)
    {
        string user = $"/proc/{namespaces.Holder}/ns/user", network = $"/proc/{namespaces.Holder}/ns/net";
        string[]? command = SlirpCommand(user, network) ?? PastaCommand(user, network, ids);
        if (command is null)
        {
            return null;
        }

        Process process = HostProgram.Start(
            ["/bin/sh", "-c", Tether, "sh", .. command]);
        Uplink uplink = new(Path.GetFileName(command[0]), process);
        try
        {
            uplink.WaitUntilThere(namespaces);
            Translate(namespaces);
            return uplink;
        }
        catch
        {
            uplink.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.StandardInput.Close();
            if (!_process.WaitForExit(_patience))
            {
                _process.Kill(entireProcessTree: true);
            }
        }

        _process.Dispose();
    }

    private static string[]? SlirpCommand(string user, string network) =>
        HostProgram.Find("slirp4netns") is not { } program ? null :
        [
            program, "--configure", "--mtu=65520", "--disable-host-loopback", "--enable-sandbox", "--enable-seccomp",
            $"--userns-path={user}", "--netns-type=path", network, Device,
        ];

    private static string[]? PastaCommand(string user, string network, IdRange ids) =>
        HostProgram.Find("pasta") is not { } program ? null :
        [
            program, "--foreground", "--quiet",
            // root's namespaces are closed to nobody, whom it would become
            .. ids.IsApart ? ["--runas", "0:0"] : Array.Empty<string>(),
            "--config-net", "--no-map-gw", "--ipv4-only", "--address", Address, "--netmask", "255.255.255.0",
            "--gateway", Gateway, "--dns-forward", Resolver,
            "--tcp-ports", "none", "--udp-ports", "none", "--tcp-ns", "none", "--udp-ns", "none",
            "--ns-ifname", Device, "--userns", user, "--netns", network,
        ];

    private void WaitUntilThere(ClusterNamespaces namespaces)
    {
        Task<string> error = _process.StandardError.ReadToEndAsync();
        _process.BeginOutputReadLine();
        Stopwatch clock = Stopwatch.StartNew();
        string[] show = ["ip", "-4", "-o", "route", "show", "default", "dev", Device];
        while (!namespaces.Try(show, _patience).Output.Contains(Gateway, StringComparison.Ordinal))
        {
            if (_process.HasExited || clock.Elapsed > _patience)
            {
                string said = _process.HasExited ? error.Result.Trim() : "it brings no device";
                throw new LauncherException("BAKE0907", Program, $"the uplink does not work: {said}.", Remedy);
            }

            Thread.Sleep(20);
        }
    }

    /// <summary>What nodes and pods send leaves with the device's address.</summary>
    private static void Translate(ClusterNamespaces namespaces)
    {
        namespaces.Run("sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward");
        namespaces.Run("nft", $$"""
            table ip images {
                chain leave {
                    type nat hook postrouting priority srcnat;
                    oifname "{{Device}}" masquerade
                }
            }
            """);
    }
}
