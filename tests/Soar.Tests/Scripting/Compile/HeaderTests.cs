using Soar.Hosting;
using Soar.Scripting;
using static Soar.Tests.Scripting.Compile.Compiling;

namespace Soar.Tests.Scripting.Compile;

/// <summary>The header is read, never executed; whatever cannot be read is refused at the argument that is to blame.</summary>
public sealed class HeaderTests
{
    private const string P = "Playbook(\"test\", version: \"1.0.0\", type: PlaybookType.Attack, tlp: Tlp.Red, summary: \"A test.\");\n";

    public static TheoryData<string, string> Errors() => new()
    {
        // The text; then "code line:column-endColumn words of the message".
        { "", "SOAR1010 1:1-1 does not begin with Playbook" },
        { "var a = 1;\n" + P, "SOAR1011 2:1-9 behind the first statement" },
        { "// hello\n\nInput<string>(\"a\", \"b\");\n" + P, "SOAR1010 4:1-9 not the first statement" },
        { P + P, "SOAR1012 2:1-9 said twice" },
        { "Playbook(\"Te st\", version: \"1.0.0\", type: PlaybookType.Attack, tlp: Tlp.Red, summary: \"x\");", "SOAR1013 1:10-17 'Te st' is no name" },
        { "Playbook(\"блок\", version: \"1.0.0\", type: PlaybookType.Attack, tlp: Tlp.Red, summary: \"x\");", "SOAR1013 1:10-16 'блок' is no name" },
        { "Playbook(\"a--b\", version: \"1.0.0\", type: PlaybookType.Attack, tlp: Tlp.Red, summary: \"x\");", "SOAR1013 1:10-16 is no name" },
        { "Playbook(\"a\\n\", version: \"1.0.0\", type: PlaybookType.Attack, tlp: Tlp.Red, summary: \"x\");", "SOAR1013 1:10-15 is no name" },
        { "Playbook(\"t\", version: \"1.0\", type: PlaybookType.Attack, tlp: Tlp.Red, summary: \"x\");", "SOAR1014 1:24-29 '1.0' is no semantic version" },
        { "Playbook(\"t\", version: \"01.0.0\", type: PlaybookType.Attack, tlp: Tlp.Red, summary: \"x\");", "SOAR1014 1:24-32 is no semantic version" },
        { "Playbook(\"t\", version: \"1.0.0\", type: PlaybookType.Attack, tlp: Tlp.Red, summary: \" \");", "SOAR1015 1:83-86 summary is empty" },
        { "Playbook(\"t\", version: \"1.0.0\", type: PlaybookType.Attack, tlp: Tlp.Amber | Tlp.Red, summary: \"x\");", "SOAR1022 1:65-84 no member of Tlp" },
        { "Playbook(\"t\", version: \"1.0.0\", type: (PlaybookType)99, tlp: Tlp.Red, summary: \"x\");", "SOAR1022 1:39-55 no member of PlaybookType" },
        { "Playbook(\"t\" + Now, version: \"1.0.0\", type: PlaybookType.Attack, tlp: Tlp.Red, summary: \"x\");", "SOAR1021 1:10-19 not a value that can be read" },
        { "Playbook(\"t\", version: \"1.0.0\", type: PlaybookType.Attack, tlp: Tlp.Red);", "CS7036 1:1-9 'summary'" },
        { P + "var a = Input<string>(\"A b\", \"x\");", "SOAR1016 2:23-28 no name for an input" },
        { P + "var a = Input(\"a\", 1, \"x\");\nvar b = Input(\"a\", 2, \"y\");", "SOAR1020 3:15-18 two inputs 'a'" },
        { P + "var a = Input(\"a\", 1 + 1.Hours.Ticks, \"x\");", "SOAR1021 2:20-37 not a value" },
        { P + "var a = Input(\"a\", Math.Max(1, 2), \"x\");", "SOAR1021 2:20-34 not a value" },
        { P + "var a = Input(\"a\", IpAddress.Parse(\"10.0.0.300\"), \"x\");", "SOAR1024 2:20-49 '10.0.0.300' is not an IP address" },
        { P + "var a = Input(\"a\", 2000000000.Weeks, \"x\");", "SOAR1023 2:20-36 longer than time" },
        { P + "On.Schedule(\"every day\");", "SOAR1017 2:13-24 no cron expression" },
        { P + "On.Schedule(\"0 0 6 * *\");", "SOAR1017 2:13-24 no cron expression" },
        { P + "On.Schedule(\"0 0 25 * * ?\");", "SOAR1017 2:13-27 no cron expression: " },
        { P + "On.Schedule(\"0 0 6 * * MOO\");", "SOAR1017 2:13-28 no cron expression: " },
        { P + "On.Schedule(\"0 0 6 30 2 ?\");", "SOAR1017 2:13-27 it never comes" },
        { P + "On.Schedule(\"0 0 6 * * ?\", \"Mars/Olympus\");", "SOAR1018 2:28-42 no time zone" },
        { P + "On.Schedule(\"0 0 6 * * ?\", calendar: \"Red letter\");", "SOAR1035 2:38-50 no name for a calendar" },
        { P + "On.Schedule(\"0 0 6 * * ?\", missed: (Missed)9);", "SOAR1022 2:36-45 no member of Missed" },
        { P + "On.Schedule(\"0 0 6 * * ?\");\nvar a = Input<string>(\"a\", \"x\");", "SOAR1034 2:1-27 nothing gives its input 'a'" },
        { P + "On.Schedule(\"0 0 6 * * ?\");\nvar a = Input<int>(\"a\", \"x\", from: alert => alert.Severity);", "SOAR1034 2:1-27 nothing gives its input 'a'" },
        { P + "On.Webhook(\"a b\");", "SOAR1019 2:12-17 no name for a webhook" },
        { P + "bool Big(Alert a) => a.Severity > 5;\nOn.Alert(Big);", "SOAR1011 3:1-9 behind the first statement" },
        { P + "var limit = Input(\"limit\", 70, \"x\");\nOn.Alert(alert => alert.Severity > limit);", "SOAR1027 3:36-41 'limit' does not exist when this lambda is asked" },
        { P + "On.Alert(alert => alert.Time > Now);", "SOAR1027 2:32-35 'Now' does not exist" },
        { P + "On.Alert(alert => Firewall.Name == \"\");", "SOAR1027 2:19-27 'Firewall' does not exist" },
        { P + "if (Now.Year > 2000) { var a = Input<string>(\"a\", \"b\"); }", "SOAR1028 2:32-45 cannot stand inside another statement" },
        { P + "await Note($\"{Alert.Title}\");", "SOAR1031 2:15-20 No trigger of this playbook brings an alert" },
        { P + "// Same\nawait Wait(1.Hours);\n// Same\nawait Wait(1.Hours);", "SOAR1030 5:1-21 title 'Same' is used twice" },
        { P + "}", "CS1022 2:1-2 " },
        { P + "var a = 1;\n/* open", "CS1035 3:1-1 End-of-file found" },
        { P + "var a = 'x;", "CS1012 2:9-9 " },
        { P + "if (true {\n}", "CS1026 2:10-11 ) expected" },
        { P + "#line 5 \"other.csx\"\nfoo();", "SOAR1202 2:1-20 #line" },
        { P + "#if X\nfoo();\n#endif", "SOAR1202 2:1-6 #if" },
        { P + "var x = \"a\u202Eb\";", "SOAR1003 2:11-12 U+202E" },
        { P + "public void F() { }", "SOAR1205 2:1-7 modifier 'public' is refused" },
        { P + "int x = \"a\";", "CS0029 2:9-12 " },
        { P + "Unknown();", "CS0103 2:1-8 " },
        { P + "return 5;", "CS0029 2:8-9 " },
        { P + "Row r = new(1);\nrecord Row(int A) { public int B => Missing; }", "CS0103 3:37-44 'Missing'" },
    };

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task An_error_names_code_place_and_thing(string text, string expected)
    {
        var result = await BuildAsync(text);
        Assert.False(result.Succeeded);
        var errors = result.Diagnostics.Where(d => d.Severity == PlaybookSeverity.Error).ToList();
        var parts = expected.Split(' ', 3);
        Assert.True(errors.Any(d => d.Code == parts[0] && $"{d.Line}:{d.Column}-{d.EndColumn}" == parts[1] && d.Message.Contains(parts[2], StringComparison.Ordinal)),
            $"wanted {expected}, got:\n{string.Join('\n', errors.Select(d => $"{d.Code} {d.Line}:{d.Column}-{d.EndColumn} {d.Message}"))}");
        Assert.All(errors, error => Assert.True(error.Remedy.Length > 0 || error.Code.StartsWith("CS", StringComparison.Ordinal) || error.Code == "SOAR1024", error.ToString()));
    }

