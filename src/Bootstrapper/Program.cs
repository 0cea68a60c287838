using Images.Bootstrapper;
using Images.Bootstrapper.Cli;
using Images.Bootstrapper.Reporting;
using Images.NodeConfig;

try
{
    return args switch
    {
        ["boot"] => await BootCommand.RunAsync(),
        ["prepare", string unit] => await PrepareCommand.RunAsync(unit),
        ["settle", string unit] => await SettleCommand.RunAsync(unit),
        ["release", string unit] => await ReleaseCommand.RunAsync(unit),
        ["drain"] => await DrainCommand.RunAsync(),
        ["import-containers"] => await ImportContainersCommand.RunAsync(),
        ["agent"] => await AgentCommand.RunAsync(),
        ["dns", string address, string file, string server] => DnsCommand.Run(address, file, server),
        ["status"] => await StatusCommand.RunAsync(NodeRoot.Machine, Plain(), json: false),
        ["status", "--json"] => await StatusCommand.RunAsync(NodeRoot.Machine, Console.Out, json: true),
        ["why"] => WhyCommand.Run(NodeRoot.Machine, Plain(), json: false),
        ["why", "--json"] => WhyCommand.Run(NodeRoot.Machine, Console.Out, json: true),
        ["accept", "metadata"] => AcceptCommand.Run(NodeRoot.Machine, Plain(), NodePaths.AcceptMetadata),
        ["accept", "machine"] => AcceptCommand.Run(NodeRoot.Machine, Plain(), NodePaths.AcceptMachine),
        ["renew-disk", string device, string sectors] => RenewDiskCommand.Run(device, sectors),
        ["upgrade", "--look"] => await UpgradeCommand.LookAsync(NodeRoot.Machine, Console.Out),
        ["upgrade", .. string[] arguments] => await UpgradeCommand.RunAsync(NodeRoot.Machine, Plain(), arguments),
        ["rollback"] => await UpgradeCommand.RollbackAsync(NodeRoot.Machine, Plain(), reboot: true),
        ["rollback", "--no-reboot"] => await UpgradeCommand.RollbackAsync(NodeRoot.Machine, Plain(), reboot: false),
        ["image-health"] => await TrialCommands.HealthAsync(NodeRoot.Machine, NodeConsole.ForMachine()),
        ["bless"] => await TrialCommands.BlessAsync(NodeRoot.Machine, NodeConsole.ForMachine()),
        ["etcd", "remove", string member] => await EtcdCommand.RemoveAsync(NodeRoot.Machine, Plain(), member),
        ["etcd", "snapshot"] => await EtcdCommand.SnapshotAsync(NodeRoot.Machine, Plain(), file: null),
        ["etcd", "snapshot", string file] => await EtcdCommand.SnapshotAsync(NodeRoot.Machine, Plain(), file),
        ["etcd", "prove", string file] => await EtcdCommand.ProveAsync(NodeRoot.Machine, Plain(), file),
        ["etcd", "restore", string file] =>
            await EtcdCommand.RestoreAsync(NodeRoot.Machine, Plain(), file, confirmed: false),
        ["etcd", "restore", string file, "--yes"] =>
            await EtcdCommand.RestoreAsync(NodeRoot.Machine, Plain(), file, confirmed: true),
        ["etcd", "hand-over"] => await EtcdCommand.HandOverAsync(NodeRoot.Machine, Plain()),
        ["etcd", "defrag"] => await EtcdCommand.DefragmentAsync(NodeRoot.Machine, Plain()),
        ["reset"] => await ResetCommand.RunAsync(NodeRoot.Machine, Plain(), confirmed: false),
        ["reset", "--yes"] => await ResetCommand.RunAsync(NodeRoot.Machine, Plain(), confirmed: true),
        _ => Usage.Print(Console.Error),
    };
}
catch (Exception e) when (e is BootFailure or ConfigurationException)
{
    Console.Error.WriteLine($"bootstrapper: {PlainText.Of(BootFailure.Describe(e))}");
    return ExitCodes.Failure;
}
catch (UnauthorizedAccessException e) when (!Environment.IsPrivilegedProcess)
{
    Console.Error.WriteLine(
        $"bootstrapper: NODE0603  {FaultText.Of(e).TrimEnd('.')}. This needs root: run it with sudo.");
    return ExitCodes.Failure;
}

// what servers, files and other machines say must not steer a terminal; JSON escapes it
static PlainTextWriter Plain() => new(Console.Out);
