using Images.Baker;
using Images.Baker.Cli;
using Images.Formats;
using Images.Launcher;
using Images.NodeConfig;

// 0 done, 2 input, 3 source or network, 4 output, 70 bug (an exception nobody named ends the process with its trace).

// what servers, files and machines say stands in results and errors, and must not steer the terminal
Console.SetOut(new PlainTextWriter(Console.Out));
Console.SetError(new PlainTextWriter(Console.Error));
try
{
    return await BakerCommand.RunAsync(args).ConfigureAwait(false);
}
catch (BakeException problem)
{
    await Console.Error.WriteLineAsync($"baker: {problem.Message}").ConfigureAwait(false);
    return problem.Fault switch { BakeFault.Source => 3, BakeFault.Output => 4, _ => 2 };
}
catch (ContentException problem)
{
    await Console.Error.WriteLineAsync($"baker: {problem.Message}").ConfigureAwait(false);
    return problem.IsOfTheOutput ? 4 : 2;
}
catch (LauncherException problem)
{
    await Console.Error.WriteLineAsync($"baker: {problem.Message}").ConfigureAwait(false);
    return 2;
}
catch (ConfigurationException problem)
{
    await Console.Error.WriteLineAsync($"baker: BAKE0001  {problem.Message}").ConfigureAwait(false);
    return 2;
}
catch (MalformedDataException problem)
{
    // true of a local file, and of a download whose digest was right: that comes again as it is
    const string Remedy = "Fetch or make the file anew; if it comes out the same, "
        + "take another version of it and tell who makes it.";
    await Console.Error.WriteLineAsync($"baker: BAKE0002  {problem.Message.TrimEnd('.')}. {Remedy}")
        .ConfigureAwait(false);
    return 2;
}
catch (OperationCanceledException)
{
    await Console.Error.WriteLineAsync("baker: interrupted; nothing half-written is left.").ConfigureAwait(false);
    return 130;
}
#pragma warning disable CA1031 // the outermost edge: a bug shows its trace and has an exit code of its own
catch (Exception bug)
#pragma warning restore CA1031
{
    await Console.Error.WriteLineAsync($"baker: this is a bug in baker, please report it:\n{bug}")
        .ConfigureAwait(false);
    return 70;
}
