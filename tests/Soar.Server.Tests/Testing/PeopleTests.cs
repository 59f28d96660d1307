namespace Soar.Server.Tests.Testing;

/// <summary>People, signals and the clock of a test.</summary>
public sealed class PeopleTests
{
    private const string Ask = "var d = await Ask(\"lead\", \"Go on?\", within: 1.Hours);\nreturn Outcome.Completed($\"{d.Kind} by {d.By}: {d.Reason}\");";

    [Theory]
    [InlineData("{ approve: fine, after: 10m, by: anna }", "Approved by anna: fine", "10m")]
    [InlineData("{ refuse: never, after: 59m }", "Refused by lead: never", "59m")]
    [InlineData("{ silent: asleep }", "Expired by : Nobody answered in time.", "1h")]
    [InlineData("{ approve: too late, after: 2h }", "Expired by : Nobody answered in time.", "1h")]
    public async Task People_answer_when_the_clock_says_so(string answer, string reason, string duration)
    {
        await using var bench = new Bench();
        Assert.Equal("", await bench.FailuresAsync(Ask, $"people: {{ lead: {answer} }}\nexpect: {{ outcome: Completed, reason: \"{reason}\", duration: {duration} }}"));
    }

    [Fact]
    public async Task Somebody_who_is_never_asked_fails_the_test_by_name()
    {
        await using var bench = new Bench();
        Assert.Equal("line 3: boss was never asked", await bench.FailuresAsync(Ask, "people: { boss: { approve: fine } }\nexpect: { outcome: Completed }"));
    }

    [Fact]
    public async Task Answers_of_a_list_are_for_one_question_after_the_other_and_each_must_be_asked_for()
    {
        const string twice = "var a = await Ask(\"lead\", \"First?\");\nvar b = await Ask(\"lead\", \"Second?\");\nreturn Outcome.Completed($\"{a.Reason} {b.Reason}\");";
        await using var bench = new Bench();
        Assert.Equal("", await bench.FailuresAsync(twice, "people: { lead: [ { approve: one }, { refuse: two } ] }\nexpect: { reason: one two }"));
        Assert.Equal("line 3: lead was not asked a question for answer 3",
            await bench.FailuresAsync(twice, "people: { lead: [ { approve: one }, { refuse: two }, { refuse: three } ] }\nexpect: { reason: one two }"));
        Assert.Equal("", await bench.FailuresAsync(twice, "people: { lead: [ { approve: two, question: second }, { approve: one, question: first } ] }\nexpect: { reason: one two }"));
    }

    [Fact]
    public async Task A_quorum_is_answered_by_several_people()
    {
        await using var bench = new Bench();
        const string four = "var d = await Ask(\"lead\", \"Destroy it?\", within: 1.Hours, quorum: 2);\nreturn Outcome.Completed($\"{d.Kind}\");";
        Assert.Equal("", await bench.FailuresAsync(four, "people: { lead: { approve: yes, by: [anna, boris] } }\nexpect: { reason: Approved }"));
        Assert.Equal("", await bench.FailuresAsync(four, "people: { lead: { approve: yes, by: anna } }\nexpect: { reason: Expired }"));
    }

    [Fact]
    public async Task Whoever_a_question_escalates_to_answers_after_half_of_the_time()
    {
        await using var bench = new Bench();
        const string escalates = "var d = await Ask(\"lead\", \"Go on?\", within: 1.Hours, escalateTo: \"boss\");\nreturn Outcome.Completed($\"{d.Kind} by {d.By}\");";
        Assert.Equal("", await bench.FailuresAsync(escalates, "people: { boss: { approve: fine } }\nexpect: { reason: Approved by boss, duration: 30m }"));
        Assert.Equal("", await bench.FailuresAsync(escalates, "people: { boss: { approve: fine, after: 5m, by: vera } }\nexpect: { reason: Approved by vera, duration: 35m }"));
        Assert.Equal("", await bench.FailuresAsync(escalates, "people: { lead: { approve: fine, after: 40m } }\nexpect: { reason: Approved by lead, duration: 40m }"));
    }

