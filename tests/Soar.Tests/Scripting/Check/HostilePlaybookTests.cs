namespace Soar.Tests.Scripting.Check;

/// <summary>Playbooks that want what they must not get, against the checker alone. See HostileInTheJailTests for the jail alone.</summary>
public sealed class HostilePlaybookTests
{
    public static TheoryData<string, string> Refused => new(Corpus.Where(h => h.Expect is not ("legal-bomb" or "compile-bomb")).Select(h => (h.File, h.Section.Head)));

    public static TheoryData<string, string> Legal => new(Corpus.Where(h => h.Expect is "legal-bomb").Select(h => (h.File, h.Section.Head)));

    internal static IReadOnlyList<Hostile> Corpus { get; } = Hostile.ReadAll();

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_hostile_playbook_is_refused_with_a_code_and_a_remedy(string file, string head)
    {
        var examined = CheckLab.Examine(Hostile.Find(file, head).Harmless(), emit: false);

        Assert.NotEmpty(examined.Findings);
        Assert.All(examined.Findings, finding =>
        {
            Assert.Matches("^SOAR12[0-9]{2}$", finding.Code);
            Assert.NotEqual(Soar.Scripting.Check.CheckCodes.Unseen, finding.Code);
            Assert.NotEmpty(finding.Message);
            Assert.NotEmpty(finding.Remedy);
        });
    }

    /// <summary>What is legal C# and only costs too much is the meter's and the process's business, not the checker's.</summary>
    [Theory]
    [MemberData(nameof(Legal))]
    public void A_bomb_of_legal_code_passes_the_checker_and_compiles(string file, string head)
    {
        var examined = CheckLab.Examine(Hostile.Find(file, head).Harmless(), emit: true);

        Assert.Empty(examined.Errors);
        Assert.Empty(examined.Findings.Select(f => f.ToString()));
        Assert.Empty(examined.Assembly.Select(f => f.Message));
    }

    /// <summary>Whatever compiles and was refused by the source gates because it touches something outside must be refused by the emitted assembly's tables too.</summary>
    [Fact]
    public void The_assembly_gate_alone_stops_every_hostile_playbook_that_reaches_outside()
    {
        var missed = new List<string>();
        var seen = 0;
        foreach (var hostile in Corpus.Where(h => h.Attempt is "files" or "network" or "exec" or "environment" or "clock" or "random" && h.Expect is not ("legal-bomb" or "compile-bomb")))
        {
            var examined = CheckLab.Examine(hostile.Harmless(), emit: true);
            if (examined.Errors.Count > 0) continue;
            seen++;
            if (examined.Assembly.Count == 0 && !LanguageRulesOnly.Contains(hostile.Name)) missed.Add(hostile.Name);
        }

        Assert.True(seen >= 90, $"{seen} compiled");
        Assert.Empty(missed);
    }

    [Fact]
    public void The_corpus_holds_at_least_150_hostile_playbooks_of_every_kind()
    {
        Assert.True(Corpus.Count >= 150, $"{Corpus.Count}");
        Assert.Equal(Corpus.Count, Corpus.Select(h => (h.File, h.Section.Head)).Distinct().Count());
        foreach (var attempt in new[] { "files", "network", "exec", "memory", "environment", "threads", "reflection", "clock", "random", "language", "bomb" })
            Assert.True(Corpus.Count(h => h.Attempt == attempt) >= 10, attempt);
    }

    // Refused for what they mean, while what they call is allowed elsewhere; a constant that became a number; a call that the compiler leaves out.
    private static readonly HashSet<string> LanguageRulesOnly = new(StringComparer.Ordinal)
    {
        "record hash code", "anonymous hash code", "hash code override", "sort by culture", "list sort by culture", "sorted set by culture", "max by culture",
        "current culture comparison", "trace listener", "today by an exact format", "today by a computed format",
    };
}

/// <summary>
/// One hostile playbook: <c>//// name | attempt: files|network|exec|memory|environment|threads|reflection|clock|random|language|bomb | expect: …</c>.
/// <c>expect</c> says what would prove that it got something: <c>token</c> (the secret in the outcome), <c>file</c> (a file in the canary folder),
/// <c>connect</c> (a connection to the test's port), <c>deleted</c>, <c>killed</c>, any other text (in the outcome), <c>none</c> (nothing to prove: a rule of the
/// language), <c>legal-bomb</c> (legal code that costs too much), <c>compile-bomb</c> (code that costs too much to compile).
/// </summary>
public sealed record Hostile(string File, Section Section)
{
    public string Name => Section.Head.Split('|')[0].Trim();
    public string Attempt => Section.Value("attempt") ?? throw new InvalidOperationException($"{Section.Head}: no attempt");
    public string Expect => Section.Value("expect") ?? throw new InvalidOperationException($"{Section.Head}: no expect");

    public static IReadOnlyList<Hostile> ReadAll() =>
    [
        .. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Scripting", "Check", "hostile"), "*.csx").Order(StringComparer.Ordinal)
            .SelectMany(path => Sections.Read(path).Select(section => new Hostile(Path.GetFileName(path), section))),
    ];

    public static Hostile Find(string file, string head) => HostilePlaybookTests.Corpus.Single(h => h.File == file && h.Section.Head == head);

    /// <summary>The text with places that exist nowhere.</summary>
    public string Harmless() => Aimed("/canary", 9, 1, 1);

    /// <summary>The text aimed at a canary folder, a port and two processes.</summary>
    public string Aimed(string canary, int port, int parent, int victim) => Section.Text
        .Replace("@CANARY@", canary, StringComparison.Ordinal)
        .Replace("@PORT@", port.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("@PID@", parent.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("@VICTIM@", victim.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
}
