using System.Text.Json;
using Microsoft.CodeAnalysis.CSharp;
using Soar.Capabilities;
using Soar.Hosting;
using Soar.Language;
using Soar.Scripting;
using static Soar.Tests.Scripting.Compile.Compiling;

namespace Soar.Tests.Scripting.Compile;

/// <summary>Insertions change what runs in one respect each, and no line.</summary>
public sealed class RewriterTests
{
    // Each layout has one line with HERE, which throws; the failure must name that line.
    public static TheoryData<string, string> Layouts() => new()
    {
        { "plain", "var a = 1;\nthrow new InvalidOperationException(\"HERE\");" },
        { "carriage returns", "var a = 1;\r\nif (a == 1)\r\n    throw new InvalidOperationException(\"HERE\");\r\n" },
        { "tabs and no last line break", "\tvar a = 1;\n\t\t\tthrow new InvalidOperationException(\"HERE\");\t// why" },
        { "raw string before", "var text = \"\"\"\n    one\n      { two }\n    \"\"\";\nthrow new InvalidOperationException(\"HERE\" + text.Length);" },
        { "raw interpolated string before", "var n = 2;\nvar text = $$\"\"\"\n    {{n}}\n    { }\n    \"\"\";\nthrow new InvalidOperationException(\"HERE\" + text.Length);" },
        { "verbatim string before", "var text = @\"a\n\"\"b\"\"\n\";\nthrow new InvalidOperationException(\"HERE\" + text.Length);" },
        { "regions", "#region one\nvar a = 1;\n#region two\n\n#endregion\nthrow new InvalidOperationException(\"HERE\");\n#endregion\n" },
        { "block comments", "/* one\n two */ var a /* three\n*/ = 1; /* four */\nthrow new InvalidOperationException(\"HERE\"); /* five\n*/" },
        { "loop without braces", "for (var i = 0; i < 3; i++)\n    foreach (var c in \"ab\")\n        while (true)\n            throw new InvalidOperationException(\"HERE\");" },
        { "do without braces", "var i = 0;\ndo\n    if (i++ > 1)\n        throw new InvalidOperationException(\"HERE\");\nwhile (true);" },
        { "expression lambda over lines", "var list = new List<int> { 1, 2 };\nvar sum = list\n    .Where(x =>\n        x > 0 &&\n        Fail(x))\n    .Sum();\nbool Fail(int x) =>\n    x > 1 ? throw new InvalidOperationException(\"HERE\") : true;" },
        { "nested lambdas in one line", "var f = (int a) => (int b) => (int c) => a + b + c;\nif (f(1)(2)(3) == 6) throw new InvalidOperationException(\"HERE\");" },
        { "expression-bodied member of a record", "var p = new Point(1, 2);\nvar length = p.Length;\nrecord Point(int X, int Y)\n{\n    public int Length\n        => X > 0 ? throw new InvalidOperationException(\"HERE\") : Y;\n}" },
        { "method of a record behind comments", "// first\nCheck(new Row(3)); // here it goes\n\n// helpers\nvoid Check(Row row) { row.Check(); }\n\n/* rows */\nrecord Row(int N)\n{\n    public void Check()\n    {\n        throw new InvalidOperationException(\"HERE\");\n    }\n}\n// end" },
        { "catch with filter", "try { throw new InvalidOperationException(\"a\"); }\ncatch (ArgumentException) { }\ncatch (InvalidOperationException e) when (e.Message\n    == \"a\")\n{\n    throw new InvalidOperationException(\"HERE\");\n}" },
        { "switch", "switch (1)\n{\n    case 1 when true:\n        throw new InvalidOperationException(\"HERE\");\n    default: break;\n}" },
        { "after a step", "// Wait a little\nawait Wait(1.Seconds);\nthrow new InvalidOperationException(\"HERE\");" },
        { "arguments over lines", "await ForEach(\n    new[] { 1, 2 },   // items\n    async item =>\n    {\n        await Wait(item.Seconds);\n        throw new InvalidOperationException(\"HERE\");\n    } // body\n    ,\n    parallel: 1 // one\n);" },
        { "Cyrillic", "// Перевірити адресу\nawait Wait(1.Seconds); var рядок = \"текст 😀\";\nthrow new InvalidOperationException(\"HERE\" + рядок);" },
    };

