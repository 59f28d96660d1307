namespace Soar.Connectors.Mime;

/// <summary>Collects defects up to the limit; the last entry says when more were left out.</summary>
internal sealed class DefectList(int limit)
{
    private readonly List<MimeDefect> defects = [];

    public IReadOnlyList<MimeDefect> All => defects;

    /// <summary>The part being read.</summary>
    public string Path { get; set; } = "";

    public void Add(MimeDefectCode code, string detail)
    {
        if (defects.Count < limit)
            defects.Add(new MimeDefect(code, Path, detail));
        else if (defects.Count == limit)
            defects.Add(new MimeDefect(MimeDefectCode.TooManyDefects, "", $"more than {limit} defects; the rest is not listed"));
    }
}