    [Fact]
    public async Task A_question_that_never_ends_and_nobody_answers_is_named()
    {
        await using var bench = new Bench();
        Assert.Equal("lead is asked \"Go on?\" and nobody answers: add to 'people:'\n      lead: { approve: \"…\" }",
            await bench.FailuresAsync("await Ask(\"lead\", \"Go on?\");\nreturn Outcome.Completed();", "expect: { outcome: Completed }"));
    }

    [Fact]
    public async Task An_answer_that_does_not_fit_the_question_is_named()
    {
        await using var bench = new Bench();
        Assert.Contains("line 3: lead is asked \"Go on?\" (Approval), which cannot be answered with Done", await bench.FailuresAsync(Ask, "people: { lead: { done: ok } }\nexpect: { outcome: Completed }"));
    }

    [Fact]
    public async Task Forms_are_filled_in_with_values_of_their_fields()
    {
        const string form = "var f = await Form<Call>(\"analyst\", \"Who called?\");\nreturn Outcome.Completed($\"{f.Number} {f.Times} {f.Urgent}\");\nrecord Call(string Number, int Times, bool Urgent);";
        await using var bench = new Bench();
        Assert.Equal("", await bench.FailuresAsync(form, "people: { analyst: { form: { number: 112, times: 3, urgent: true } } }\nexpect: { reason: 112 3 True }"));
        Assert.Contains("was not taken: The form is not complete: these fields are missing: times", await bench.FailuresAsync(form, "people: { analyst: { form: { number: 112, urgent: true } } }\nexpect: { outcome: Completed }"));
    }

    [Fact]
    public async Task Signals_arrive_when_the_test_says_and_one_that_nobody_wants_fails_it()
    {
        const string receive = "var s = await Receive<string>(\"done\", within: 1.Hours);\nreturn Outcome.Completed(s.Value);";
        await using var bench = new Bench();
        Assert.Equal("", await bench.FailuresAsync(receive, "signals: [ { name: done, after: 20m, value: hello } ]\nexpect: { reason: hello, duration: 20m }"));
        Assert.Equal("signal odd was never received: no 'Receive' waited for it",
            await bench.FailuresAsync(receive, "signals: [ { name: odd, after: 1m }, { name: done, after: 20m, value: hello } ]\nexpect: { reason: hello }"));
        Assert.Equal("line 3: signal late was never sent: the run had ended before 2 hours",
            await bench.FailuresAsync(receive, "signals: [ { name: late, after: 2h }, { name: done, value: hello } ]\nexpect: { reason: hello, duration: 0s }"));
    }

    [Fact]
    public async Task A_run_that_waits_for_a_signal_for_ever_is_named()
    {
        await using var bench = new Bench();
        Assert.Equal("the run waits (Waiting) for a signal that no 'signals:' of the test sends",
            await bench.FailuresAsync("await Receive<string>(\"done\");\nreturn Outcome.Completed();", "expect: { outcome: Completed }"));
    }

    [Fact]
    public async Task Thirty_days_take_no_time()
    {
        await using var bench = new Bench();
        var file = await bench.RunAsync("var from = Now;\nawait Wait(30.Days);\nreturn Outcome.Completed($\"{Now - from}\");",
            "tests:\n  - { name: One, now: 2026-02-01T00:00:00Z, expect: { reason: 30 days, duration: 30d } }\n");
        var result = Assert.Single(file.Results);
        Assert.Empty(result.Failures);
        Assert.InRange(result.Story!.Duration, TimeSpan.FromDays(30), TimeSpan.FromDays(30) + TimeSpan.FromSeconds(1));
        Assert.True(result.Took < TimeSpan.FromSeconds(30), $"{result.Took}");
    }

    [Fact]
    public async Task The_first_of_several_sources_wins_while_the_others_are_silent()
    {
        await using var bench = new Bench();
        Assert.Equal("", await bench.FailuresAsync(
            """
            var first = await Any(Intel["a"].Lookup(IpAddress.Parse("203.0.113.7")), Intel["b"].Lookup(IpAddress.Parse("203.0.113.7")), Intel["c"].Lookup(IpAddress.Parse("203.0.113.7")));
            return Outcome.Completed(first.Details);
            """,
            """
            instances: { Intel: [a, b, c] }
            steps:
              intel.lookup[a]: { times-out: true }
              intel.lookup[b]: { after: 10s, returns: { source: b, verdict: Unknown, details: quick } }
              intel.lookup[c]: { after: 20s, returns: { source: c, verdict: Unknown, details: slow } }
            expect: { reason: quick, duration: 10s }
            """));
    }