    [Theory]
    [MemberData(nameof(Layouts))]
    public async Task A_failure_names_the_line_of_the_file(string layout, string body)
    {
        var text = Head.ReplaceLineEndings(body.Contains('\r') ? "\r\n" : "\n") + body;
        var line = text[..text.IndexOf("HERE", StringComparison.Ordinal)].Count(c => c == '\n') + 1;
        var kept = await Running.RunAsync(text, _ => null);
        Assert.True(kept.End!.Kind == RunEndKind.Failed, $"{layout}: {kept.EndText}");
        var failure = JsonSerializer.Deserialize<RunFailure>(kept.End.Payload.Span, SoarJson.Options)!;
        Assert.StartsWith("HERE", failure.Message);
        Assert.Equal(("test.csx", line), (failure.File, failure.Line));
    }

    /// <summary>Each line is an expression; what it gives in a playbook is what C# gives without our additions.</summary>
    [Fact]
    public async Task Texts_are_the_same_with_their_caps()
    {
        string[] expressions =
        [
            "s + 1 + 'c' + null + s", "s + s + s + s + s + s + s + s + s + s + s + s + s + s + s + s + s", "(s + 1.5m) + (o + s)", "s += n + \"y\" + s", "t ??= s + \"z\"", "\"a\" + \"b\"",
            "$\"{n,5}|{n,-5}|{1.5,8:F2}|{s}|{'c'}|{null}|{o}|{Tlp.Amber}\"", "$\"{s}{(n > 1 ? $\"{n}\" : \"\")}\"", "$\"{s}\" + $\"{n}\"", "$\"{TimeSpan.FromHours(2):c} {new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero):O}\"", "$$\"\"\"{ {{n}} }\"\"\"",
            "string.Concat(s, n)", "string.Concat(s, s)", "string.Concat(s, s, s)", "string.Concat(s, s, s, s)", "string.Concat(s, s, s, s, s)", "string.Concat(o)", "string.Concat(s, n, o, 'c', s)", "string.Concat(new[] { s, s })",
            "string.Concat(list)", "string.Concat(list.Select(x => x.Length))", "string.Join(\",\", list)", "string.Join(',', list)", "string.Join(\", \", s, s, s)", "string.Join(separator: \"-\", values: new object[] { 1, s, 'c' })", "string.Join(\"\", 1, 2)",
            "string.Join(\"-\", new[] { s, s, \"q\" }, 1, 2)", "string.Join<int>(\"+\", [1, 2, 3])", "String.Join(\";\", list.ToArray())", "string.Join(null, list)",
            "s.Insert(1, s)", "s.Replace(\"e\", \"EE\")", "s.Replace('e', 'f')", "s.Replace(\"E\", null, StringComparison.OrdinalIgnoreCase)", "s?.Trim().Replace(newValue: \"x\", oldValue: \"t\")?.Insert(0, \"y\")", "\"a\\nb\\r\\nc\".ReplaceLineEndings(\"<>\")",
            "\"a\\r\\nb\".ReplaceLineEndings()",
            "string.Join('|', \"a,b;c\".Split(',', ';'))", "string.Join('|', \"a,b,c\".Split(',', 2))", "string.Join('|', \"a b  c\".Split())", "string.Join('|', \"a--b--\".Split(\"--\", StringSplitOptions.RemoveEmptyEntries))",
            "string.Join('|', \"a b c\".Split(' ', StringSplitOptions.TrimEntries))", "string.Join('|', \"a-b+c\".Split([\"-\", \"+\"], StringSplitOptions.None))", "string.Join('|', \"a\\nb c\".Split([' ', '\\n'], StringSplitOptions.RemoveEmptyEntries))", "string.Join('|', \"a-b-c\".Split(\"-\", 2))",
            "new StringBuilder().Append(s).Append(n).Append('c', 3).Append($\"{n,4}\").AppendLine(s).AppendLine($\"{s}!\").Append(o).Append(new[] { 'x' }).Append(CultureInfo.InvariantCulture, $\"{1.5}\").ToString()",
            "new StringBuilder(s).Insert(1, s).Insert(0, \"ab\", 2).Insert(0, o).Replace(\"t\", \"TT\").Replace(\"e\", \"\", 0, 3).AppendJoin(\", \", list).AppendJoin('-', 1, 2).AppendJoin(\"+\", s, s).ToString()",
            "list.Aggregate(\"\", (all, next) => all + next)", "((Func<string, string>)(x => x += s))(\"p\")", "Twice(s)", "string.Join(\",\", new[] { 1, 2 }.Select(i => { var x = s + i; return x + x; }))",
        ];
        const string names = "string s = \"text\"; object o = 42; int n = 7; string? t = null; var list = new List<string> { \"one\", \"two\" }; string Twice(string x) => x + x; ";
        var body = new System.Text.StringBuilder("var all = new List<string>();\n");
        foreach (var expression in expressions) body.Append($"{{ {names} all.Add(({expression}) ?? \"null\"); }}\n");
        body.Append("await Note(\"x\");\nreturn Outcome.Completed(string.Join(\"\\u0001\", all));");
        var kept = await Running.RunAsync(Head + body, _ => null);
        Assert.True(kept.End!.Kind == RunEndKind.Completed, kept.EndText);
        var found = JsonSerializer.Deserialize<Outcome>(kept.End.Payload.Span, SoarJson.Options)!.Reason!.Split('\u0001');
        var expected = Plain.Texts("var all = new List<string>();\n" + string.Concat(expressions.Select(e => $"{{ {names} all.Add(({e}) ?? \"null\"); }}\n")) + "return all;");
        Assert.Equal(expressions.Zip(expected), expressions.Zip(found));
    }

