using System.Globalization;
using Soar.Runs;

namespace Soar.Engine;

/// <summary>Who may answer what.</summary>
internal static class Roles
{
    /// <summary>The role in which this person answers this question. Throws SOAR2034 saying who may, and from when on.</summary>
    public static string Taken(IReadOnlyDictionary<string, IReadOnlyList<string>> roles, Question question, Answer answer)
    {
        var by = answer.By.Trim();
        if (question.HandedOnBy(by) is { } gone) throw new SoarException("SOAR2034", $"{by} has handed question {question.Id} on to {gone.To}, who answers it. {gone.To} can hand it back.");
        if (question.HandedTo(by) is { } given && (answer.As is null || answer.As.Equals(given.As, StringComparison.OrdinalIgnoreCase))) return given.As;
        if (answer.As is { } asked && !question.MayAnswer.Contains(asked, StringComparer.OrdinalIgnoreCase))
            throw new SoarException("SOAR2034", asked.Equals(question.EscalateTo, StringComparison.OrdinalIgnoreCase)
                ? $"{question.EscalateTo} may answer question {question.Id} {From(question)}. Until then it is for {question.Who}."
                : $"Question {question.Id} is for {string.Join(" or ", question.MayAnswer)}, not for {asked}.");
        var candidates = answer.As is null ? question.MayAnswer : [.. question.MayAnswer.Where(r => r.Equals(answer.As, StringComparison.OrdinalIgnoreCase))];
        return candidates.FirstOrDefault(role => Holds(roles, role, answer.By.Trim())) ?? throw new SoarException("SOAR2034",
            $"Question {question.Id} is not {answer.By}'s to answer. {string.Join(". ", candidates.Select(role => Who(roles, role)))}.{(question.EscalateTo is null || question.EscalatedAt is not null ? "" : $" {question.EscalateTo} may answer {From(question)}.")}");
    }

    /// <summary>Whether this person may answer for this role: they are named by it, hold it, or nobody is named as its holder.</summary>
    public static bool Holds(IReadOnlyDictionary<string, IReadOnlyList<string>> roles, string role, string person)
    {
        if (role.Equals(person, StringComparison.OrdinalIgnoreCase)) return true;
        if (roles.TryGetValue(role, out var holders)) return holders.Contains(person, StringComparer.OrdinalIgnoreCase);
        return !roles.Values.Any(people => people.Contains(role, StringComparer.OrdinalIgnoreCase));
    }

    private static string Who(IReadOnlyDictionary<string, IReadOnlyList<string>> roles, string role) =>
        roles.TryGetValue(role, out var holders) ? $"{role} is {(holders.Count == 0 ? "nobody: name somebody in the settings" : string.Join(", ", holders))}" : $"It is for {role} in person";

    private static string From(Question question) => question.EscalateAt is { } half
        ? string.Create(CultureInfo.InvariantCulture, $"from {half.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC on, when half of the time is over")
        : "never, because the question has no end";
}
