using static Soar.Tests.Scripting.Compile.Compiling;

namespace Soar.Tests.Scripting.Compile;

/// <summary>An interpolated text prints durations, times and lists as people read them, whatever becomes of it.</summary>
public sealed class TextTests
{
    [Theory]
    [InlineData("true ? $\"{ttl}, {at}\" : $\"never {ttl}\"", "24 hours, 2026-01-02 03:04:05 UTC")]
    [InlineData("$\"{ttl}, {at}\"", "24 hours, 2026-01-02 03:04:05 UTC")]
    [InlineData("(ttl > 1.Hours) switch { true => $\"{names}\", _ => $\"{ttl}\" }", "ann, bob")]
    [InlineData("string.Concat($\"{ttl}\", $\", {names}\")", "24 hours, ann, bob")]
    [InlineData("new StringBuilder().Append($\"{ttl,10}|\").ToString()", "  24 hours|")]
    [InlineData("$\"{at:yyyy} {ttl:c} {3.5} {none}|\"", "2026 1.00:00:00 3.5 |")]
    [InlineData("$\"{ttl,-10}|{3.14159,8:F2}|{at:yyyy-MM-dd}|{at,12:HH:mm}|{none,3}|\"", "24 hours  |    3.14|2026-01-02|       03:04|   |")]
    public async Task A_text_prints_the_same_as_string_and_as_text(string text, string printed)
    {
        var kept = await Running.RunAsync($$"""
            {{Head}}
            var ttl = 24.Hours;
            var at = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
            var names = new List<string> { "ann", "bob" };
            string? none = null; if (none is not null) return Outcome.Completed(none);
            string plain = {{text}};
            Text forPeople = {{text}};
            return Outcome.Completed(plain == $"{forPeople}" ? plain : $"as string {plain}, as text {forPeople}");
            """);
        Assert.Equal($"Completed {{\"kind\":\"Completed\",\"reason\":\"{printed}\"}}", kept.EndText);
    }
}
