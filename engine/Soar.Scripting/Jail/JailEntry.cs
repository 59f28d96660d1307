using Microsoft.Win32.SafeHandles;

namespace Soar.Scripting.Jail;

/// <summary>What a jailed child does once its jail is shut; returns the exit code.</summary>
/// <param name="arguments">The arguments after the verb.</param>
/// <param name="fromParent">What the parent writes to <see cref="JailedProcess.ToChild"/>; ends when the parent closes it or dies.</param>
/// <param name="toParent">What the parent reads from <see cref="JailedProcess.FromChild"/>.</param>
public delegate Task<int> JailBody(IReadOnlyList<string> arguments, Stream fromParent, Stream toParent);

/// <summary>
/// The child's side. The executable's <c>Main</c> asks here first. Stage 1 gives up files, powers and resources and executes the same
/// program again (landlock binds only the calling thread, the runtime already has others); stage 2 shuts the system calls on all threads
/// and then, and only then, calls the body.
/// </summary>
public static class JailEntry
{
    internal const int FromParentDescriptor = 3, ToParentDescriptor = 4, PageDescriptor = 5;

    private static readonly Lazy<SharedPage> _page = new(() => SharedPage.Map(PageDescriptor));

    /// <summary>In a jailed child: the page that its parent sees as <see cref="JailedProcess.Page"/>.</summary>
    public static SharedPage Page => _page.Value;

    /// <summary>In a jailed child: its parent has written something that was not read yet (or is gone).</summary>
    internal static bool ParentHasSpoken => Linux.IsReadable(FromParentDescriptor);

    /// <summary>The exit code of a child whose jail could not be built; the error stream says why.</summary>
    public const int JailNotBuilt = 71;

    /// <summary>Runs the body of a jailed verb and returns its exit code, or <c>null</c> if <paramref name="args"/> name no such verb.</summary>
    public static int? Run(string[] args, IReadOnlyDictionary<string, JailBody> bodies)
    {
        if (args.Length == 0 || !bodies.TryGetValue(args[0], out var body))
            return null;
        if (Environment.GetEnvironmentVariable(JailPlan.Variable) is not { } text)
        {
            Console.Error.WriteLine($"'{args[0]}' runs only inside the jail that Soar itself builds for it; there is nothing to start by hand.");
            return JailNotBuilt;
        }
        try
        {
            var plan = JailPlan.Read(text);
            if (plan.Stage == 1)
                JailStages.BindAndExecuteAgain(plan);
            JailStages.ShutSystemCalls(plan);
        }
        catch (JailException problem)
        {
            Console.Error.WriteLine(problem.Message);
            return JailNotBuilt;
        }
        using var fromParent = new FileStream(new SafeFileHandle(FromParentDescriptor, ownsHandle: true), FileAccess.Read, bufferSize: 0);
        using var toParent = new FileStream(new SafeFileHandle(ToParentDescriptor, ownsHandle: true), FileAccess.Write, bufferSize: 0);
        return body(args[1..], fromParent, toParent).GetAwaiter().GetResult(); // Main of the child: nothing else waits on this thread.
    }
}