    [Fact]
    public async Task Calls_carry_the_id_and_line_of_their_site()
    {
        var kept = await Running.RunAsync(Head + """
            // Чекаємо хвилину
            await Wait(1.Minutes);
            await Wait(2.Minutes); await Wait(3.Minutes);
            var list = await Lists["facilities"];
            await All(
                Wait(1.Seconds),
                Wait(2.Seconds).Titled("x"));
            """, call => call.Action == "lists.read" ? new { name = "facilities", version = 1, columns = Array.Empty<string>(), rows = Array.Empty<object>() } : null);
        Assert.Equal("Completed {\"kind\":\"Completed\"}", kept.EndText);
        Assert.Equal(
            ["чекаємо-хвилину 3", "wait 4", "wait-2 4", "lists-facilities 5", "all[0]/wait-3 7", "all[1]/wait-4 8"],
            kept.Calls.Select(call => $"{call.Path} {call.Line}"));
        Assert.Equal("Чекаємо хвилину", kept.Calls[0].Options?.Title);
    }

    [Theory]
    [InlineData("while (true) { }")]
    [InlineData("while (true);")]
    [InlineData("for (;;) ;")]
    [InlineData("do { } while (true);")]
    [InlineData("do ; while (true);")]
    [InlineData("int F(int x) => F(x);\nF(1);")]
    [InlineData("int F(int x) { return F(x) + 1; }\nF(1);")]
    [InlineData("Func<int, int>? f = null; f = x => f!(x) + 1; f(1);")]
    [InlineData("Action<int>? f = null; f = x => { f!(x); f(x); }; f(1);")]
    [InlineData("new R(1).F();\nrecord R(int X) { public int F() => F() + 1; }")]
    [InlineData("var x = new R(1).P;\nrecord R(int X) { public int P => P + 1; }")]
    [InlineData("var x = new R(1).P;\nrecord R(int X) { public int P { get => P + 1; } }")]
    [InlineData("var n = int.MaxValue; var a = new byte[n];")]
    [InlineData("var a = new byte[2147483000];")]
    [InlineData("var a = new string('x', 2000000000);")]
    [InlineData("var a = \"x\".PadLeft(2000000000);")]
    [InlineData("var a = \"x\"?.PadRight(totalWidth: 2000000000);")]
    [InlineData("var a = Enumerable.Range(0, 2000000000).ToList();")]
    [InlineData("var a = Enumerable.Repeat(count: 2000000000, element: \"x\").ToArray();")]
    [InlineData("List<int> a = new(2000000000);")]
    [InlineData("while (true) { try { while (true) { } } catch { } }")]
    [InlineData("while (true) { try { while (true) { } } catch (Exception e) when (e.Message != \"\") { } }")]
    [InlineData("async Step F() { try { while (true) { } } catch (Exception) { } finally { } }\nawait F();")]
    public async Task What_never_ends_or_takes_everything_is_stopped_and_cannot_be_caught(string body)
    {
        await using var running = new Running(new Budgets { FuelPerSlice = 3_000_000 });
        var kept = await running.StartAsync(await Running.PathOfAsync(Head + body), _ => null);
        Assert.Equal(RunEndKind.OverBudget, kept.End!.Kind);
    }