    [Fact]
    public async Task All_errors_are_told_at_once_in_order_of_the_text()
    {
        var result = await BuildAsync("""
            Playbook("Bad Name", version: "1", type: PlaybookType.Attack, tlp: Tlp.Red, summary: "");
            On.Schedule("nonsense");
            var a = Input("a", Math.Max(1, 2), "x");
            System.IO.File.Delete("x");
            int b = "text";
            """);
        Assert.Equal(["SOAR1013 1", "SOAR1014 1", "SOAR1015 1", "SOAR1017 2", "SOAR1021 3", "SOAR1221 4", "CS0029 5"],
            result.Diagnostics.Where(d => d.Severity == PlaybookSeverity.Error).Select(d => $"{d.Code} {d.Line}").Distinct());
    }

    [Fact]
    public async Task A_Playbook_statement_that_does_not_compile_is_there_all_the_same()
    {
        var result = await BuildAsync(P.Replace("PlaybookType.Attack", "PlaybookType.Attak", StringComparison.Ordinal) + "await Note(\"x\");");
        Assert.Equal(["CS0117"], result.Diagnostics.Where(d => d.Severity == PlaybookSeverity.Error).Select(d => d.Code));
    }

    [Theory]
    [InlineData("return;", "Return an outcome")]
    [InlineData("await Blocker.Block(IpAddress.Parse(\"192.0.2.1\"), 1.Hours);", "Firewall, Http, Identity, Intel")]
    [InlineData("var name = Isp.Owner(IpAddress.Parse(\"192.0.2.1\")).Name;", "write await before it")]
    [InlineData("var (a, b) = All(Wait(1.Hours), Wait(2.Hours));", "write await before it")]
    public async Task What_the_compiler_says_comes_with_what_to_do(string body, string remedy)
    {
        var result = await BuildAsync(P + body);
        Assert.Contains(result.Diagnostics, d => d.Code.StartsWith("CS", StringComparison.Ordinal) && d.Remedy.Contains(remedy, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("System.Console.WriteLine(5);", "SOAR1221")]
    [InlineData("unsafe { int* p = null; }", "SOAR1204")]
    [InlineData("[Obsolete] void M() { }\nM();", "SOAR1203")]
    [InlineData("dynamic d = 3;", "SOAR1223")]
    [InlineData("var e = from x in new[] { 1 } select x;\nreturn Outcome.Completed($\"{e.Count()}\");", "SOAR1201")]
    [InlineData("object d = 3;\nlock (d) { }", "SOAR1209")]
    [InlineData("goto a;\na: ;", "SOAR1209 SOAR1209")] // two places
    [InlineData("var t = Nowhere.Run();\nawait t;", "CS0103")]
    [InlineData("Foo a = new Foo();\nreturn Outcome.Completed($\"{a}\");", "CS0246")]
    [InlineData("var a = Guid.NewGuid(); var b = Now.DateTime.GetHashCode();\nreturn Outcome.Completed($\"{a} {b}\");", "SOAR1225 SOAR1226")]
    public async Task What_is_wrong_is_said_once(string body, string codes)
    {
        var result = await BuildAsync(P + body);
        Assert.Equal(codes, string.Join(' ', result.Diagnostics.Where(d => d.Severity == PlaybookSeverity.Error).Select(d => d.Code)));
    }

    [Fact]
    public async Task What_the_compiler_says_is_said_in_the_words_of_playbooks()
    {
        var result = await BuildAsync(P + "var owner = Isp.Ownr(1);\nFoo x = null!;\nawait Fierwall.Block();");
        Assert.Equal(
            ["'Isp' does not contain a definition for 'Ownr'", "The type or namespace name 'Foo' could not be found", "The name 'Fierwall' does not exist in the current context"],
            result.Diagnostics.Where(d => d.Severity == PlaybookSeverity.Error).Select(d => d.Message));
        Assert.Contains("current context. Did you mean 'Firewall'?", result.Diagnostics[^1].ToString());
    }

    [Fact]
    public async Task Every_kind_of_header_value_is_read()
    {
        var header = (await GoodAsync("""
            const string Who = "shift";
            """.Insert(0, P) + """

            On.Case(which => which.Number > 3);
            On.Webhook("gate");
            var a = Input("a", 24.Hours, "x");
            var b = Input("b", -90.Seconds, "x");
            var c = Input("c", Until.Lifted, "x");
            var d = Input("d", Tlp.AmberStrict, "x");
            var e = Input("e", $"{Who}-lead", "x");
            var f = Input("f", nameof(Firewall), "x");
            var g = Input("g", new[] { 1, 2 }, "x");
            var h = Input<string[]>("h", ["a", Who], "x");
            var i = Input<List<TimeSpan>>("i", [1.Days, 2.Weeks], "x");
            var j = Input("j", IpAddress.Parse("10.0.0.1"), "x");
            var k = Input("k", default(TimeSpan), "x");
            var l = Input("l", 3 * 4 + 1, "x");
            var m = Input("m", true, description: "named");
            var n = Input("n", @default: 2.5m, "x");
            var o = Input<EmailAddress>("o", "x");
            var p = Input<int>("p", "x");
            var q = Input<double>("q", 1, "x");
            var r = Input("r", DomainName.Parse("BÜCHER.example."), "x");
            """)).Header!;
        Assert.Equal(["case trigger:0 which => which.Number > 3", "webhook  gate"], header.Triggers.Select(t => $"{t.Kind} {t.Lambda} {t.Text}"));
        Assert.Equal(
            [
                "a TimeSpan \"1.00:00:00\"", "b TimeSpan \"-00:01:30\"", "c TimeSpan \"10675199.02:48:05.4775807\"", "d Tlp \"AmberStrict\"", "e string \"shift-lead\"", "f string \"Firewall\"",
                "g int[] [1,2]", "h string[] [\"a\",\"shift\"]", "i List<TimeSpan> [\"1.00:00:00\",\"14.00:00:00\"]", "j IpAddress \"10.0.0.1\"", "k TimeSpan \"00:00:00\"", "l int 13", "m bool true",
                "n decimal 2.5", "o EmailAddress ", "p int ", "q double 1", "r DomainName \"xn--bcher-kva.example\"",
            ],
            header.Inputs.Select(input => $"{input.Name} {input.Type} {input.DefaultJson}"));
    }

    [Fact]
    public async Task A_schedule_says_when_where_and_what_becomes_of_what_is_late()
    {
        var header = (await GoodAsync(P + """
            On.Schedule("0 0 6 ? * MON-FRI", zone: "Europe/Kyiv");
            On.Schedule("*/5 * * * * ? 2030", calendar: "public-holidays", overlap: Overlap.CancelPrevious, missed: Missed.All);
            var a = Input("a", 24.Hours, "x");
            var b = Input<string?>("b", "x");
            """)).Header!;
        Assert.Equal(
            [
                new ScheduleHeader("0 0 6 ? * MON-FRI", "Europe/Kyiv", null, Missed.Once, Overlap.Skip),
                new ScheduleHeader("*/5 * * * * ? 2030", "UTC", "public-holidays", Missed.All, Overlap.CancelPrevious),
            ],
            header.Triggers.Select(t => t.Schedule));
        Assert.Equal(["0 0 6 ? * MON-FRI Europe/Kyiv", "*/5 * * * * ? 2030 public-holidays CancelPrevious All"], header.Triggers.Select(t => t.Text));
    }
}
