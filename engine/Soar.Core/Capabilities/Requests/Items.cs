namespace Soar.Capabilities;

/// <summary>Collects what a request lacks, item by item, so that one refusal names all of it.</summary>
internal sealed class Items
{
    private readonly List<string> problems = [];

    public IReadOnlyList<string> Problems => problems;

    public void Text(string name, string? value, string what) => Need(name, !string.IsNullOrWhiteSpace(value), $"is missing: {what}");

    public void Artifacts(string name, IReadOnlyList<Artifact>? files)
    {
        if (!Need(name, files is not null, "is missing: an empty list says that there are none"))
            return;
        for (var i = 0; i < files!.Count; i++)
            Need($"{name}[{i}]", files[i] is { Sha256.Length: 64 }, "is no artifact");
    }

    /// <summary>A time in UTC that somebody gave; local times and forgotten ones name no subscriber.</summary>
    public void Utc(string name, DateTimeOffset value)
    {
        if (Need(name, value.Year > 1970, "is missing: the time in UTC"))
            Need(name, value.Offset == TimeSpan.Zero, $"must be in UTC; it is {value:yyyy-MM-dd HH:mm:sszzz}");
    }

    public bool Need(string name, bool met, string otherwise)
    {
        if (!met)
            problems.Add($"{name} {otherwise}");
        return met;
    }
}