    [Theory]
    [InlineData("Func<int, int> f = x => x + 1; return Outcome.Completed($\"{f(1)}\");", "2")]
    [InlineData("var list = new List<int>(); Action<int> f = x => list.Add(x); f(1); return Outcome.Completed($\"{list.Count}\");", "1")]
    [InlineData("var list = new List<int> { 3, 1, 2 }; list.ForEach(x => x.ToString()); return Outcome.Completed($\"{string.Join(\",\", list.OrderBy(x => x))}\");", "1,2,3")]
    [InlineData("Func<string?> f = () => null; return Outcome.Completed(f() ?? \"none\");", "none")]
    [InlineData("Func<int[]> f = () => [1, 2]; return Outcome.Completed($\"{f().Length}\");", "2")]
    [InlineData("Func<int, string> f = x => x switch { 1 => \"one\", _ => throw new InvalidOperationException() }; return Outcome.Completed(f(1));", "one")]
    [InlineData("var f = (int a) => (int b) => a * b; return Outcome.Completed($\"{f(2)(3)}\");", "6")]
    [InlineData("Func<int> f = static () => 4; return Outcome.Completed($\"{f()}\");", "4")]
    [InlineData("int F(int n) => n <= 1 ? 1 : n * F(n - 1); return Outcome.Completed($\"{F(5)}\");", "120")]
    [InlineData("var n = 0; void F() => n++; F(); F(); return Outcome.Completed($\"{n}\");", "2")]
    [InlineData("async Step<int> F(int x) => x + (await Ask(\"a\", \"b\")).By.Length; return Outcome.Completed($\"{await F(1)}\");", "4")]
    [InlineData("async Step F() => await Ask(\"a\", \"b\"); await F(); return Outcome.Completed(\"ok\");", "ok")]
    [InlineData("var d = await ForEach([1, 2], async x => { var a = await Ask(\"a\", \"b\"); return x + a.By.Length; }); return Outcome.Completed($\"{d.Sum()}\");", "9")]
    [InlineData("var d = await ForEach([1, 2], async x => x + (await Ask(\"a\", \"b\")).By.Length); return Outcome.Completed($\"{d.Sum()}\");", "9")]
    [InlineData("var r = new R(2) { B = 3 }; return Outcome.Completed($\"{r.Sum} {r.Twice()} {r with { A = 5 }}\"); record R(int A) { public int B { get; init; } public int Sum => A + B; public int Twice() => 2 * Sum; }", "5 10 R { A = 5, B = 3, Sum = 8 }")]
    [InlineData("var text = \"\"; foreach (var (a, b) in new[] { (1, 2), (3, 4) }) text += a + b + \";\"; return Outcome.Completed(text);", "3;7;")]
    [InlineData("IEnumerable<int> Numbers() { for (var i = 0; i < 3; i++) yield return i; } return Outcome.Completed($\"{Numbers().Sum()}\");", "3")]
    [InlineData("try { throw new InvalidOperationException(\"x\"); } catch (Exception e) when (e.Message == \"y\") { return Outcome.Completed(\"y\"); } catch (Exception e) { return Outcome.Completed(e.Message); }", "x")]
    [InlineData("try { throw new InvalidOperationException(\"x\"); } catch { return Outcome.Completed(\"caught\"); }", "caught")]
    [InlineData("var grid = new int[2, 3]; var jagged = new int[2][]; var fixedSize = new int[2] { 1, 2 }; return Outcome.Completed($\"{grid.Length}{jagged.Length}{fixedSize[1]}\");", "622")]
    [InlineData("var dict = new Dictionary<string, Func<int, int>> { [\"a\"] = x => x + 1 }; return Outcome.Completed($\"{dict[\"a\"](1)}\");", "2")]
    [InlineData("var x = Enumerable.Range(1, 3).Select((n, i) => n * i).Aggregate(0, (a, b) => a + b); return Outcome.Completed($\"{x}\");", "8")]
    public async Task Rewritten_code_does_what_was_written(string body, string reason)
    {
        var kept = await Running.RunAsync(Head + body, _ => new Decision(DecisionKind.Approved, "ann", "", default));
        Assert.Equal(RunEndKind.Completed, kept.End!.Kind);
        Assert.Equal(reason, JsonSerializer.Deserialize<Outcome>(kept.End.Payload.Span, SoarJson.Options)!.Reason);
    }

