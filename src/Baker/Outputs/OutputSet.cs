using Images.Formats.Disk;

namespace Images.Baker.Outputs;

/// <summary>
/// Names the files of one bake together. The last is the one that people use; while it stands, the others stand and are
/// of the same bake, at every moment and after any fault: its older namesake leaves first, it comes last.
/// </summary>
internal static class OutputSet
{
    /// <summary>
    /// Takes the files over: each gets its name, replacing an older one, or none does and nothing of them is left.
    /// </summary>
    /// <exception cref="BakeException">The output cannot be written; what stood there before stands again.</exception>
    public static void Publish(params IReadOnlyList<OutputName> files)
    {
        Stack<Action> undo = new(files.Select<OutputName, Action>(file => () => File.Delete(file.PartialPath)));
        foreach (OutputName file in files.Reverse().Where(file => File.Exists(file.Path)))
        {
            Move(file.Path, file.PreviousPath, file, undo);
        }

        foreach (OutputName file in files)
        {
            Move(file.PartialPath, file.Path, file, undo);
        }

        foreach (OutputName file in files)
        {
            Try(() => File.Delete(file.PreviousPath));
        }
    }

    private static void Move(string from, string to, OutputName file, Stack<Action> undo)
    {
        try
        {
            File.Move(from, to, overwrite: true);
            undo.Push(() => File.Move(to, from, overwrite: true));
        }
        catch (Exception fault) when (OutputFaults.IsOne(fault))
        {
            while (undo.TryPop(out Action? step))
            {
                Try(step);
            }

            throw OutputFaults.Of(file.Path, fault);
        }
    }

    /// <summary>What fails here was not needed for the outcome that is reported.</summary>
    private static void Try(Action step)
    {
        try
        {
            step();
        }
        catch (Exception fault) when (OutputFaults.IsOne(fault))
        {
            // the first fault is the one that is told
        }
    }
}
