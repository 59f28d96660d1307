using Soar.Runs;
using Soar.Server.Display;

namespace Soar.Server.Commands;

/// <summary>Which run, question or containment somebody means: by its id, by the beginning or the end of it that no other has, or by <c>last</c>.</summary>
internal static class Meant
{
    public const string Last = "last";

    /// <summary>For help texts.</summary>
    public const string ByPart = "its id, the short id that lists show or any other part of it at the beginning or end, or 'last'";

    private const int MostCandidates = 10;

    /// <summary>A run; <c>last</c> is the newest that was not started by another run.</summary>
    public static async Task<Run> RunAsync(IRunStore store, string text)
    {
        if (RunId.TryParse(text, null, out var id)) return await store.FindAsync(id) ?? throw new NotFoundException("run", text, "'soar runs' lists them.");
        var all = await store.ListAsync(null, null, int.MaxValue);
        return Of("run", text, all, run => run.Id.Value, all.FirstOrDefault(run => run.Parent is null),
            run => $"{run.Playbook} {run.PlaybookVersion}, {RunText.Word(run.Status)}, started {RunsCommands.Time(run.CreatedAt)} UTC", "'soar runs' lists them.");
    }

    /// <summary>A question; <c>last</c> is the newest open one, or the newest of all where none is open.</summary>
    public static async Task<Question> QuestionAsync(IRunStore store, string text)
    {
        var all = await store.QuestionsAsync(null, null);
        var newest = all.OrderByDescending(q => q.Status == QuestionStatus.Open).ThenByDescending(q => q.AskedAt).FirstOrDefault();
        return Of("question", text, all, q => q.Id.Value, newest, q => $"{q.Status.ToString().ToLowerInvariant()}, {QuestionText.For(q)}: {q.Text}", "'soar questions' lists what is open.");
    }

    /// <summary>A containment that stands, or everything that is contained at this target; <c>last</c> is the newest.</summary>
    public static async Task<IReadOnlyList<Containment>> ContainmentsAsync(IRunStore store, string text)
    {
        var all = await store.ContainmentsAsync(null, null, standingOnly: true);
        var there = all.Where(c => c.Target == text).ToList();
        if (there.Count > 0) return there;
        return [Of("standing containment", text, all, c => c.Id, all.MaxBy(c => c.Since), c => $"{c.Action} of {c.Target} on {c.Instance}", "'soar containments' lists them.")];
    }

    private static T Of<T>(string kind, string text, IReadOnlyList<T> all, Func<T, Guid> id, T? last, Func<T, string> say, string remedy) where T : class
    {
        if (string.Equals(text, Last, StringComparison.OrdinalIgnoreCase)) return last ?? throw new NotFoundException(kind, text, $"There is none yet. {remedy}");
        var found = text.Length == 0 ? [] : all.Where(one => Fits(id(one), text)).ToList();
        if (found.Count == 1) return found[0];
        if (found.Count == 0) throw new NotFoundException(kind, text, remedy);
        var candidates = string.Join("\n", found.Take(MostCandidates).Select(one => $"  {id(one)}  {say(one)}"));
        var more = found.Count > MostCandidates ? $"\n  and {found.Count - MostCandidates} more" : "";
        throw new SoarException("SOAR5001", $"'{text}' fits {Plural.Of(found.Count, kind)}; give more of the id:\n{candidates}{more}");
    }

    // The short id has no hyphens, a copied part may have some.
    private static bool Fits(Guid id, string text) => Fits(id.ToString("D"), text) || Fits(id.ToString("N"), text);

    private static bool Fits(string id, string text) => id.StartsWith(text, StringComparison.OrdinalIgnoreCase) || id.EndsWith(text, StringComparison.OrdinalIgnoreCase);
}