    [Fact]
    public async Task Header_lambdas_are_asked_without_a_run()
    {
        await using var running = new Running();
        var path = await Running.PathOfAsync(Head.TrimEnd() + """

            const int Limit = 70;
            const string Long = @"
                several
                lines
                ";
            On.Alert(alert => alert.Severity >= Limit && alert.Title != Long);
            On.Alert(alert =>
            {
                foreach (var observable in alert.Observables)
                    if (observable.Type == "ip") return true;
                return false;
            });
            var address = Input<IpAddress>("address", "The address", from: alert => alert.Source?.Ip);
            var port = Input<int>("port", "The port", from: alert => alert.Source?.Port);
            """);
        var alert = new Alert { Id = "1", Detector = "d", Title = "t", Category = "c", Severity = 80, Time = default, Source = new(IpAddress.Parse("203.0.113.9"), 25) };
        Assert.Equal("true"u8.ToArray(), await running.EvaluateAsync(path, "trigger:0", alert));
        Assert.Equal("false"u8.ToArray(), await running.EvaluateAsync(path, "trigger:1", alert));
        Assert.Equal("\"203.0.113.9\""u8.ToArray(), await running.EvaluateAsync(path, "input:address", alert));
        Assert.Equal("25"u8.ToArray(), await running.EvaluateAsync(path, "input:port", alert));
        Assert.Equal("null"u8.ToArray(), await running.EvaluateAsync(path, "input:port", alert with { Source = null }));
    }

