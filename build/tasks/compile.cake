// Builds the solution and publishes the two programs.
var configuration = Argument("configuration", "Release");
var bootstrapperFolder = $"{artifacts}/bootstrapper";
var bakerFolder = $"{artifacts}/baker";

ProcessArgumentBuilder Line(IEnumerable<string> arguments)
{
    var line = new ProcessArgumentBuilder();
    foreach (var argument in arguments)
    {
        line.AppendQuoted(argument);
    }

    return line;
}

// A command of the user's machine, its output passed through; a non-zero exit ends the build.
void Run(string program, IEnumerable<string> arguments, IDictionary<string, string> environment = null)
{
    var settings = new ProcessSettings { Arguments = Line(arguments), WorkingDirectory = repository, EnvironmentVariables = environment };
    RequireSuccess(program, StartProcess(program, settings));
}

// The last line of what a dotnet command says; a non-zero exit ends the build.
string Ask(params string[] arguments)
{
    var settings = new ProcessSettings { Arguments = Line(arguments), WorkingDirectory = repository, RedirectStandardOutput = true };
    RequireSuccess("dotnet", StartProcess("dotnet", settings, out var lines));
    return lines.Last(line => line.Length > 0).Trim();
}

void RequireSuccess(string program, int exitCode)
{
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

Task("PublishBaker").IsDependentOn("Build").Does(() =>
{
    Console.WriteLine("publish baker");
    string[] native = IsRunningOnLinux() && System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.X64
        ? ["--runtime", "linux-x64", "--self-contained", "false"]
        : [];
    Run("dotnet", ["publish", "src/Baker/Baker.csproj", "-c", configuration, "-o", bakerFolder, "-v", "quiet", "-nologo", .. native]);
});

string OfBootstrapper(string property) => Ask("msbuild", "src/Bootstrapper/Bootstrapper.csproj", $"-getProperty:{property}");

// Where .NET links no program for the image, the bootstrapper is compiled ahead for .NET's runtime instead.
bool? isNative = null;
bool IsNative() => isNative ??= OfBootstrapper("NativeProgram") == "true";

// The folder of the pinned linker, which only baker can obtain.
string toolchain = null;
string Toolchain() => toolchain ??= Ask(BakerLine(["toolchain", .. MirrorOptions(), .. LockedOptions(), .. DerivedOptions()]));

string[] LinkerOptions() => IsNative() ? [$"-p:CppCompilerAndLinker={Toolchain()}/link"] : [];

Task("Publish").IsDependentOn("PublishBaker").Does(() =>
{
    Console.WriteLine("publish the bootstrapper");
    Run("dotnet", ["publish", "src/Bootstrapper/Bootstrapper.csproj", "-c", configuration, "-o", bootstrapperFolder, "-v", "quiet", "-nologo", .. LinkerOptions()]);
});
