using Soar.Scripting.Jail;

namespace Soar.Testing.Child;

/// <summary>The small program that tests start as a jailed child.</summary>
public static class Program
{
    public static int Main(string[] args)
    {
        var bodies = new Dictionary<string, JailBody> { ["echo"] = Echo };
        if (JailEntry.Run(args, bodies) is { } exitCode)
            return exitCode;
        Console.Error.WriteLine("usage: a jailed verb; this program is started by tests.");
        return 2;
    }

    /// <summary>Gives back what it gets until its input ends.</summary>
    private static async Task<int> Echo(IReadOnlyList<string> arguments, Stream fromParent, Stream toParent)
    {
        await fromParent.CopyToAsync(toParent);
        return arguments.Count;
    }
}
