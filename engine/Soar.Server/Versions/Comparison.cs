using Soar.Scripting;
using Soar.Scripting.Compare;
using Soar.Server.Node;

namespace Soar.Server.Versions;

/// <summary>Two texts of a playbook beside each other: line by line, and thing by thing on the diagram.</summary>
internal sealed record Comparison(string Playbook, string From, string To, IReadOnlyList<TextHunk> Text, DiagramDifferences Diagram)
{
    public const string Current = "current", InFolder = "file", Draft = "draft";

    public static Comparison Of(string playbook, (string Name, string Source) from, (string Name, string Source) to, CancellationToken cancellation) => new(
        playbook, from.Name, to.Name, TextCompare.Of(from.Source, to.Source),
        DiagramCompare.Of(Scripting.Diagram.Of(from.Source, $"{playbook}.csx", cancellation), Scripting.Diagram.Of(to.Source, $"{playbook}.csx", cancellation)));

    /// <summary>The text that a word means: <c>current</c>, <c>file</c>, <c>draft</c>, a review by its id, or a published version. Throws <see cref="NotFoundException"/>.</summary>
    /// <param name="file">The playbook's file in the folder; null when it has none there.</param>
    /// <param name="mayEdit">Whether drafts and reviews are for whoever asks.</param>
    public static async Task<(string Name, string Source)> TextAsync(string playbook, string word, string? file, NodeReader store, bool mayEdit, CancellationToken cancellation)
    {
        switch (word)
        {
            case Current:
                return (await store.Versions.CurrentAsync()).FirstOrDefault(text => text.Playbook == playbook) is { } current
                    ? ($"{current.Version} (current)", current.Source)
                    : throw new NotFoundException("current version of", playbook, $"It is not published: its file in the folder is what runs. Publish it: soar publish {playbook}");
            case InFolder:
                return file is not null ? (InFolder, await File.ReadAllTextAsync(file, cancellation)) : throw new NotFoundException("file of the playbook", playbook, "The folder has none of this name.");
            case Draft when mayEdit:
                return await store.Drafts.FindAsync(playbook) is { Source: { } draft } stands ? ($"draft {stands.Version}", draft) : throw new NotFoundException("draft of the playbook", playbook, "Nobody is changing it.");
            case var id when mayEdit && Guid.TryParse(id, out var review) && await store.Reviews.FindAsync(review) is { } submitted && submitted.Playbook == playbook:
                return ($"{submitted.Version} (submitted)", submitted.Source);
            default:
                return await store.Versions.FindAsync(playbook, word) is { } text ? (text.Version, text.Source) : throw new NotFoundException("published version", $"{playbook}@{word}", $"'soar versions {playbook}' lists them; 'current' and 'file' are others that can be compared.");
        }
    }
}
