using System.CommandLine;
using Images.Baker.Clusters;

namespace Images.Baker.Cli;

/// <summary>Options and arguments that several commands of <c>baker cluster</c> have.</summary>
internal static class ClusterOptions
{
    private const string DefaultName = "demo";

    public static TimeProvider Clock
    {
        get
        {
#pragma warning disable RS0030 // a running cluster is no output of a bake
            return TimeProvider.System;
#pragma warning restore RS0030
        }
    }

    public static Option<string?> Name() => new("--name")
    {
        Description = $"The cluster's name; may be left out where there is one only. The first one is {DefaultName}.",
    };

    public static Argument<string> Node() => new("node")
    {
        Description = "The node's name, as 'baker cluster status' has it.",
    };

    public static Option<bool> Json() => new("--json") { Description = "Print JSON." };

    /// <summary>Where <see cref="ClusterArchives.Hello"/> comes from.</summary>
    public static Option<string> Plan() => new("--plan")
    {
        Description = $"The plan whose lock pins what '{ClusterArchives.Hello}' is made of.",
        DefaultValueFactory = _ => "image.yaml",
    };

    /// <exception cref="BakeException">There is none of that name, or not exactly one.</exception>
    public static ClusterPlace Choose(string? name) => ClusterPlace.Choose(name, Environment.GetEnvironmentVariable);

    /// <summary>Likewise, for a command that makes the cluster where there is none.</summary>
    /// <exception cref="BakeException">The name is none, or there are several clusters.</exception>
    public static ClusterPlace ChooseOrMake(string? name)
    {
        Func<string, string?> environment = Environment.GetEnvironmentVariable;
        return name is not null ? ClusterPlace.Of(name, environment)
            : ClusterPlace.All(environment).Count == 0 ? ClusterPlace.Of(DefaultName, environment)
            : ClusterPlace.Choose(null, environment);
    }
}
