using System.Text.Json;
using Soar.Capabilities;
using Soar.Hosting;
using static Soar.Tests.Scripting.Compile.Compiling;

namespace Soar.Tests.Scripting.Compile;

/// <summary>A fault of a playbook's own code is told at the line where it happened, also where nothing is called there.</summary>
public sealed class FaultLineTests
{
    private const string Body = """
        var kind = Input("kind", 0, "Which");
        int[] numbers = [1, 2, 3];
        string? text = null;
        object boxed = "x";
        var sum = 0;
        for (var i = 0; i < 10; i++)
        {
            sum += numbers[i % 3];
        }

        if (kind == 1)
        {
            sum += 1;
            sum = sum / (kind - 1); // 15
        }

        if (kind == 2)
        {
            sum += 1;
            sum = numbers[kind + 5]; // 21
            sum += 2;
        }

        if (kind == 3)
        {
            sum += 1;
            sum = text!.Length; // 28
            sum += 2;
        }

        if (kind == 4)
        {
            sum += 1;
            sum = (int)boxed; // 35
        }

        if (kind == 5)
        {
            sum = int.MaxValue - 1;
            sum = checked(sum + kind); // 41
        }

        if (kind == 6) sum = Inner(sum, kind);
        if (kind == 7) sum = new[] { 1 }.Select(n => n / (kind - 7)).Sum(); // 45
        return Outcome.Completed($"{sum}");

        static int Inner(int a, int kind)
        {
            var b = a + 1;
            var c = b / (kind - 6); // 51
            return c + b;
        }
        """;

    [Theory]
    [InlineData(1, 15)]
    [InlineData(2, 21)]
    [InlineData(3, 28)]
    [InlineData(4, 35)]
    [InlineData(5, 41)]
    [InlineData(6, 51)]
    [InlineData(7, 45)]
    public async Task A_fault_is_told_at_its_line(int kind, int line)
    {
        var kept = await Running.RunAsync(Head + Body, inputs: new { kind });
        var failure = JsonSerializer.Deserialize<RunFailure>(kept.End!.Payload.Span, SoarJson.Options)!;
        Assert.Equal(("test.csx", line), (failure.File, failure.Line));
    }
}
