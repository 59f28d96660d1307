using Soar.Scripting.Compare;

namespace Soar.Tests.Scripting.Compare;

public sealed class TextCompareTests
{
    private static string Text(IEnumerable<string> lines) => string.Concat(lines.Select(line => line + "\n"));

    private static string Say(TextHunk hunk) => $"{hunk.Head} {string.Join("|", hunk.Lines.Select(l => $"{(l.Change == LineChange.Same ? ' ' : l.Change == LineChange.Added ? '+' : '-')}{l.Text}"))}";

    [Fact]
    public void The_same_text_has_no_hunks()
    {
        Assert.Empty(TextCompare.Of("", ""));
        Assert.Empty(TextCompare.Of("a\nb\n", "a\nb\n"));
    }

    [Fact]
    public void A_change_is_shown_with_three_lines_around_it()
    {
        var from = Text(Enumerable.Range(1, 12).Select(i => $"{i}"));
        Assert.Equal("@@ -3,7 +3,8 @@  3| 4| 5|-6|+six|+six and a half| 7| 8| 9", Say(Assert.Single(TextCompare.Of(from, from.Replace("6\n", "six\nsix and a half\n", StringComparison.Ordinal)))));
        Assert.Equal("@@ -0,0 +1,2 @@ +a|+b", Say(Assert.Single(TextCompare.Of("", "a\nb\n"))));
        Assert.Equal("@@ -1,2 +0,0 @@ -a|-b", Say(Assert.Single(TextCompare.Of("a\nb\n", ""))));
    }

    [Fact]
    public void Changes_that_lie_apart_are_hunks_of_their_own_and_near_ones_are_one()
    {
        var from = Text(Enumerable.Range(1, 40).Select(i => $"{i}"));
        var to = Text(Enumerable.Range(1, 40).Where(i => i is not (5 or 11 or 30)).Select(i => $"{i}"));
        Assert.Equal(["@@ -2,13 +2,11 @@", "@@ -27,7 +25,6 @@"], TextCompare.Of(from, to).Select(h => h.Head));
    }

    [Fact]
    public void A_line_that_only_ends_otherwise_differs_and_one_sees_how()
    {
        Assert.Equal("@@ -1,1 +1,1 @@ -a|+a␍", Say(Assert.Single(TextCompare.Of("a\n", "a\r\n"))));
        Assert.Equal("@@ -1,1 +1,1 @@ -a|+a␄", Say(Assert.Single(TextCompare.Of("a\n", "a"))));
    }

    [Fact]
    public void Applying_the_hunks_to_the_first_text_gives_the_second_and_no_more_is_changed_than_was()
    {
        var random = new Random(7);
        for (var round = 0; round < 400; round++)
        {
            var from = Enumerable.Range(0, random.Next(30)).Select(_ => $"{random.Next(6)}").ToList();
            var to = from.ToList();
            var edits = random.Next(5);
            for (var i = 0; i < edits; i++)
            {
                if (to.Count > 0 && random.Next(2) == 0) to.RemoveAt(random.Next(to.Count));
                else to.Insert(random.Next(to.Count + 1), $"{random.Next(6)}");
            }

            var hunks = TextCompare.Of(Text(from), Text(to));
            var made = new List<string>();
            var at = 0;
            foreach (var line in hunks.SelectMany(h => h.Lines))
            {
                if (line.From is { } number)
                {
                    while (at < number - 1) made.Add(from[at++]);
                    Assert.Equal(from[at++], line.Text);
                }

                if (line.Change != LineChange.Removed) made.Add(line.Text);
            }

            made.AddRange(from.Skip(at));
            Assert.Equal(to, made);
            Assert.True(hunks.SelectMany(h => h.Lines).Count(l => l.Change != LineChange.Same) <= edits, $"round {round}: {edits} edits");
        }
    }

    [Fact]
    public void Two_long_texts_without_anything_in_common_are_answered_too()
    {
        var lines = TextCompare.Of(Text(Enumerable.Range(0, 8_000).Select(i => $"a{i}")), Text(Enumerable.Range(0, 8_000).Select(i => $"b{i}"))).SelectMany(h => h.Lines).ToList();
        Assert.Equal((8_000, 8_000), (lines.Count(l => l.Change == LineChange.Removed), lines.Count(l => l.Change == LineChange.Added)));
    }
}
