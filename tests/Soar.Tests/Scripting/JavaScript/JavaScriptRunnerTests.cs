using System.Text.Json;
using Soar.Capabilities;
using Soar.Scripting.Jail;
using Soar.Scripting.JavaScript;
using Soar.Tests.Scripting.Jail;

namespace Soar.Tests.Scripting.JavaScript;

public sealed class JavaScriptRunnerTests : IAsyncLifetime
{
    private readonly JavaScriptRunner _runner = Runner(new JavaScriptOptions());

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _runner.DisposeAsync();

    [Theory]
    [InlineData("input.x + 1", """{"x":41}""", "42")]
    [InlineData("var r = { name: input.name, list: [1, null, true] }; r;", """{"name":"Јована 😀"}""", """{"name":"Јована 😀","list":[1,null,true]}""")]
    [InlineData("input.filter(function (a) { return /^10\\./.test(a); }).sort()", """["10.2","8.8.8.8","10.1"]""", """["10.1","10.2"]""")]
    [InlineData("null", "null", "null")]
    [InlineData("JSON.stringify(input)", "[1.5]", "\"[1.5]\"")]
    public async Task The_last_expression_is_the_result(string code, string input, string result) =>
        Assert.Equal(result, await _runner.RunAsync(code, input, CancellationToken.None));

