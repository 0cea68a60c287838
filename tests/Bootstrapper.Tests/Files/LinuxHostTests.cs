using System.Runtime.InteropServices;
using Images.Bootstrapper.Files;
using Images.TestSupport;

namespace Images.Bootstrapper.Tests.Files;

public sealed partial class LinuxHostTests
{
    private const int NewUts = 0x04000000; // CLONE_NEWUTS of sched.h

    /// <summary>In a UTS namespace of the thread, which root may make; whoever may not is refused the name, too.</summary>
    [Fact]
    public void The_kernel_is_told_the_name_or_says_why_not()
    {
        string before = Judge.Run("uname", "-n").Trim();
        (bool mayName, string seen, IOException? refusal) = OnThreadOfItsOwn(() =>
        {
            bool isOwn = unshare(NewUts) == 0;
            IOException? error = null;
            try
            {
                LinuxHost.SetName("worker-793eb486");
            }
            catch (IOException e)
            {
                error = e;
            }

            return (isOwn, File.ReadAllText("/proc/sys/kernel/hostname").Trim(), error);
        });

        Judge.Run("uname", "-n").Trim().ShouldBe(before, "the machine that runs the test keeps its name");
        if (mayName)
        {
            seen.ShouldBe("worker-793eb486");
            refusal.ShouldBeNull();
        }
        else
        {
            refusal.ShouldNotBeNull().Message.ShouldBe("sethostname 'worker-793eb486': Operation not permitted");
        }
    }

    private static T OnThreadOfItsOwn<T>(Func<T> act)
    {
        T? result = default;
        Exception? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                result = act();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        return failure is null ? result! : throw failure;
    }

    [LibraryImport("libc")]
    private static partial int unshare(int flags);
}