    [Fact]
    public async Task The_same_test_takes_the_same_virtual_time_every_time()
    {
        // Silent sources, retries, a person and a signal at once: if the clock ever moved while something was in hand, one of these would take longer.
        const string body =
            """
            var all = await TryForEach(Intel.All, source => source.Lookup(IpAddress.Parse("203.0.113.7")).Timeout(45.Seconds), tolerate: 5);
            var (decision, signal) = await All(Ask("lead", "Go on?", within: 1.Hours), Receive<string>("done", within: 1.Hours));
            return Outcome.Completed($"{all.Count(one => one.Succeeded)} {decision.Kind} {signal.Value}");
            """;
        var tests = string.Concat(Enumerable.Range(1, 40).Select(n =>
            $$"""
              - name: Test {{n}}
                instances: { Intel: [a, b, c, d] }
                steps:
                  intel.lookup[a]: { times-out: true }
                  intel.lookup[b]: { after: 10s, returns: { source: b, verdict: Unknown, details: quick } }
                  intel.lookup[c]: [ { times-out: true }, { returns: { source: b, verdict: Unknown, details: slow } } ]
                  intel.lookup[d]: { fails: "404" }
                people: { lead: { approve: fine, after: 5m } }
                signals: [ { name: done, after: 3m, value: ok } ]
                expect: { reason: 2 Approved ok, duration: 5m45s }

            """));
        await using var bench = new Bench();
        var file = await bench.RunAsync(body, "tests:\n" + tests);
        Assert.Equal(40, file.Results.Count);
        Assert.Equal("", string.Join("\n", file.Results.SelectMany(result => result.Failures).Distinct()));
    }

    [Fact]
    public async Task Sub_playbooks_run_with_the_same_mocks_and_clock()
    {
        await using var bench = new Bench();
        bench.Add("child", "var source = Input(\"source\", \"a\", \"Which\");\nawait Wait(2.Hours);\nvar report = await Intel.Lookup(IpAddress.Parse(\"203.0.113.7\"));\nreturn Outcome.Completed($\"{source} {report.Details}\");\n");
        Assert.Equal("", await bench.FailuresAsync("var end = await Run(\"child\", new { source = \"parent\" });\nreturn Outcome.Completed(end.Reason);",
            """
            steps:
              intel.lookup: { returns: { source: s, verdict: Unknown, details: deep } }
            expect: { reason: parent deep, duration: 2h, steps: [soar.run, wait, intel.lookup] }
            """));
    }

    [Fact]
    public async Task A_long_wait_forgets_the_run_and_its_replay_does_the_same()
    {
        await using var bench = new Bench();
        Assert.Equal("", await bench.FailuresAsync(
            """
            var hits = new List<string>();
            await ForEach(Enumerable.Range(1, 20), async n => { await Wait((21 - n).Minutes); hits.Add($"{n}"); }, parallel: 20);
            await Wait(30.Days);
            return Outcome.Completed(string.Join(" ", hits));
            """,
            "expect: { reason: 20 19 18 17 16 15 14 13 12 11 10 9 8 7 6 5 4 3 2 1 }"));
    }

    [Fact]
    public async Task A_playbook_that_goes_on_for_ever_is_stopped_and_can_be_cancelled()
    {
        const string endless = "while (true) await Wait(1.Hours);";
        await using var bench = new Bench();
        Assert.StartsWith("the run did not end although the clock moved on 5000 times", await bench.FailuresAsync(endless, "expect: { cancelled: true }"));
        Assert.Equal("", await bench.FailuresAsync(endless, "cancel: { after: 50h, by: ana, reason: enough }\nexpect: { cancelled: true, duration: 50h }"));
    }
}
