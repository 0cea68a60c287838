namespace Images.Launcher.Hosts;

/// <summary>What a machine lacks.</summary>
/// <param name="What">In a few words.</param>
/// <param name="Why">What needs it.</param>
/// <param name="Command">Mends it.</param>
internal sealed record MissingThing(string What, string Why, string Command);
