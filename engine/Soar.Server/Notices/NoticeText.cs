using System.Globalization;
using System.Text;
using System.Text.Json;
using Soar.Capabilities;
using Soar.Hosting;
using Soar.Runs;
using Soar.Server.Display;
using Soar.Storage;

namespace Soar.Server.Notices;

/// <summary>What people are told of a question. What comes from a playbook, and through it from attackers, stands behind a bar or as JSON: it cannot pass for our own words or links.</summary>
/// <param name="Asked">Whom the question is for, as its reader holds it: a role, or their own name.</param>
/// <param name="Address">Where browsers reach the server, without the slash at its end.</param>
internal sealed record NoticeText(Notice Notice, Question Question, Run Run, string Asked, string Address)
{
    private const int MostSteps = 40, MostOfStep = 2_000;

    public string Inbox => $"{Address}/inbox/{Question.Id}";

    public string Subject
    {
        get
        {
            var line = VisibleText.Line(Question.Text);
            return $"[Soar] {(Notice.Round > 0 ? "Reminder: " : "")}{Word}: {(line.Length > 120 ? line[..120] + "…" : line)}";
        }
    }

    /// <summary>For a way that is not cleared for what the run is about: that something waits, and nothing of it.</summary>
    public string Bare => $"""
        A question waits for you in Soar, as {Asked}. What it is about is {(Question.Tlp is { } tlp ? tlp.Words() : "not")} and not for this way: sign in to see and answer it.

        {Inbox}

        {Deadline}
        """;

    /// <param name="link">What the links hold; null where the answer needs more than yes or no.</param>
    public string Mail(string? link, string? code)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"The playbook {Run.Playbook} {Run.PlaybookVersion} asks you, as {Asked}:\n\n{Quoted(Question.Text)}\n\n");
        if (Steps.Count > 0) text.Append(Whole);
        if (Quorum is { } quorum) text.Append(quorum).Append("\n\n");
        text.Append(Deadline).Append("\n\n");
        if (link is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $"{(Question.Kind == QuestionKind.Todo ? "It is done" : "Approve")}:  {Address}/answer/{link}\nRefuse:   {Address}/answer/{link}?say=refuse\nYour code: {code}\n\n");
            text.Append("Opening a link decides nothing: its page shows this again and asks for the code. Link and code are for you alone, count once, and only as long as the question waits. Pass neither on.\n\n");
        }

        return text.Append(CultureInfo.InvariantCulture, $"Or sign in: {Inbox}\n\nRun {Run.Id}, question {Question.Id}\n").ToString();
    }

    /// <summary>For the team's channel: what is asked of whom, and where; no link that answers.</summary>
    public string Chat => $"""
        {(Question.EscalatedAt is null ? "" : $"Nobody answered in half of the time; now {Question.EscalateTo} is asked too. ")}{Run.Playbook} asks {Question.Who}:

        {Quoted(Question.Text)}

        {(Steps.Count == 0 ? "" : $"{Plural.Of(Steps.Count, "prepared step")} would be done. ")}{Deadline} {Inbox}
        """;

    private string Word => Question.Kind switch { QuestionKind.Approval => "Approve?", QuestionKind.Form => "To fill in", QuestionKind.Todo => "To do", _ => "What became of it?" };

    private string Deadline => Question.Until is { } until ? string.Create(CultureInfo.InvariantCulture, $"It waits until {until.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC.") : "It waits without an end.";

    private string? Quorum => Question.Quorum > 1 ? $"{Question.Quorum} different people must approve; one refusal decides. {Plural.Of(Question.Answers.Count, "person", "people")} answered so far." : null;

    private IReadOnlyList<PreparedStep> Steps => StepsOf(Question);

    private string Whole
    {
        get
        {
            var text = new StringBuilder("If it is approved, exactly this may be done, once, and nothing else:\n\n");
            foreach (var (step, number) in Steps.Take(MostSteps).Select((step, i) => (step, i + 1)))
            {
                var arguments = ExactJson.Of(step.Arguments, indented: false);
                text.Append(CultureInfo.InvariantCulture, $"  {number}. {step.Action} on {VisibleText.Line(step.Instance)}\n     {(arguments.Length > MostOfStep ? arguments[..MostOfStep] + " … (cut here: the page behind the link shows it whole)" : arguments)}\n");
            }

            if (Steps.Count > MostSteps) text.Append(CultureInfo.InvariantCulture, $"  … and {Steps.Count - MostSteps} more: the page behind the link shows them all\n");
            return text.Append('\n').ToString();
        }
    }

    /// <summary>The prepared steps that an approval authorises.</summary>
    public static IReadOnlyList<PreparedStep> StepsOf(Question question)
    {
        using var details = JsonDocument.Parse(question.Details);
        return details.RootElement.ValueKind == JsonValueKind.Object && details.RootElement.TryGetProperty("steps", out var steps) && steps.ValueKind == JsonValueKind.Array ? steps.Deserialize<List<PreparedStep>>(SoarJson.Options)! : [];
    }

    private static string Quoted(string text) => "  | " + VisibleText.Lines(text).Replace("\n", "\n  | ", StringComparison.Ordinal);
}
