using Images.Baker.Cli;

return await BakerCommand.RunAsync(args).ConfigureAwait(false);