    [Fact]
    public async Task A_case_trigger_is_asked_about_the_case_with_what_changed_in_it()
    {
        await using var running = new Running();
        var path = await Running.PathOfAsync(Head.TrimEnd() + """

            const int Severe = 70;
            On.Case(incident => incident.Severity >= Severe && incident.Change == CaseChange.Opened && incident.Tlp <= Tlp.Amber);
            On.Case(incident => incident.Observables.Any(o => o.Type == "ip" && o.Verdict == Verdict.Malicious && !IpAddress.Parse(o.Value).IsV6));
            On.Alert(alert => alert.Severity > 0);
            """);
        var state = new CaseState("0199", 7, "Hoax mails", 80, Tlp.Amber, [new JudgedObservable("ip", "203.0.113.66", Verdict.Malicious)], CaseChange.Observable);
        Assert.Equal("false"u8.ToArray(), await running.EvaluateAsync(path, "trigger:0", state));
        Assert.Equal("true"u8.ToArray(), await running.EvaluateAsync(path, "trigger:0", state with { Change = CaseChange.Opened }));
        Assert.Equal("true"u8.ToArray(), await running.EvaluateAsync(path, "trigger:1", state));
        Assert.Equal("false"u8.ToArray(), await running.EvaluateAsync(path, "trigger:1", state with { Observables = [] }));
    }

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, 6)];

    /// <summary>Spaces, line breaks of all kinds and comments between any two tokens: it still compiles, and every call has its own line.</summary>
    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Whatever_the_layout_every_step_keeps_its_line(int seed)
    {
        var random = new Random(seed);
        var files = Directory.EnumerateFiles(Path.Combine(Repository, "playbooks"), "*.csx", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToArray();
        var text = Shake(await File.ReadAllTextAsync(files[seed % files.Length]), random);
        var result = await BuildAsync(text);
        Assert.True(result.Succeeded, $"seed {seed}:\n{string.Join('\n', result.Diagnostics)}\n{text}");
        var tree = CSharpSyntaxTree.ParseText(text);
        var expected = Titles.Of(tree).Steps.Select(step => (step.Id, step.Line)).ToHashSet();
        var sites = SitesOf(result.Assembly!);
        Assert.NotEmpty(sites);
        Assert.All(sites, site => Assert.Contains((site.Id, site.Line), expected));
        Assert.All(sites, site => Assert.Equal(site.Line, tree.GetLineSpan(Titles.Of(tree).Steps.Single(step => step.Id == site.Id).Span).StartLinePosition.Line + 1));
    }

    private static string Shake(string text, Random random)
    {
        string[] between = [" ", "\t", "\n", "\r\n", " /* c */ ", " // -\n", "\n\n    ", ""];
        var shaken = new System.Text.StringBuilder();
        foreach (var token in CSharpSyntaxTree.ParseText(text).GetRoot().DescendantTokens())
        {
            shaken.Append(token.LeadingTrivia.ToFullString()).Append(token.Text).Append(token.TrailingTrivia.ToFullString());
            var inText = token.Parent is Microsoft.CodeAnalysis.CSharp.Syntax.InterpolatedStringTextSyntax
                || token.Parent is Microsoft.CodeAnalysis.CSharp.Syntax.InterpolatedStringExpressionSyntax || token.Parent!.Ancestors().Any(a => a is Microsoft.CodeAnalysis.CSharp.Syntax.InterpolatedStringExpressionSyntax);
            if (!inText && random.Next(3) == 0) shaken.Append(between[random.Next(between.Length)]);
        }

        return shaken.ToString();
    }

    private static KnownSite[] SitesOf(byte[] assembly)
    {
        var context = new System.Runtime.Loader.AssemblyLoadContext("sites", isCollectible: true);
        context.Resolving += (_, name) => System.Runtime.Loader.AssemblyLoadContext.Default.Assemblies.FirstOrDefault(a => a.GetName().Name == name.Name)
            ?? System.Runtime.Loader.AssemblyLoadContext.Default.LoadFromAssemblyPath(Surface.References[0]);
        var type = context.LoadFromStream(new MemoryStream(assembly)).GetType("Soar.Playbooks.ThisPlaybook")!;
        return (KnownSite[])type.GetProperty("Sites", System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic)!.GetValue(Activator.CreateInstance(type))!;
    }
}
