using System.Text;
using Soar.Hosting;
using Soar.Language;
using Soar.Language.Patterns;
using DotNet = System.Text.RegularExpressions;

namespace Soar.Tests.Language.Patterns;

/// <summary>The playbooks' regular expressions: the same answers as .NET's, and never a run away.</summary>
public sealed class RegexTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(300);

    [Theory]
    [InlineData("a+", "baaac")]
    [InlineData("(\\w+)-(\\d+)", "abc-12 de-3")]
    [InlineData("^(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)\\.){3}(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)$", "203.0.113.77")]
    [InlineData("\\b[a-z0-9._%+-]{1,64}@(?<domain>[a-z0-9.-]{1,255}\\.[a-z]{2,24})\\b", "Mail Foo.Bar@Sub.Example.org, now", RegexOptions.IgnoreCase)]
    [InlineData("https?://[^\\s\"'<>]+", "see http://example.org/a?b=c and https://evil.example/x")]
    [InlineData("(?<year>\\d{4})-(?<month>\\d\\d)", "in 2026-01 and 2025-12")]
    [InlineData("(a)|(b)|c", "abc")]
    [InlineData("(?i)STRASSE|straße", "Straße")]
    [InlineData("\\p{IsCyrillic}+", "це повідомлення")]
    [InlineData("[а-яґєії]+", "ДОПОВІДЬ їжак", RegexOptions.IgnoreCase)]
    [InlineData("\\p{Lu}\\p{Ll}*", "Ab Çd éF")]
    [InlineData("[a-z-[aeiou]]+", "hello world")]
    [InlineData("[^]a]+", "xx]aa")]
    [InlineData("^.*$", "one\ntwo\n", RegexOptions.Multiline)]
    [InlineData("^b$", "a\nb\nc", RegexOptions.Multiline)]
    [InlineData("a.b", "a\nb", RegexOptions.Singleline)]
    [InlineData("one$", "one\n")]
    [InlineData("one\\z", "one\n")]
    [InlineData("one\\Z", "one\n")]
    [InlineData("\\Bb\\B", "abc b")]
    [InlineData("a*?b", "aaab")]
    [InlineData("<.+?>", "<a><b>")]
    [InlineData("(a*)*", "b")]
    [InlineData("(a*)+", "aab")]
    [InlineData("(|a)*", "aa")]
    [InlineData("(a|ab)(c|bcd)(d*)", "abcd")]
    [InlineData("x{2,3}", "xxxxx")]
    [InlineData("x{,3}", "x{,3}")]
    [InlineData("a{", "a{")]
    [InlineData("(?x) a b # comment\n c", "abc")]
    [InlineData("a(?#comment)*", "aaa")]
    [InlineData("(?i:a)b", "Ab AB")]
    [InlineData("(?n)(a)(?<x>b)", "ab")]
    [InlineData("(a)(?<n>b)(c)", "abc")]
    [InlineData("\\x41\\u0042\\t\\cA\\0", "AB\t\u0001\0")]
    [InlineData("\\.\\*\\(\\)\\[\\]", ".*()[]")]
    [InlineData("", "ab")]
    [InlineData("^", "a\nb", RegexOptions.Multiline)]
    [InlineData("$", "a\nb\n", RegexOptions.Multiline)]
    [InlineData("\\d*", "a12b")]
    [InlineData("K", "\u212A k", RegexOptions.IgnoreCase)]
    [InlineData("don\\'t", "don't")]
    [InlineData("(?<x>a)|(?<x>b)", "ab")]
    [InlineData("(?<x>(?<x>a)b)", "ab")]
    public void It_finds_what_dotnet_finds(string pattern, string text, RegexOptions options = RegexOptions.None) => Assert.Null(Difference(pattern, text, options));

    [Fact]
    public void Thousands_of_patterns_made_by_chance_find_what_dotnet_finds()
    {
        var (compared, odd, differ) = (0, 0, 0);
        for (var seed = 1; seed <= 6_000; seed++)
        {
            var random = new Random(seed);
            var pattern = Generated.Pattern(random, depth: 4);
            var options = (RegexOptions)(random.Next(3) == 0 ? random.Next(4) is var o && o == 3 ? 16 : o : 0);
            try
            {
                // Where the body of a loop may be empty, .NET has ways of its own (one more round that captures nothing, a match that begins too late): most answers are the same.
                var repeatsNothing = RepeatsNothing(new PatternReader(pattern, options).Read());
                for (var i = 0; i < 3; i++)
                {
                    var difference = Difference(pattern, Generated.Text(random, random.Next(0, 14)), options);
                    compared++;
                    if (repeatsNothing) (odd, differ) = (odd + 1, differ + (difference is null ? 0 : 1));
                    else Assert.True(difference is null, $"seed {seed}: {difference}");
                }
            }
            catch (Exception e) when (e is DotNet.RegexMatchTimeoutException || e.Message.Contains("too large", StringComparison.Ordinal))
            {
                // .NET's own engine runs away on some of these.
            }
        }

        Assert.True(compared > 15_000, $"only {compared} comparisons");
        Assert.True(odd > 1_000 && differ * 20 < odd, $"{differ} of {odd} patterns with empty rounds differ");
    }

    [Theory]
    [InlineData("-$1-", "(b)(?<n>c)?")]
    [InlineData("$$ $& $` $' $_ $+ ${n} ${1} $9 ${x} $", "(b)(?<n>c)?")]
    [InlineData("[$10]", "(b)(?<n>c)?")]
    [InlineData("", "b")]
    [InlineData("${", "b")]
    [InlineData("x", "")]
    [InlineData("x", "z")]
    public void Replacements_mean_what_they_mean_in_dotnet(string replacement, string pattern) =>
        Assert.Equal(DotNet.Regex.Replace("abc abd", pattern, replacement, DotNet.RegexOptions.None, Patience), Regex.Replace("abc abd", pattern, replacement));

    [Fact]
    public void Split_count_and_a_function_do_what_they_do_in_dotnet()
    {
        foreach (var (pattern, text) in new[] { (",", "a,b,,c"), ("(,)|(;)", "a,b;c"), ("", "abc"), ("x*", "axxb"), ("z", "abc"), (",", "") })
        {
            Assert.Equal(DotNet.Regex.Split(text, pattern, DotNet.RegexOptions.None, Patience), Regex.Split(text, pattern));
            Assert.Equal(DotNet.Regex.Count(text, pattern, DotNet.RegexOptions.None, Patience), Regex.Count(text, pattern));
            Assert.Equal(DotNet.Regex.Replace(text, pattern, m => $"<{m.Value}>", DotNet.RegexOptions.None, Patience), Regex.Replace(text, pattern, m => $"<{m.Value}>"));
        }
    }

    [Fact]
    public void A_match_knows_its_groups_by_number_and_name_and_what_is_not_there_took_no_part()
    {
        var match = Regex.Match("at 203.0.113.7:80", @"(?<host>[\d.]+):(\d+)(?<rest>x)?");
        Assert.Equal(("203.0.113.7", "80", 3, 14, "203.0.113.7:80"), (match.Groups["host"].Value, match.Groups[1].Value, match.Index, match.Length, $"{match}"));
        Assert.Equal(["0", "1", "host", "rest"], match.Groups.Select(group => group.Name));
        Assert.False(match.Groups["rest"].Success);
        Assert.False(match.Groups["nowhere"].Success || match.Groups[9].Success);
        var none = Regex.Match("nothing", "x(y)");
        Assert.Equal((false, "", 1, ""), (none.Success, none.Value, none.Groups.Count, none.Groups[1].Value));
    }

    [Theory]
    [InlineData("(a", "Not enough )'s")]
    [InlineData("a**", "Nested quantifier")]
    [InlineData("[z-a]", "reverse order")]
    [InlineData("a(?=b)", "looking ahead")]
    [InlineData("(?<!a)b", "looking behind")]
    [InlineData("(?>a+)b", "atomic")]
    [InlineData("(a)\\1", "reference to a group")]
    [InlineData("(?<x>a)\\k<x>", "reference to a group")]
    [InlineData("(?(a)b|c)", "a condition")]
    [InlineData("(?<a>x)(?<-a>y)", "balancing")]
    [InlineData("\\Ga", "last match")]
    [InlineData("(?<1>a)", "number for a name")]
    [InlineData("((a{1,1000}){1,1000}){1,1000}", "too large")]
    [InlineData("a{2000000000}", "too large")]
    public void A_pattern_that_playbooks_do_not_have_says_why(string pattern, string why) =>
        Assert.Contains(why, Assert.ThrowsAny<ArgumentException>(() => Regex.IsMatch("a", pattern)).Message);

    [Fact]
    public void A_pattern_is_never_too_long_or_too_deep_to_be_refused()
    {
        Assert.ThrowsAny<ArgumentException>(() => Regex.IsMatch("a", new string('a', 2_001)));
        Assert.ThrowsAny<ArgumentException>(() => Regex.IsMatch("a", string.Concat(Enumerable.Repeat("(a)", 101))));
        Assert.True(Regex.IsMatch("a", new string('(', 90) + "a" + new string(')', 90)));
        Assert.True(Regex.IsMatch("a", string.Concat(Enumerable.Repeat("(?:", 450)) + "a" + new string(')', 450)));
        Assert.True(Regex.IsMatch("a", "(?:){2000000000}a"));
    }

    /// <summary>Catastrophes of machines that go back, and of those that build states as they go: the work is the text's length times the program's, no more.</summary>
    [Theory]
    [InlineData("^(a+)+$")]
    [InlineData("(a|aa)+$")]
    [InlineData("(.*a){20}c")]
    [InlineData("((a*b*){10}){10}c")]
    [InlineData("((a..(.){0,20}|.[ab][ab](a)*?|[ab]))+c")]
    [InlineData("(x+x+)+y|a*a*a*a*a*a*b")]
    [InlineData("(a?){50}a{50}$")]
    public void No_pattern_runs_away(string pattern)
    {
        var text = string.Concat(Enumerable.Range(0, 20_000).Select(i => (i * 7919 % 13) < 6 ? 'a' : 'b'));
        var desk = Counting(text, pattern, fuel: 20_000L * 2_000);
        Assert.Equal(RunEndKind.Completed, desk.End!.Kind);
    }

    [Theory]
    [InlineData("((a|b)*(b|a)*){99}c")]
    [InlineData("(?:a?){900}c")]
    public void What_takes_too_much_work_ends_its_run_at_a_place_that_is_the_same_everywhere(string pattern)
    {
        var text = new string('a', 100_000);
        var desk = Counting(text, pattern, fuel: 10_000_000);
        Assert.Equal(RunEndKind.OverBudget, desk.End!.Kind);
        Assert.Contains("loop rounds", desk.EndText);
    }

    [Theory]
    [InlineData("$_$_$_$_$_$_$_$_")]
    [InlineData("0123456789012345678901234567890123456789")]
    public void A_replacement_that_would_grow_without_end_ends_the_run_before_it_does(string replacement)
    {
        var before = 0L;
        var desk = new Desk(async s =>
        {
            await s.Do("begin");
            before = GC.GetAllocatedBytesForCurrentThread();
            return Outcome.Completed($"{Regex.Replace(new string('a', 1_000_000), "a", replacement).Length}");
        }, budgets: new Budgets { AllocationPerSlice = 32 << 20 });
        desk.ToEnd();
        Assert.Equal(RunEndKind.OverBudget, desk.End!.Kind);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 48 << 20);
    }

    private static Desk Counting(string text, string pattern, long fuel) => new Desk(async s =>
    {
        await s.Do("begin");
        return Outcome.Completed($"{Regex.IsMatch(text, pattern)} {Regex.Match(text, pattern).Success}");
    }, budgets: new Budgets { FuelPerSlice = fuel }).ToEnd();

    private static string? Difference(string pattern, string text, RegexOptions options)
    {
        var expected = new List<DotNet.Match>();
        for (var m = DotNet.Regex.Match(text, pattern, (DotNet.RegexOptions)options | DotNet.RegexOptions.CultureInvariant, Patience); m.Success && expected.Count < text.Length + 2; m = m.NextMatch()) expected.Add(m);
        if (expected.Count > text.Length + 1) return "more matches than places"; // .NET stands still on some empty lazy loops
        var found = Regex.Matches(text, pattern, options);
        Assert.Equal(found.Count > 0, Regex.IsMatch(text, pattern, options));
        return Say(expected) == Say(found) ? null : $"/{pattern}/ on \"{text}\" ({options})\n.NET: {Say(expected)}\nours: {Say(found)}";
    }

    private static bool RepeatsNothing(PatternNode node) => node switch
    {
        PatternNode.Loop loop => loop.Body.MayBeEmpty || RepeatsNothing(loop.Body),
        PatternNode.Sequence sequence => sequence.Parts.Any(RepeatsNothing),
        PatternNode.Choice choice => choice.Ways.Any(RepeatsNothing),
        PatternNode.Captured captured => RepeatsNothing(captured.Body),
        _ => false,
    };

    private static string Say(IReadOnlyList<DotNet.Match> matches) => string.Join(" | ", matches.Select(m => string.Join(',', m.Groups.Cast<DotNet.Group>().Select(g => g.Success ? $"{g.Name}@{g.Index}+{g.Length}" : $"{g.Name}-"))));

    private static string Say(IReadOnlyList<Match> matches) => string.Join(" | ", matches.Select(m => string.Join(',', m.Groups.Select(g => g.Success ? $"{g.Name}@{g.Index}+{g.Length}" : $"{g.Name}-"))));

    private static class Generated
    {
        private static readonly string[] Atoms = ["a", "b", "A", "[ab]", "[^a]", ".", "\\w", "\\d", "\\s", "^", "$", "\\b", "\\B", "\\z", "ab", "\\n", "[a-c-[b]]", "1"];
        private static readonly string[] Repeats = ["*", "+", "?", "{2}", "{1,3}", "{0,2}", "{2,}", "*?", "+?", "??", "{1,2}?", "{0,}?"];

        public static string Pattern(Random random, int depth)
        {
            if (depth == 0 || random.Next(5) == 0) return Atoms[random.Next(Atoms.Length)];
            switch (random.Next(5))
            {
                case 0: return string.Concat(Enumerable.Range(0, random.Next(1, 4)).Select(_ => Pattern(random, depth - 1)));
                case 1: return $"(?:{string.Join('|', Enumerable.Range(0, random.Next(2, 4)).Select(_ => random.Next(8) == 0 ? "" : Pattern(random, depth - 1)))})";
                case 2: return $"({Pattern(random, depth - 1)})";
                case 3: return $"(?<{"xyz"[random.Next(3)]}>{Pattern(random, depth - 1)})";
                default: return $"(?:{Pattern(random, depth - 1)}){Repeats[random.Next(Repeats.Length)]}";
            }
        }

        public static string Text(Random random, int length)
        {
            var text = new StringBuilder();
            for (var i = 0; i < length; i++) text.Append("aabbABc1 \n"[random.Next(10)]);
            return text.ToString();
        }
    }
}
