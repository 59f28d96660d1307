using Soar.Server.Testing;
using Soar.Testing;

namespace Soar.Server.Tests.Testing;

public sealed class TestFileReaderTests : IDisposable
{
    private readonly TempFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Everything_that_is_wrong_is_said_at_once_with_its_line()
    {
        var said = Refused(
            """
            alret: x.json
            tests:
              - name: First
                expect: { outcome: Completed, outcom: Contained }
                steps:
                  firewall.block: { returns: {}, fails: "404" }
                  isp.owner: { transient: 429, retryAfter: soon }
                  isp.report: {}
              - name: First
                people: { shift-lead: { agree: "yes" } }
                expect: {}
              - expect: { cancelled: perhaps }
              - name: Without expectations
            """);

        Assert.Equal(
            """
            The tests cannot be run:
              :1: 'alret' is not known in the file. Did you mean 'alert'?
              :6: fails and returns cannot both be: write a list for one attempt after the other.
              :7: retryAfter is 'soon' but must be a duration such as 30s, 5m, 24h or 30d.
              :8: an answer says nothing: write returns, fails, transient, unknown, times-out or crash.
              :4: 'outcom' is not known in expect. Did you mean 'outcome'?
              :9: name 'First' is the name of another test of this file.
              :10: 'agree' is not known in a person's answer. Known: approve, refuse, done, not-done, form, silent, after, by, question.
              :10: a person's answer must be one of approve, refuse, done, not-done, form, silent.
              :11: expect says nothing: a test that expects nothing cannot fail.
              :12: name is missing: say in a sentence what must be true.
              :12: cancelled is 'perhaps' but must be true or false.
              :13: expect is missing: a test that expects nothing cannot fail.
            """, said);
    }

    [Theory]
    [InlineData("tests: []", ":1: tests is missing: a list of tests, each with a 'name' and an 'expect'.")]
    [InlineData("tests: [", "this is not YAML")]
    [InlineData("tests:\n  - name: One\n    expect: { outcome: Completed }\n    steps: { ? [a] : {} }", ":4: a list stands where a name is expected")]
    [InlineData("inputs: &i { a: *i }", "stands inside what it names")]
    [InlineData("tests:\n  - { name: a, expect: { outcome: A, failed: b } }", ":2: outcome and failed cannot both be: a run ends in one way.")]
    [InlineData("tests:\n  - { name: a, expect: { effects: [], effects-include: [] } }", ":2: effects and effects-include cannot both be")]
    [InlineData("tests:\n  - { name: a, expect: { effects: [{ instance: edge-1 }] } }", ":2: action is missing: for example firewall.block.")]
    [InlineData("tests:\n  - { name: a, lists: { f: { repeat: 3 } }, expect: { outcome: A } }", ":2: row is missing")]
    [InlineData("tests:\n  - { name: a, signals: [{ after: 1m }], expect: { outcome: A } }", ":2: name is missing: the signal's name.")]
    [InlineData("tests:\n  - { name: a, steps: { x.y: { crash: before-breakfast } }, expect: { outcome: A } }", ":2: crash is 'before-breakfast' but must be after-dispatch.")]
    [InlineData("tests:\n  - { name: a, steps: { x.y: { unknown: u, probe: maybe } }, expect: { outcome: A } }", ":2: probe is 'maybe' but must be one of present, absent, cannot-tell.")]
    public void A_mistake_is_named_with_its_remedy(string text, string message) => Assert.Contains(message, Refused(text));

    [Fact]
    public void What_the_file_says_counts_for_every_test_and_the_tests_own_on_top()
    {
        var file = Read(
            """
            inputs: { ttl: 24h, address: 203.0.113.1 }
            people: { lead: { approve: "yes" } }
            steps: { isp.owner: { fails: a } }
            tests:
              - name: One
                inputs: { ttl: 12h }
                steps: { isp.owner: { fails: b } }
                expect: { outcome: A }
              - name: Two
                people: { lead: { refuse: "no" } }
                expect: { outcome: A }
            """);

        Assert.Equal(["24h", "12h"], [file.Tests[1].Inputs["ttl"].ToString(), file.Tests[0].Inputs["ttl"].ToString()]);
        Assert.Equal("203.0.113.1", file.Tests[0].Inputs["address"].ToString());
        Assert.Equal(["a", "b"], file.Tests[0].Mocks.Select(m => m.Answers[0].Reason));
        Assert.Equal([false, true], file.Tests[0].Mocks.Select(m => m.Own));
        Assert.Equal((AnswerKind.Approve, false), (file.Tests[0].People["lead"].Answers[0].Kind, file.Tests[0].People["lead"].Own));
        Assert.Equal((AnswerKind.Refuse, true), (file.Tests[1].People["lead"].Answers[0].Kind, file.Tests[1].People["lead"].Own));
    }

    [Fact]
    public void Rows_and_signals_are_made_in_numbers()
    {
        var test = Read(
            """
            tests:
              - name: One
                lists: { f: { repeat: 3, first: 8, row: { id: "f{n}", mail: "a@f{n}.example" } }, empty: { columns: [id] } }
                signals: [ { name: "ack-f{n}", repeat: 2, after: 5m, value: { ok: true } } ]
                expect: { outcome: A }
            """).Tests[0];

        Assert.Equal(["id", "mail"], test.Lists["f"].Columns);
        Assert.Equal([["f8", "a@f8.example"], ["f9", "a@f9.example"], ["f10", "a@f10.example"]], test.Lists["f"].Rows);
        Assert.Equal((1, 0), (test.Lists["empty"].Columns.Count, test.Lists["empty"].Rows.Count));
        Assert.Equal([("ack-f1", """{"ok":true}"""), ("ack-f2", """{"ok":true}""")], test.Signals.Select(s => (s.Name, s.Value)));
        Assert.All(test.Signals, signal => Assert.Equal(TimeSpan.FromMinutes(5), signal.After));
    }

    private TestFile Read(string text) => TestFileReader.Read(folder.File("a.tests.yaml", text));

    private string Refused(string text)
    {
        var path = folder.File("a.tests.yaml", text);
        var error = Assert.Throws<SoarException>(() => TestFileReader.Read(path));
        Assert.Equal("SOAR5010", error.Code);
        return error.Message.Replace(Path.GetRelativePath(Environment.CurrentDirectory, path), "");
    }
}
