using System.Diagnostics;
using Soar.Tests.Engine;

namespace Soar.Tests.Architecture;

/// <summary>From where the run loop executes a step call to the connector's method: at most five frames of ours. A stack trace should read like documentation.</summary>
public sealed class HopBudgetTests
{
    private const int Budget = 5;

    [Fact]
    public async Task A_read_reaches_its_connector_within_five_frames() => await WithinBudgetAsync(async (s, done) =>
    {
        await s.Gate.Look("abc");
        return done;
    });

    [Fact]
    public async Task An_effect_reaches_its_connector_within_five_frames() => await WithinBudgetAsync(async (s, done) =>
    {
        await s.Gate.Send("provider", "text");
        return done;
    });

    private static async Task WithinBudgetAsync(Func<PlayBench, Outcome, Task<Outcome>> body)
    {
        await using var world = new World();
        var frames = new List<string>();
        world.Gate.Before = (_, _, _) =>
        {
            frames = Ours(new StackTrace());
            return Task.CompletedTask;
        };

        await world.RunAsync(s => body(s, Outcome.Completed()));

        Assert.NotEmpty(frames);
        Assert.True(frames.Count <= Budget, $"{frames.Count} frames, the connector's caller first:\n{string.Join('\n', frames)}");
        Assert.Contains("ActionDescriptor.InvokeAsync", frames[0]);
    }

    /// <summary>Frames of our assemblies below the connector, from its caller up to where the run loop executes the step; an asynchronous method counts once.</summary>
    private static List<string> Ours(StackTrace trace) =>
    [
        .. trace.GetFrames().Select(f => f.GetMethod()).OfType<System.Reflection.MethodBase>()
            .Where(m => m.DeclaringType?.Assembly.GetName().Name is "Soar.Core" or "Soar.Engine")
            .Select(Name).Distinct(StringComparer.Ordinal)
            .TakeWhile(name => name is not "RunDriver.Begin" and not "RunDriver.TakeInAsync" and not "RunDriver.TurnAsync"),
    ];

    // "<InvokeAsync>d__38.MoveNext" is InvokeAsync.
    private static string Name(System.Reflection.MethodBase method)
    {
        var type = method.DeclaringType!;
        return type.Name.StartsWith('<') && type.DeclaringType is { } outer ? $"{outer.Name}.{type.Name[1..type.Name.IndexOf('>')]}" : $"{type.Name}.{method.Name}";
    }
}
