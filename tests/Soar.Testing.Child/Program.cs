using System.Text.Json;
using Soar.Scripting.Compile;
using Soar.Scripting.Host;
using Soar.Scripting.Jail;
using Soar.Scripting.JavaScript;

namespace Soar.Testing.Child;

/// <summary>The small program that tests start as a jailed child, and without a jail for comparison.</summary>
public static class Program
{
    public static int Main(string[] args)
    {
        var bodies = new Dictionary<string, JailBody>
        {
            ["echo"] = Echo,
            [JavaScriptWorker.Verb] = JavaScriptWorker.Body,
            ["attempts"] = TryWhatIsAsked,
            [CompileWorker.Verb] = CompileWorker.ServeAsync,
            [HostProcess.Verb] = HostProcess.RunAsync,
            ["works"] = (arguments, _, toParent) => Answer(toParent, Works.All[arguments[0]](arguments)),
        };
        if (JailEntry.Run(args, bodies) is { } exitCode)
            return exitCode;
        switch (args)
        {
            case ["unjailed", "say done"]:
                Console.WriteLine(Attempts.Done);
                return 0;
            case ["unjailed", var attempt, var target]:
                Console.WriteLine(Attempts.Try(attempt, JsonSerializer.Deserialize<Target>(target)!));
                return 0;
            case ["unjailed-playbook", var assembly]:
                return UnjailedPlaybook.Run(assembly);
            case ["wait"]:
                Console.WriteLine("waiting");
                Console.ReadLine();
                return 0;
            case ["keep-a-child"]:
                return KeepAChild();
            default:
                Console.Error.WriteLine("This program is started by tests.");
                return 2;
        }
    }

    /// <summary>Gives back what it gets until its input ends.</summary>
    private static async Task<int> Echo(IReadOnlyList<string> arguments, Stream fromParent, Stream toParent)
    {
        await fromParent.CopyToAsync(toParent);
        return arguments.Count;
    }

    /// <summary>One attempt's name a line in, its result a line out.</summary>
    private static async Task<int> TryWhatIsAsked(IReadOnlyList<string> arguments, Stream fromParent, Stream toParent)
    {
        var target = JsonSerializer.Deserialize<Target>(arguments[0])!;
        using var reader = new StreamReader(fromParent);
        await using var writer = new StreamWriter(toParent) { AutoFlush = true };
        while (await reader.ReadLineAsync() is { } attempt)
            await writer.WriteLineAsync(Attempts.Try(attempt, target));
        return 0;
    }

    private static async Task<int> Answer(Stream toParent, string text)
    {
        await using var writer = new StreamWriter(toParent);
        await writer.WriteAsync(text);
        return 0;
    }

    /// <summary>A parent that tells its jailed child's number and then waits to be killed.</summary>
    private static int KeepAChild()
    {
        var child = JailedProcess.Start("works", ["endless loop"], new JailOptions());
        child.Ready.GetAwaiter().GetResult();
        Console.WriteLine(child.Id);
        Console.ReadLine();
        return 0;
    }
}