    [Theory]
    [InlineData("var a = 1;\n\nthrow new Error('boom');", JavaScriptFailureKind.Thrown, 3, "Error: boom")]
    [InlineData("\nmissing.field", JavaScriptFailureKind.Thrown, 2, "missing is not defined")]
    [InlineData("\n\ninput.a.b", JavaScriptFailureKind.Thrown, 3, "TypeError")]
    [InlineData("throw { code: 7 }", JavaScriptFailureKind.Thrown, null, "threw an object without a message")]
    [InlineData("throw 'just text'", JavaScriptFailureKind.Thrown, 1, "just text")]
    [InlineData("var a = 1;\nvar b = ;", JavaScriptFailureKind.Syntax, 2, "line 2, column 9")]
    [InlineData("\nvar f = x => x;", JavaScriptFailureKind.Syntax, 2, "Only ECMAScript 5")]
    [InlineData("var a = 1;", JavaScriptFailureKind.NoResult, null, "End it with the value you want")]
    [InlineData("(function () {})", JavaScriptFailureKind.NoResult, null, "End it with the value you want")]
    [InlineData("function f() { return f(); } f()", JavaScriptFailureKind.Thrown, null, "Write it as a loop")]
    [InlineData("System.IO.File.ReadAllText('/etc/passwd')", JavaScriptFailureKind.Thrown, 1, "System is not defined")]
    public async Task A_failure_says_what_and_in_which_line(string code, JavaScriptFailureKind kind, int? line, string message)
    {
        var failure = await Assert.ThrowsAsync<JavaScriptFailure>(() => _runner.RunAsync(code, "{}", CancellationToken.None));
        Assert.Equal((kind, line), (failure.Kind, failure.Line));
        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Input_that_is_not_JSON_is_refused()
    {
        var failure = await Assert.ThrowsAsync<JavaScriptFailure>(() => _runner.RunAsync("1", "{oops", CancellationToken.None));
        Assert.Contains("The input of the JavaScript is not JSON", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_left_over_from_one_snippet_to_the_next()
    {
        await _runner.RunAsync("leftover = 1; Array.prototype.sum = 2; 0", "{}", CancellationToken.None);
        Assert.Equal("\"undefined undefined\"", await _runner.RunAsync("typeof leftover + ' ' + typeof [].sum", "{}", CancellationToken.None));
    }

    [Theory]
    [InlineData("while (true) { }")]
    [InlineData("/^(a+)+$/.test(new Array(60).join('a') + '!')")]
    [InlineData("var o = {}; o.toString = function () { for (;;) { } }; '' + o")]
    public async Task What_never_ends_is_killed_and_the_next_snippet_runs(string code)
    {
        await using var runner = Runner(new JavaScriptOptions { TimeLimit = TimeSpan.FromMilliseconds(700) });
        Assert.Equal("1", await runner.RunAsync("1", "{}", CancellationToken.None));
        var failure = await Assert.ThrowsAsync<JavaScriptFailure>(() => runner.RunAsync(code, "{}", CancellationToken.None));
        Assert.Equal(JavaScriptFailureKind.TimedOut, failure.Kind);
        Assert.Contains("longer than 0.7 seconds", failure.Message, StringComparison.Ordinal);
        Assert.Equal("2", await runner.RunAsync("2", "{}", CancellationToken.None));
    }

    [Theory]
    [InlineData("var kept = [], n = 0; while (true) kept.push('one more line of many: ' + n++);")]
    [InlineData("var s = 'x'; while (true) s = s + s;")]
    public async Task What_takes_too_much_memory_ends_its_worker_and_the_next_snippet_runs(string code)
    {
        await using var runner = Runner(new JavaScriptOptions { MemoryLimitBytes = 64 << 20, TimeLimit = TimeSpan.FromSeconds(60) });
        var failure = await Assert.ThrowsAsync<JavaScriptFailure>(() => runner.RunAsync(code, "{}", CancellationToken.None));
        Assert.True(failure.Kind == JavaScriptFailureKind.OutOfMemory, failure.Message);
        Assert.Equal("2", await runner.RunAsync("2", "{}", CancellationToken.None));
    }

    [Fact]
    public async Task Nesting_that_breaks_the_engine_costs_only_its_worker()
    {
        var failure = await Assert.ThrowsAsync<JavaScriptFailure>(() => _runner.RunAsync(new string('(', 200_000), "{}", CancellationToken.None));
        Assert.Equal(JavaScriptFailureKind.Crashed, failure.Kind);
        Assert.Equal("2", await _runner.RunAsync("2", "{}", CancellationToken.None));
    }

    [Fact]
    public async Task Cancelling_kills_the_snippet_and_the_next_one_runs()
    {
        await _runner.WarmAsync(CancellationToken.None);
        using var cancel = new CancellationTokenSource();
        var running = _runner.RunAsync("while (true) { }", "{}", cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal("2", await _runner.RunAsync("2", "{}", CancellationToken.None));
    }

    [Fact]
    public async Task Texts_that_are_too_long_are_refused_both_ways()
    {
        await using var runner = Runner(new JavaScriptOptions { LongestTextBytes = 2_000 });
        var input = await Assert.ThrowsAsync<JavaScriptFailure>(() => runner.RunAsync("1", $"\"{new string('x', 3_000)}\"", CancellationToken.None));
        var result = await Assert.ThrowsAsync<JavaScriptFailure>(() => runner.RunAsync("new Array(3000).join('x')", "{}", CancellationToken.None));
        Assert.Equal((JavaScriptFailureKind.TooLarge, JavaScriptFailureKind.TooLarge), (input.Kind, result.Kind));
        Assert.Equal("2", await runner.RunAsync("2", "{}", CancellationToken.None));
    }

    [Fact]
    public async Task A_worker_is_replaced_after_its_share_of_snippets_and_many_callers_take_turns()
    {
        await using var runner = Runner(new JavaScriptOptions { RunsPerProcess = 3 });
        var results = await Task.WhenAll(Enumerable.Range(0, 10).Select(number => runner.RunAsync("input * 2", number.ToString(), CancellationToken.None)));
        Assert.Equal(Enumerable.Range(0, 10).Select(number => (number * 2).ToString()), results);
    }

    [Fact]
    public async Task As_a_capability_it_takes_and_gives_JSON_and_its_failures_are_permanent()
    {
        IJavaScript capability = _runner;
        using var input = JsonDocument.Parse("""{"from":"a@example.org"}""");
        // The snippet never sees the context, so there is none.
        var result = await capability.RunAsync("({ domain: input.from.split('@')[1] })", input.RootElement, context: null!, CancellationToken.None);
        Assert.Equal("example.org", result.GetProperty("domain").GetString());

        var failure = await Assert.ThrowsAsync<ConnectorFailure>(() => capability.RunAsync("nothing", input.RootElement, context: null!, CancellationToken.None));
        Assert.Equal((FailureKind.Permanent, "Thrown"), (failure.Kind, failure.Reason));
    }

    [Fact]
    public void Every_problem_of_the_options_is_told_at_once()
    {
        var message = Assert.Throws<SoarException>(() =>
            new JavaScriptOptions { TimeLimit = TimeSpan.Zero, MemoryLimitBytes = 1, LongestTextBytes = 0, RunsPerProcess = 0 }.Validate()).Message;
        foreach (var part in (string[])["TimeLimit", "MemoryLimitBytes", "LongestTextBytes", "RunsPerProcess"])
            Assert.Contains(part, message, StringComparison.Ordinal);
    }

    private static JavaScriptRunner Runner(JavaScriptOptions options) => new(options, TestChild.Entry, TimeProvider.System);
}
