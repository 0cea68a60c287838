// Builds the solution and publishes the two programs.
var configuration = Argument("configuration", "Release");
var bootstrapperFolder = $"{artifacts}/bootstrapper";
var bakerFolder = $"{artifacts}/baker";

// A command of the user's machine, its output passed through; a non-zero exit ends the build.
void Run(string program, IEnumerable<string> arguments, IDictionary<string, string> environment = null)
{
    var line = new ProcessArgumentBuilder();
    foreach (var argument in arguments)
    {
        line.AppendQuoted(argument);
    }

    var settings = new ProcessSettings { Arguments = line, WorkingDirectory = repository, EnvironmentVariables = environment };
    var exitCode = StartProcess(program, settings);
    if (exitCode != 0)
    {
        throw new CakeException(exitCode, $"{program} ended with exit code {exitCode}.");
    }
}

Task("Build").Does(() =>
{
    Console.WriteLine("restore and build the solution");
    Run("dotnet", ["build", "Images.sln", "-c", configuration, "-v", "quiet", "-nologo"]);
});

Task("Publish").IsDependentOn("Build").Does(() =>
{
    Console.WriteLine("publish the bootstrapper and baker");
    Run("dotnet", ["publish", "src/Bootstrapper/Bootstrapper.csproj", "-c", configuration, "-o", bootstrapperFolder, "-v", "quiet", "-nologo"]);
    string[] native = IsRunningOnLinux() && System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.X64
        ? ["--runtime", "linux-x64", "--self-contained", "false"]
        : [];
    Run("dotnet", ["publish", "src/Baker/Baker.csproj", "-c", configuration, "-o", bakerFolder, "-v", "quiet", "-nologo", .. native]);
});
